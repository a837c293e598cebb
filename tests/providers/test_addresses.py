"""An address in every form that people write it: it works, or one sentence names where it was written."""

from __future__ import annotations

import pytest

from ralph.core.errors import ConfigFailure
from ralph.core.llm.request import Request
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._chat_dialect import CHAT_TAILS
from ralph.providers._endpoint import endpoint
from ralph.providers._loopback import is_loopback
from ralph.providers._ollama_adapter import TAILS
from ralph.providers.ollama import BASE_URL
from ralph.registry import load
from tests.providers.conftest import Opener
from tests.providers.test_network import EACH, HELLO, sent
from tests.providers.wires import Wire, collect
from tests.wires.script import Reply
from tests.wires.server import Server

OLLAMA_HOSTS = [
    ("127.0.0.1", "http://127.0.0.1:11434"),
    (":9000", "http://127.0.0.1:9000"),
    ("::1", "http://[::1]:11434"),
    ("::1:9000", "http://[::1]:9000"),
    ("::", "http://[::1]:11434"),
    ("[::]:9000", "http://[::1]:9000"),
    ("fe80::7", "http://[fe80::7]:11434"),
    ("http://fe80::7:11434x", None),
    ("HTTP://GPU-7:9000//", "http://gpu-7:9000"),
    ("http://gpu-7:9000/api/chat", "http://gpu-7:9000"),
    ("http://gpu-7:9000/v1/chat/completions", "http://gpu-7:9000"),
    ("http://gpu-7:9000/behind/a/path/", "http://gpu-7:9000/behind/a/path"),
    ("0", "http://127.0.0.1:11434"),
    ("ollama.example", "http://ollama.example:11434"),
    ("'gpu-7'", "http://gpu-7:11434"),
    ("unix:///run/ollama.sock", None),
]
CHAT_URLS = [
    ("http://gpu-7:8000/v1", "http://gpu-7:8000/v1"),
    ("http://gpu-7:8000", "http://gpu-7:8000/v1"),
    ("gpu-7:8000", "http://gpu-7:8000/v1"),
    ("gpu-7.local:8000/v1/", "http://gpu-7.local:8000/v1"),
    ("192.168.1.7:8000", "http://192.168.1.7:8000/v1"),
    ("llm.vendor.example", "https://llm.vendor.example"),
    ("https://models.vendor.example/inference", "https://models.vendor.example/inference"),
    ("https://llm.vendor.example/v1/chat/completions", "https://llm.vendor.example/v1"),
    ("https://llm.vendor.example/v1/responses/", "https://llm.vendor.example/v1"),
    ("https://llm.vendor.example/v1/models", "https://llm.vendor.example/v1"),
    ("https://llm.vendor.example/models", "https://llm.vendor.example/models"),
    ("https://llm.vendor.example//v1///", "https://llm.vendor.example/v1"),
    ("  https://llm.vendor.example/v1\r\n", "https://llm.vendor.example/v1"),
    ("\ufeffhttps://llm.vendor.example/v1", "https://llm.vendor.example/v1"),
    ('"https://llm.vendor.example/v1"', "https://llm.vendor.example/v1"),
    ("https://llm.vendor.example/v1#part", "https://llm.vendor.example/v1"),
    ("https://bücher.example/v1", "https://xn--bcher-kva.example/v1"),
    ("https://llm.vendor.example/ein weg/v1", None),
    ("https://llm.vendor.example/ä/v1", "https://llm.vendor.example/%C3%A4/v1"),
    ("http://gpu 7:8000/v1", None),
    ("http://gpu-7:0/v1", None),
    ("http://gpu-7:99999/v1", None),
    ("http://gpu-7:port/v1", None),
    ("http://gpu-7:8000:9000/v1", None),
    ("ftp://gpu-7/v1", None),
    ("http:/gpu-7:8000/v1", None),
    ("http//gpu-7:8000/v1", None),
    ("http://", None),
    ("http:///v1", None),
    ("http://[::1/v1", None),
    ("http://a..b/v1", None),
    ("https://" + "a" * 64 + ".example/v1", None),
    ("https://\ud800.example/v1", None),
    ("http://user:hunter2@gpu-7:99999/v1", None),
]


@pytest.mark.parametrize(
    ("kind", "text", "url"),
    [*(("ollama", *row) for row in OLLAMA_HOSTS), *(("openai_compatible", *row) for row in CHAT_URLS)],
    ids=lambda value: ascii(value)[:60],
)
def test_an_address_as_people_write_it(kind: str, text: str, url: str | None) -> None:
    settings = ProviderSettings("mine", kind, base_url=text, url_from="OLLAMA_HOST")
    default, tails, port = (BASE_URL, TAILS, 11434) if kind == "ollama" else ("", CHAT_TAILS, None)
    if url is not None:
        assert endpoint(settings, default, tails, bare_port=port).url == url
        return
    with pytest.raises(ConfigFailure) as caught:
        endpoint(settings, default, tails, bare_port=port)
    assert caught.value.message.startswith("OLLAMA_HOST:")
    assert "\n" not in caught.value.message
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("kind", ["anthropic", "openai", "groq", "huggingface", "ollama", "openai_compatible"])
def test_every_kind_says_where_a_wrong_one_was_written(kind: str) -> None:
    with pytest.raises(ConfigFailure, match=r"^SOME_URL: 'ftp://gpu-7' is not a server address"):
        load("providers", kind).open(ProviderSettings("mine", kind, base_url="ftp://gpu-7", url_from="SOME_URL"))


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.1:8000", True), ("localhost", True), ("http://[::ffff:127.0.0.1]/", True), ("0.0.0.0:1", True),
        ("http://app.localhost/v1", True), ("http://127.0.0.1.vendor.example", False), ("http://[::1", False),
        ("", False), ("http://user@127.0.0.1/", True), ("http://127.0.0.1@vendor.example/", False),
    ],
)  # fmt: skip
def test_what_is_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) is here


@EACH
async def test_a_query_goes_with_every_request(server: Server, connect: Opener, wire: Wire) -> None:
    url = f"{server.url}{wire.root}/?api-version=2026-01-01&x=a%20b"
    server.will(Reply(body="{}", status=500, times=None, when={"path": "?api-version=2026-01-01"}))
    await collect(connect(wire, base_url=url), HELLO)
    last = server.requests[-1].path
    assert last.startswith(f"{sent(wire)}?api-version=2026-01-01&x=a")


@EACH
async def test_a_user_in_the_address_is_told_to_the_server_and_nobody_else(
    server: Server, connect: Opener, wire: Wire
) -> None:
    server.will(Reply(text="ok"))
    url = f"http://me:hunter2@127.0.0.1:{server.port}{wire.root}"
    got = await collect(connect(wire, base_url=url), HELLO)
    assert got.text == "ok"
    assert {r.headers["authorization"] for r in server.requests} == {"Basic bWU6aHVudGVyMg=="}
    server.will(Reply(status=500, body="no"))
    got = await collect(connect(wire, base_url=url), HELLO)
    assert got.failure is not None
    assert "hunter2" not in got.failure.message


@EACH
@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
async def test_with_v1_or_without(server: Server, connect: Opener, wire: Wire, end: str) -> None:
    server.will(Reply(text="ok"))
    got = await collect(connect(wire, base_url=server.url + end), Request("model-1", HELLO.messages))
    assert got.text == "ok"
    assert server.asked[0].path == sent(wire)
