"""httpx as the way to the network: one client, opened late, its exceptions translated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from ralph.core.log.codec import dumps
from ralph.providers._endpoint import Endpoint
from ralph.providers._failures import build_lost_connection, build_malformed_answer, build_refusal, silent
from ralph.providers._late_client import LateClient
from ralph.providers._lists import ASK_S, document
from ralph.providers._stream import Reply
from ralph.providers._unreached import build_proxy_refusal, idle, unreachable, unsendable

if TYPE_CHECKING:
    import httpx


class HttpTransport:
    """One provider's HTTP client. `headers` go with every request."""

    def __init__(self, endpoint: Endpoint, headers: Mapping[str, str] | None = None) -> None:
        self.who = endpoint.who
        self._endpoint = endpoint
        self._settings = endpoint.settings
        self._headers = endpoint.merge_headers(headers or {})
        self._late = LateClient(self.who, ("httpx",), self._open)

    async def client(self) -> httpx.AsyncClient:
        """The client; the first who asks imports httpx and makes it. Raises `Failure`."""
        made: httpx.AsyncClient = await self._late.get()
        return made

    @asynccontextmanager
    async def post(self, path: str, body: Mapping[str, Any], method: str = "POST") -> AsyncIterator[Reply]:
        """Send a request for a streamed answer. Raises `ProviderFailure` for anything but status 200."""
        client = await self.client()
        headers = {"content-type": "application/json"}
        content = dumps(body).encode()
        with self._translate_errors():
            request = client.build_request(method, self._endpoint.url + path, content=content, headers=headers)
            response = await client.send(request, stream=True)
        try:
            if not response.is_success:
                with self._translate_errors():
                    data = await response.aread()
                raise build_refusal(
                    self.who, response.status_code, response.headers, data, model=str(body.get("model", ""))
                )
            async with aclosing(self._chunks(response)) as chunks:
                yield Reply(response.headers, chunks)
        finally:
            await response.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        root: bool = False,
    ) -> Any:
        """A small question with one JSON document as its answer. With `root` the path stands beside `/v1`."""
        client = await self.client()
        base = self._endpoint.url.removesuffix("/v1") if root else self._endpoint.url
        content = dumps(body).encode() if body is not None else None
        longest = min(ASK_S, self._settings.first_token_s)
        try:
            async with asyncio.timeout(longest):
                with self._translate_errors():
                    response = await client.request(method, base + path, content=content, params=query)
        except TimeoutError:
            raise idle(self.who, longest) from None
        if not response.is_success:
            raise build_refusal(self.who, response.status_code, response.headers, response.content)
        return document(self.who, response.content)

    async def aclose(self) -> None:
        client = await self._late.take()
        if client is not None:
            await client.aclose()

    def _open(self, library: Any) -> httpx.AsyncClient:
        made: httpx.AsyncClient = library.AsyncClient(headers=self._headers, **self._endpoint.client_options(library))
        return made

    async def _chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        with self._translate_errors():
            async with aclosing(response.aiter_bytes()) as chunks:  # type: ignore[type-var]
                async for data in chunks:
                    yield data

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """The border: no httpx exception gets past it."""
        import httpx

        try:
            yield
        except httpx.ConnectTimeout:
            raise unreachable(self.who, "", timeout_s=self._settings.connect_s) from None
        except httpx.ProxyError as error:
            raise build_proxy_refusal(self.who, str(error)) from None
        except httpx.ConnectError as error:
            raise unreachable(self.who, str(error)) from None
        except httpx.TimeoutException:
            raise silent(self.who, self._settings.idle_s, begun=True) from None
        except httpx.DecodingError:
            raise build_malformed_answer(self.who, "a body that cannot be decompressed") from None
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise unsendable(self.who, str(error)) from None
        except httpx.HTTPError as error:
            raise build_lost_connection(self.who, str(error)) from None
