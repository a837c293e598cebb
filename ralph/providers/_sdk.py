"""The vendors' own clients as the way to the network: made late, in a thread, their exceptions translated.

Both SDKs come from one generator and name their exceptions alike. Of a streamed answer the body's bytes are read
instead of the SDK's events: one piece a network read instead of a token, a tenth of the CPU, and the vendor's JSON as
it was sent, which is what goes back byte-identical.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from types import ModuleType
from typing import Any

from ralph.core.codec import dumps
from ralph.core.provider import ProviderSettings
from ralph.providers._failures import Party, garbled, lost, refused, silent, unopened, unreachable
from ralph.providers._stream import Reply

Json = dict[str, Any]
Create = Callable[[Any, Json], Awaitable[Any]]


class SdkDoor:
    """One SDK client. `load` imports the SDK; `make` builds its client with the timeout that it is given."""

    def __init__(
        self,
        settings: ProviderSettings,
        who: Party,
        load: Callable[[], ModuleType],
        make: Callable[[ModuleType, Any], Any],
    ) -> None:
        self.who = who
        self._settings = settings
        self._load = load
        self._make = make
        self._client: Any = None
        self._opening = asyncio.Lock()

    async def client(self) -> Any:
        """The client; the first who asks imports the SDK (0.3 to 0.9 s) in a thread, so that the loop goes on."""
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
    async def post(self, create: Create, body: Json) -> AsyncIterator[Reply]:
        """Send a request for a streamed answer. Raises `ProviderFailure` for anything but success."""
        client = await self.client()
        with self._translated():
            try:
                stream = await create(client, body)
            except UnicodeEncodeError:  # half a surrogate pair, as a shell's bad bytes leave it; nothing was sent yet
                stream = await create(client, json.loads(dumps(body)))
        response = stream.response
        try:
            async with aclosing(self._chunks(response)) as chunks:
                yield Reply(response.headers, chunks)
        finally:
            await stream.close()

    async def ask(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        """A small question to the SDK, with its own answer."""
        client = await self.client()
        with self._translated():
            return await ask(client)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _open(self) -> Any:
        sdk = self._load()
        with suppress(ImportError):  # httpx2 imports it at its first connection, on the loop, for 15 ms
            import anyio._backends._asyncio  # noqa: F401
        import httpx2

        settings = self._settings
        longest = max(settings.first_token_s, settings.idle_s) + 5  # a backstop: our own clocks fire first
        return self._make(sdk, httpx2.Timeout(longest, connect=settings.connect_s, pool=None))

    async def _chunks(self, response: Any) -> AsyncGenerator[bytes, None]:
        with self._translated():
            async with aclosing(response.aiter_bytes()) as chunks:
                async for data in chunks:
                    yield data

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The border: no exception of the SDK, nor of the httpx2 below it, gets past it."""
        import httpx2

        sdk: Any = self._load()
        try:
            yield
        except sdk.APIStatusError as error:
            response = error.response
            raise refused(self.who, response.status_code, response.headers, response.content) from None
        except sdk.APIConnectionError as error:
            raise self._broken(error.__cause__ or error) from None
        except sdk.APIResponseValidationError:
            raise garbled(self.who, "something that is no answer") from None
        except httpx2.HTTPError as error:  # raw while a body is read
            raise self._broken(error) from None

    def _broken(self, error: BaseException) -> Exception:
        import httpx2

        if isinstance(error, httpx2.ConnectTimeout):
            return unreachable(self.who, "", timeout_s=self._settings.connect_s)
        if isinstance(error, httpx2.ConnectError | httpx2.ProxyError | httpx2.UnsupportedProtocol):
            return unreachable(self.who, str(error))
        if isinstance(error, httpx2.TimeoutException):
            return silent(self.who, self._settings.idle_s, begun=True)
        if isinstance(error, httpx2.DecodingError):
            return garbled(self.who, "a body that cannot be decompressed")
        return lost(self.who, str(error))
