"""The network's variables: which way a request takes, on every wire alike, and a sentence where it can take none."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ralph.core.errors import ConfigFailure, Kind
from ralph.core.llm.messages import user
from ralph.core.llm.request import Request
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._endpoint import Endpoint, endpoint
from tests.providers.conftest import Opener
from tests.providers.wires import COMPATIBLE, OLLAMA, VENDORS, Wire, collect
from tests.wires import proxies
from tests.wires.proxies import Proxy, SocksProxy
from tests.wires.script import Reply
from tests.wires.server import Server

HELLO = Request("model-1", (user("hello"),))
EACH = pytest.mark.parametrize("wire", [*VENDORS, COMPATIBLE, OLLAMA], ids=lambda w: w.name)
CERTIFICATE = Path(proxies.__file__).with_name("self_signed.pem")

P, Q = "http://proxy.example:3128", "http://other.example:3128"
HTTPS, HTTP = "https://api.vendor.example/v1", "http://gpu.vendor.example:8000/v1"
# The variables, the address, and the proxy that its requests take; None is no proxy, a bare name a refused variable.
WAYS: list[tuple[dict[str, str], str, str | None]] = [
    ({}, HTTPS, None),
    ({"HTTPS_PROXY": P}, HTTPS, P),
    ({"https_proxy": P}, HTTPS, P),
    ({"https_proxy": P, "HTTPS_PROXY": Q}, HTTPS, P),
    ({"https_proxy": " ", "HTTPS_PROXY": Q}, HTTPS, Q),
    ({"HTTP_PROXY": P}, HTTPS, None),
    ({"HTTP_PROXY": P}, HTTP, P),
    ({"http_proxy": P}, HTTP, P),
    ({"HTTPS_PROXY": P}, HTTP, None),
    ({"ALL_PROXY": P}, HTTP, P),
    ({"all_proxy": P}, HTTPS, P),
    ({"ALL_PROXY": Q, "HTTPS_PROXY": P}, HTTPS, P),
    ({"HTTPS_PROXY": ""}, HTTPS, None),
    # the forms of one proxy
    ({"HTTPS_PROXY": "proxy.example:3128"}, HTTPS, P),
    ({"HTTPS_PROXY": "//proxy.example:3128"}, HTTPS, P),
    ({"HTTPS_PROXY": f"  {P}/  "}, HTTPS, P),
    ({"HTTPS_PROXY": f'"{P}"'}, HTTPS, P),
    ({"HTTPS_PROXY": "HTTP://Proxy.Example:3128"}, HTTPS, P),
    ({"HTTPS_PROXY": f"{P}/a/path?x=1#y"}, HTTPS, P),
    ({"HTTPS_PROXY": "http://proxy.example"}, HTTPS, "http://proxy.example:80"),
    ({"HTTPS_PROXY": "https://proxy.example"}, HTTPS, "https://proxy.example:443"),
    ({"HTTPS_PROXY": "http://me:p@ss#w/rd@proxy.example:3128"}, HTTPS, P),
    ({"HTTPS_PROXY": "http://[fd00::7]:3128"}, HTTPS, "http://[fd00::7]:3128"),
    ({"HTTPS_PROXY": "fd00::7"}, HTTPS, "http://[fd00::7]:80"),
    ({"ALL_PROXY": "socks5://proxy.example"}, HTTPS, "socks5://proxy.example:1080"),
    ({"ALL_PROXY": "socks5h://proxy.example:9"}, HTTPS, "socks5h://proxy.example:9"),
    ({"ALL_PROXY": "socks://proxy.example:9"}, HTTPS, "socks5://proxy.example:9"),
    # those that are none, where one is needed
    ({"HTTPS_PROXY": "http://"}, HTTPS, "HTTPS_PROXY"),
    ({"HTTPS_PROXY": "http:/proxy.example:3128"}, HTTPS, "HTTPS_PROXY"),
    ({"https_proxy": "http://proxy.example:99999"}, HTTPS, "https_proxy"),
    ({"HTTPS_PROXY": "http://proxy.example:port"}, HTTPS, "HTTPS_PROXY"),
    ({"HTTPS_PROXY": "ftp://proxy.example"}, HTTPS, "HTTPS_PROXY"),
    ({"ALL_PROXY": "socks4://proxy.example"}, HTTPS, "ALL_PROXY"),
    ({"HTTPS_PROXY": "the proxy of my company"}, HTTPS, "HTTPS_PROXY"),
    ({"HTTPS_PROXY": "http://[::1"}, HTTPS, "HTTPS_PROXY"),
    # and where none is
    ({"HTTPS_PROXY": "the proxy of my company"}, HTTP, None),
    ({"HTTP_PROXY": "\x00", "HTTPS_PROXY": P}, HTTPS, P),
    ({"HTTPS_PROXY": "nonsense://", "NO_PROXY": "vendor.example"}, HTTPS, None),
    ({"HTTPS_PROXY": "nonsense://", "ALL_PROXY": "[", "NO_PROXY": "[:]"}, "https://127.0.0.1:1/v1", None),
    # whom NO_PROXY names
    ({"HTTPS_PROXY": P, "NO_PROXY": "*"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "no_proxy": "api.vendor.example"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "vendor.example"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "NO_PROXY": ".vendor.example"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "*.vendor.example"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "NO_PROXY": " localhost , API.Vendor.Example ,"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "localhost api.vendor.example"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "https://api.vendor.example"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "api.vendor.example:443"}, HTTPS, None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "api.vendor.example:8443"}, HTTPS, P),
    ({"HTTPS_PROXY": P, "NO_PROXY": "endor.example"}, HTTPS, P),
    ({"HTTPS_PROXY": P, "NO_PROXY": "other.example,,  ,"}, HTTPS, P),
    ({"HTTPS_PROXY": P, "NO_PROXY": "10.0.0.0/8"}, "https://10.1.2.3/v1", None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "10.0.0.0/8"}, "https://11.1.2.3/v1", P),
    ({"HTTPS_PROXY": P, "NO_PROXY": "10.1.2.3"}, "https://10.1.2.3/v1", None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "10.1.*"}, "https://10.1.2.3/v1", None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "fd07:b51a:cc66:f0::/64"}, "https://[fd07:b51a:cc66:f0::9]/v1", None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "[fd07:b51a::]/32"}, "https://[fd07:b51a::9]:1/v1", None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "fd07::9"}, "https://[fd07:0::9]/v1", None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "[fd07::9]:443"}, "https://[fd07::9]/v1", None),
    ({"HTTPS_PROXY": P, "NO_PROXY": "::1,[::1],fd07::/64,[,]:9,a:b:c,/,10.0.0.0/99,\ufeff"}, HTTPS, P),
    ({"HTTPS_PROXY": P, "NO_PROXY": "<local>"}, "https://gpu-7/v1", None),
    # this machine, whatever the variables say
    ({"ALL_PROXY": P}, "http://127.0.0.1:8000/v1", None),
    ({"ALL_PROXY": P}, "http://127.8.9.10/v1", None),
    ({"ALL_PROXY": P, "NO_PROXY": "elsewhere"}, "http://localhost:8000/v1", None),
    ({"ALL_PROXY": P}, "http://LOCALHOST./v1", None),
    ({"ALL_PROXY": P}, "https://[::1]:8000/v1", None),
    ({"ALL_PROXY": P}, "http://0.0.0.0:8000/v1", None),
    ({"ALL_PROXY": P}, "http://127.0.0.1.vendor.example/v1", P),
]  # fmt: skip


def at(url: str, environ: dict[str, str]) -> Endpoint:
    return endpoint(ProviderSettings("mine", "openai_compatible", base_url=url, environ=environ), "")


@pytest.mark.parametrize(("environ", "url", "way"), WAYS, ids=lambda value: ascii(value)[:60])
def test_the_way_of_a_request(environ: dict[str, str], url: str, way: str | None) -> None:
    if way is not None and "://" not in way:
        with pytest.raises(ConfigFailure) as caught:
            at(url, environ)
        assert caught.value.message.startswith(f"{way} ")
        assert environ[way] not in caught.value.message.partition("; write for example")[0]
        return
    proxy = at(url, environ).proxy
    assert (proxy.url if proxy else None) == way


def test_user_and_password_of_a_proxy() -> None:
    proxy = at(HTTPS, {"HTTPS_PROXY": "http://me:p%40ss#w/rd@proxy.example:3128"}).proxy
    assert proxy is not None
    assert proxy.login == ("me", "p@ss#w/rd")
    assert "p@ss" not in repr(proxy) + proxy.label


def test_a_socks_proxy_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigFailure, match=r"ALL_PROXY names a SOCKS proxy.*pip install socksio"):
        at(HTTPS, {"ALL_PROXY": "socks5://proxy.example"})


def both(monkeypatch: pytest.MonkeyPatch, **environ: str) -> dict[str, str]:
    """As ralph is given its environment, and as a client library would find it by itself."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        for spelt in (name, name.lower()):
            monkeypatch.delenv(spelt, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return environ


def sent(wire: Wire) -> str:
    return {"anthropic": "/v1/messages", "responses": "/v1/responses", "ollama": "/api/chat"}.get(
        wire.name.removesuffix("_http"), "/v1/chat/completions"
    )


@EACH
async def test_every_wire_goes_through_the_proxy(
    server: Server, connect: Opener, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.will(Reply(text="by way of a proxy"))
    async with Proxy(server.port) as proxy:
        environ = both(monkeypatch, HTTP_PROXY=f" user:secret@{proxy.place}/ ", NO_PROXY="[::1],fd07::/64")
        got = await collect(connect(wire, base_url=f"http://models.invalid:81{wire.root}", environ=environ), HELLO)
        assert got.text == "by way of a proxy"
        assert proxy.asked
        assert all(one.startswith("POST http://models.invalid:81/") for one in proxy.asked)
        assert all("proxy-authorization: basic dxnlcjpzzwnyzxq=" in head.lower() for head in proxy.heads)


@EACH
async def test_every_wire_goes_through_a_socks_proxy(
    server: Server, connect: Opener, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.will(Reply(text="by socks"))
    async with SocksProxy(server.port) as proxy:
        environ = both(monkeypatch, ALL_PROXY=f"socks5h://{proxy.place}")
        got = await collect(connect(wire, base_url=f"http://models.invalid:81{wire.root}", environ=environ), HELLO)
    assert got.text == "by socks"
    assert set(proxy.asked) == {"SOCKS models.invalid:81"}


@EACH
@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"},
        {"HTTP_PROXY": "a proxy of some kind", "NO_PROXY": "localhost,127.0.0.1,::1,[::1]"},
        {"ALL_PROXY": "nonsense://", "NO_PROXY": "fd07:b51a:cc66:f0::/64"},
    ],
    ids=["a proxy", "garbage and brackets", "garbage and a network"],
)
async def test_this_machine_needs_no_proxy(
    server: Server, connect: Opener, wire: Wire, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    server.will(Reply(text="here"))
    got = await collect(connect(wire, environ=both(monkeypatch, **environ)), HELLO)
    assert got.text == "here"


REFUSALS = [
    (b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", Kind.CONFIG, "wants a user"),
    (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\nnope", Kind.NETWORK, "502"),
    (b"HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>", Kind.NETWORK, "403"),
]


@EACH
@pytest.mark.parametrize(("answer", "kind", "says"), REFUSALS, ids=["407", "502", "a page"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_refuses(
    connect: Opener, wire: Wire, answer: bytes, kind: Kind, says: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"{scheme.upper()}_PROXY"
    async with Proxy(answer=answer) as proxy:
        environ = both(monkeypatch, **{variable: f"http://user:hunter2@{proxy.place}"})
        provider = connect(wire, base_url=f"{scheme}://models.invalid{wire.root}", environ=environ)
        got = await collect(provider, HELLO)
    assert proxy.asked[0].startswith("CONNECT models.invalid:443" if scheme == "https" else "POST http://models.inv")
    assert got.failure is not None
    assert got.failure.rejected
    assert says in got.failure.message
    assert f"the proxy {proxy.place} ({variable})" in got.failure.message
    assert "hunter2" not in got.failure.message
    if scheme == "https":
        assert got.failure.kind is kind


@EACH
async def test_a_proxy_that_is_down(connect: Opener, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Proxy() as proxy:
        place = proxy.place
    environ = both(monkeypatch, all_proxy=f"http://user:hunter2@{place}")
    got = await collect(connect(wire, base_url=f"https://models.invalid{wire.root}", environ=environ), HELLO)
    assert got.failure is not None
    assert got.failure.kind is Kind.NETWORK
    assert f"cannot be reached through the proxy {place} (all_proxy)" in got.failure.message
    assert "hunter2" not in got.failure.message


@EACH
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("content", [None, "", "no certificate\n"], ids=["gone", "empty", "garbage"])
async def test_certificates_that_are_none(
    server: Server, connect: Opener, wire: Wire, tmp_path: Path, variable: str, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    environ = {variable: str(file)}
    got = await collect(connect(wire, base_url=f"https://127.0.0.1:9{wire.root}", environ=environ), HELLO)
    assert got.failure is not None
    assert (got.failure.kind, got.failure.rejected) == (Kind.CONFIG, True)
    assert got.failure.message.startswith(f"{variable}: {file} ")
    server.will(Reply(text="no need of any"))
    assert (await collect(connect(wire, environ=environ), HELLO)).text == "no need of any"


@asynccontextmanager
async def secured(server: Server) -> AsyncIterator[int]:
    """The server behind a certificate that nobody signed; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    relay = Proxy(server.port)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await relay.pass_on(reader, writer, b"")
        writer.close()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


@EACH
async def test_a_certificate_that_nobody_signed(server: Server, connect: Opener, wire: Wire) -> None:
    server.will(Reply(text="trusted"))
    async with secured(server) as port:
        url = f"https://localhost:{port}{wire.root}"
        got = await collect(connect(wire, base_url=url), HELLO)
        assert got.failure is not None
        assert (got.failure.rejected, got.failure.lasting) == (True, True)
        assert "certificate that cannot be verified (self-signed certificate)" in got.failure.message
        assert "SSL_CERT_FILE" in got.failure.message
        got = await collect(connect(wire, base_url=url, environ={"SSL_CERT_FILE": str(CERTIFICATE)}), HELLO)
        assert got.text == "trusted"


@EACH
async def test_https_where_http_is_spoken(connect: Opener, wire: Wire) -> None:
    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        got = await collect(connect(wire, base_url=f"https://127.0.0.1:{port}{wire.root}"), HELLO)
    assert got.failure is not None
    assert got.failure.lasting
    assert "does not speak https" in got.failure.message


@EACH
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(server: Server, connect: Opener, wire: Wire, status: int) -> None:
    """A key and a conversation go to the host that was named."""
    async with Server() as other:
        there = f"{other.url}{sent(wire)}"
        server.will(Reply(status=status, headers={"location": f"{there}?token=abc"}, body="moved"))
        got = await collect(connect(wire, url_from="SOME_VARIABLE"), HELLO)
        assert other.requests == []
    assert got.failure is not None
    assert got.failure.kind is Kind.CONFIG
    assert got.failure.message.endswith(f"the address has moved to {there}; set SOME_VARIABLE to it")
