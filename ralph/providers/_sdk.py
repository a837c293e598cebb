"""The vendors' own clients as the way to the network: made late, in a thread, their exceptions translated.

Both SDKs come from one generator and name their exceptions alike. Of a streamed answer the body's bytes are read
instead of the SDK's events: one piece a network read instead of a token, a tenth of the CPU, and the vendor's JSON as
it was sent, which is what goes back byte-identical.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from types import ModuleType
from typing import Any, NamedTuple

from ralph.core.errors import ProviderFailure
from ralph.core.log.codec import dumps
from ralph.providers._endpoint import Endpoint
from ralph.providers._failures import build_lost_connection, build_malformed_answer, build_refusal, silent
from ralph.providers._late_client import LateClient
from ralph.providers._lists import ASK_S, document
from ralph.providers._stream import Reply
from ralph.providers._unreached import build_proxy_refusal, idle, unreachable, unsendable

# httpx before any request of an SDK: openai takes one that another thread is importing for a whole one.
LIBRARIES = ("httpx2", "httpx")

Json = dict[str, Any]
Create = Callable[[Any, Json], Awaitable[Any]]


class VendorSdk(NamedTuple):
    """An SDK: `make` builds the client of `module` from the options that it is given, and `create` asks it for the
    streamed answer of a path that ends so.
    """

    module: str
    make: Callable[[ModuleType, Json], Any]
    create: Mapping[str, Create]


class SdkTransport:
    """One SDK client. `headers` go with every request."""

    def __init__(self, endpoint: Endpoint, sdk: VendorSdk, headers: Mapping[str, str]) -> None:
        self.who = endpoint.who
        self._endpoint = endpoint
        self._settings = endpoint.settings
        self._sdk = sdk
        self._headers = headers
        self._late = LateClient(self.who, (*LIBRARIES, sdk.module), self._open)

    async def client(self) -> Any:
        """The client; the first who asks imports the SDK and makes it. Raises `Failure`."""
        return await self._late.get()

    @asynccontextmanager
    async def post(self, path: str, body: Json) -> AsyncIterator[Reply]:
        """Send a request for a streamed answer. Raises `ProviderFailure` for anything but success."""
        client = await self.client()
        create = next(create for tail, create in self._sdk.create.items() if path.endswith(tail))
        with self._translate_errors(str(body.get("model", ""))):
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

    async def ask(self, path: str, query: Json | None = None) -> Any:
        """A small question with one JSON document as its answer.

        Not through the SDK's own types, which end in exceptions of their own where a server answers something else.
        """
        client = await self.client()
        import httpx2

        longest = min(ASK_S, self._settings.first_token_s)
        try:
            async with asyncio.timeout(longest):
                with self._translate_errors():
                    response = await client.get(path, cast_to=httpx2.Response, options={"params": query or {}})
        except TimeoutError:
            raise idle(self.who, longest) from None
        return document(self.who, response.content)

    async def aclose(self) -> None:
        client = await self._late.take()
        if client is not None:
            await client.close()

    def _open(self, sdk: ModuleType) -> Any:
        import httpx2

        endpoint = self._endpoint
        # By the SDKs' own spelling of the headers, which these replace.
        headers = {name.title(): value for name, value in endpoint.merge_headers(self._headers).items()}
        # The SDKs refuse to work without a key, also where the server wants none.
        hooks = [] if "Authorization" in headers else [_leave_out_key]
        client = httpx2.AsyncClient(event_hooks={"request": hooks}, **endpoint.client_options(httpx2))
        options: Json = {
            "api_key": endpoint.settings.api_key or "none",
            "base_url": endpoint.url,
            "http_client": client,
            "max_retries": 0,
            "default_headers": headers,
        }
        return self._sdk.make(sdk, options)

    async def _chunks(self, response: Any) -> AsyncGenerator[bytes, None]:
        with self._translate_errors():
            async with aclosing(response.aiter_bytes()) as chunks:
                async for data in chunks:
                    yield data

    @contextmanager
    def _translate_errors(self, model: str = "") -> Iterator[None]:
        """The border: no exception of the SDK, nor of the httpx2 below it, gets past it."""
        import httpx2

        sdk: Any = sys.modules[self._sdk.module]
        try:
            yield
        except sdk.APIStatusError as error:
            response = error.response
            raise build_refusal(
                self.who, response.status_code, response.headers, response.content, model=model
            ) from None
        except sdk.APIConnectionError as error:
            raise self._translate(error.__cause__ or error) from None
        except sdk.APIResponseValidationError:
            raise build_malformed_answer(self.who, "something that is not an answer") from None
        except httpx2.HTTPError as error:  # raw while a body is read
            raise self._translate(error) from None

    def _translate(self, error: BaseException) -> ProviderFailure:
        import httpx2

        who, why = self.who, str(error)
        match error:
            case httpx2.ConnectTimeout():
                made = unreachable(who, "", timeout_s=self._settings.connect_s)
            case httpx2.ProxyError():
                made = build_proxy_refusal(who, why)
            case httpx2.ConnectError():
                made = unreachable(who, why)
            case httpx2.UnsupportedProtocol() | httpx2.LocalProtocolError():
                made = unsendable(who, why)
            case httpx2.TimeoutException():
                made = silent(who, self._settings.idle_s, begun=True)
            case httpx2.DecodingError():
                made = build_malformed_answer(who, "a body that cannot be decompressed")
            case _:
                made = build_lost_connection(who, why)
        return made


async def _leave_out_key(request: Any) -> None:
    request.headers.pop("authorization", None)
