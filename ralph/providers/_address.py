"""Reads the address of a server from whatever a person writes for it."""

from __future__ import annotations

import re
from dataclasses import field
from typing import NoReturn
from urllib.parse import quote, unquote

from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure
from ralph.core.keys import bare_key
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._hosts import is_loopback_host, is_own_host, split_host

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_MISSPELT = re.compile(r"https?(?::/?|//)(?:[^/]|$)", re.IGNORECASE)
_EXAMPLE = "http://127.0.0.1:8080/v1"


@frozen
class Address(Data):
    """The address that requests go to. `url` has no user, no query and no trailing slash; `netloc` is host and port.

    `query` is added to every request as it was written. `login` is `user:password`, or empty. `local` means that the
    host is this machine.
    """

    url: str
    netloc: str
    host: str
    port: int | None = None
    query: str = ""
    login: str = field(default="", repr=False)
    local: bool = False

    @property
    def secure(self) -> bool:
        return self.url.startswith("https://")


def read_address(settings: ProviderSettings, default: str, tails: str = "", *, bare_port: int | None = None) -> Address:
    """Return the address in `settings.base_url`, or the default. Raises `ConfigFailure`, which names the setting.

    `tails` is a pattern of path endings that people paste along and that requests add themselves; they are cut off.
    An address without a scheme gets http for this machine and its network, and https for the internet. With
    `bare_port` it gets http and that port, as in Ollama's own client. A private server without a path gets the path
    of the default (`/v1`).
    """
    return _Written(settings, default, bare_port).read(tails)


class _Written:
    """The parts of an address as it was written."""

    def __init__(self, settings: ProviderSettings, default: str, bare_port: int | None) -> None:
        self._text = bare_key(settings.base_url) or default
        self._where = settings.url_from or f"providers.{settings.name}.base_url"
        self._default = default
        self._bare_port = bare_port

    def read(self, tails: str) -> Address:
        scheme, rest = self._scheme()
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        path, _, query = rest[len(authority) :].partition("#")[0].partition("?")
        login, _, place = authority.rpartition("@")
        if re.search(r"\s", path + query + login):
            self._fail("it contains white space")
        try:
            host, port = split_host(place)
        except ValueError as error:
            self._fail(str(error))
        if not host:
            if scheme or (not port and place):
                self._fail("it names no host")
            host = "127.0.0.1"
        if is_loopback_host(host) and host in ("0.0.0.0", "::", "0"):  # noqa: S104 - where a server listens
            host = "::1" if host == "::" else "127.0.0.1"
        if not scheme:
            own = is_own_host(host) or self._bare_port is not None
            scheme, port = ("http" if own else "https"), port or self._bare_port
        shown = f"[{host}]" if ":" in host else host
        netloc = f"{shown}:{port}" if port else shown
        return Address(
            url=f"{scheme}://{netloc}{self._path(path, host, tails)}",
            netloc=netloc,
            host=host,
            port=port or (443 if scheme == "https" else 80),
            query=query,
            login=unquote(login),
            local=is_loopback_host(host),
        )

    def _scheme(self) -> tuple[str, str]:
        """Return the scheme (empty if there is none) and the text after it."""
        found = _SCHEME.match(self._text)
        if found and found[1].lower() not in ("http", "https"):
            self._fail(f"{found[1].lower()} is not supported, only http and https")
        if found:
            return found[1].lower(), found[2]
        if _MISSPELT.match(self._text):
            self._fail("its scheme is misspelt")
        return "", self._text.removeprefix("//")

    def _path(self, path: str, host: str, tails: str) -> str:
        path = re.sub(r"/{2,}", "/", path).rstrip("/")
        path = re.sub(rf"(?:{tails})+$", "", path) if tails else path
        theirs = _SCHEME.match(self._default or _EXAMPLE)
        vendor, _, root = theirs[2].partition("/") if theirs else ("", "", "")
        if not path and root and (host == vendor or is_own_host(host)):
            path = f"/{root}" if host == vendor else "/v1"
        return quote(path, safe="/%:@!$&'()*+,;=~-._")

    def _fail(self, why: str) -> NoReturn:
        text = self._text
        shown = "" if "@" in text else f" '{text if len(text) < 100 else text[:99] + '…'}'"
        raise ConfigFailure(
            f"{self._where}:{shown} is not a server address: {why}; write for example {self._default or _EXAMPLE}"
        )
