"""Our own wires' way to the network: one httpx client, opened late, its exceptions translated."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ralph.core.codec import dumps
from ralph.core.errors import Kind, ProviderFailure
from ralph.core.provider import ProviderSettings
from ralph.providers._failures import Party, garbled, lost, refused, silent, unopened, unreachable
from ralph.providers._loopback import is_loopback
from ralph.providers._stream import Reply

if TYPE_CHECKING:
    import httpx


class Door:
    """One provider's HTTP client. `headers` go with every request."""

    def __init__(self, settings: ProviderSettings, who: Party, base_url: str, headers: Mapping[str, str]) -> None:
        self.who = who
        self.base_url = base_url.rstrip("/")
        self._settings = settings
        self._headers = dict(headers)
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def client(self) -> httpx.AsyncClient:
        """The client; it is imported and made by the first who asks, in a thread, since that takes 90 ms."""
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    try:
                        self._client = await asyncio.to_thread(self._open)
                    except Exception as error:
                        # border: imports and the environment's proxies fail in ways of their own
                        raise unopened(self.who, error) from error
        return self._client

    @asynccontextmanager
    async def post(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[Reply]:
        """Send a request for a streamed answer. Raises `ProviderFailure` for anything but status 200."""
        client = await self.client()
        headers = {"content-type": "application/json"}
        request = client.build_request("POST", self.base_url + path, content=dumps(body).encode(), headers=headers)
        with self._translated():
            response = await client.send(request, stream=True)
        try:
            if response.status_code != 200:
                with self._translated():
                    data = await response.aread()
                raise refused(self.who, response.status_code, response.headers, data)
            async with aclosing(self._chunks(response)) as chunks:
                yield Reply(response.headers, chunks)
        finally:
            await response.aclose()

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A small question with one JSON document as its answer."""
        client = await self.client()
        content = dumps(body).encode() if body is not None else None
        with self._translated():
            response = await client.request(method, self.base_url + path, content=content)
        if response.status_code != 200:
            raise refused(self.who, response.status_code, response.headers, response.content)
        try:
            return json.loads(response.content)
        except ValueError:
            raise garbled(self.who, "something that is no JSON") from None

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _open(self) -> httpx.AsyncClient:
        import ssl

        with suppress(ImportError):  # httpx imports it at its first connection, on the loop, for 15 ms
            import anyio._backends._asyncio  # noqa: F401
        import httpx
        import truststore

        settings = self._settings
        longest = max(settings.first_token_s, settings.idle_s) + 5  # a backstop: our own clocks fire first
        return httpx.AsyncClient(
            # The system's trust store, as the SDKs have it: a company's CA works in all providers or in none.
            verify=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            timeout=httpx.Timeout(longest, connect=settings.connect_s, pool=None),
            headers=self._headers,
            trust_env=not is_loopback(self.base_url),  # a proxy of the environment cannot reach this machine's servers
        )

    async def _chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        with self._translated():
            async with aclosing(response.aiter_bytes()) as chunks:  # type: ignore[type-var]
                async for data in chunks:
                    yield data

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The border: no httpx exception gets past it."""
        import httpx

        try:
            yield
        except httpx.ConnectTimeout:
            raise unreachable(self.who, "", timeout_s=self._settings.connect_s) from None
        except (httpx.ConnectError, httpx.ProxyError) as error:
            raise unreachable(self.who, str(error)) from None
        except httpx.TimeoutException:
            raise silent(self.who, self._settings.idle_s, begun=True) from None
        except httpx.DecodingError:
            raise garbled(self.who, "a body that cannot be decompressed") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise ProviderFailure(
                Kind.CONFIG, f"{self.who.name}: base_url {self.base_url!r} is no http address", rejected=True
            ) from None
        except httpx.HTTPError as error:
            raise lost(self.who, str(error)) from None
