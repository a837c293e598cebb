"""The two ways to an API that has an SDK: the SDK or httpx. The option `transport` chooses."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from ralph.core.errors import ConfigFailure
from ralph.core.libraries import is_loaded
from ralph.providers._endpoint import Endpoint
from ralph.providers._http import HttpTransport
from ralph.providers._sdk import Json, SdkTransport, VendorSdk
from ralph.providers._stream import Reply

TRANSPORTS = ("auto", "sdk", "http")


class VendorTransport:
    """Sends by the SDK or by httpx: the same bodies, `headers` and failures on both.

    `auto` takes the SDK only where something else has loaded it: its import takes up to 0.9 s, and what it sends is the
    same. The first request or `client()` chooses, and the choice stays, so that one pool of connections is used.
    """

    def __init__(self, endpoint: Endpoint, sdk: VendorSdk, headers: Mapping[str, str]) -> None:
        self.who = endpoint.who
        self._endpoint = endpoint
        self._sdk = sdk
        self._headers = headers
        self._wanted = _read_option(endpoint)
        self._chosen: SdkTransport | HttpTransport | None = None

    async def client(self) -> Any:
        """The client of the chosen way; the first who asks imports its library. Raises `Failure`."""
        return await self._choose().client()

    def post(self, path: str, body: Json) -> AbstractAsyncContextManager[Reply]:
        """Send a request for a streamed answer. Raises `ProviderFailure` for anything but success."""
        return self._choose().post(path, body)

    async def ask(self, path: str, query: Json | None = None) -> Any:
        """A small question with one JSON document as its answer. Raises `ProviderFailure`."""
        way = self._choose()
        return await (way.ask(path, query) if isinstance(way, SdkTransport) else way.ask("GET", path, query=query))

    async def aclose(self) -> None:
        if self._chosen is not None:
            await self._chosen.aclose()

    def _choose(self) -> SdkTransport | HttpTransport:
        if self._chosen is None:
            if self._wanted == "sdk" or (self._wanted == "auto" and is_loaded(self._sdk.module)):
                self._chosen = SdkTransport(self._endpoint, self._sdk, self._headers)
            else:
                self._chosen = HttpTransport(self._endpoint, self._headers)
        return self._chosen


def _read_option(endpoint: Endpoint) -> str:
    settings = endpoint.settings
    wanted = str(settings.options.get("transport") or "auto")
    if wanted not in TRANSPORTS:
        takes = ", ".join(TRANSPORTS)
        raise ConfigFailure(f"providers.{settings.name}.transport: found {wanted!r}, but it takes one of {takes}")
    return wanted
