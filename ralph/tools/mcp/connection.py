"""An open connection to one server, by the SDK. Imports the SDK; import it in a thread.

The SDK's client must be opened and closed in one task, so a connection has a task of its own. Its calls run in the
tasks of their callers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import mcp_types as types
from mcp.client import Client
from mcp.client.auth import OAuthFlowError
from mcp.client.session import ClientRequestContext
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

import ralph
from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.errors import Failure, Kind
from ralph.core.llm.tool import ToolFailure
from ralph.core.sanitise import one_line
from ralph.tools.mcp.listed import ListedPrompt, ListedResource, ListedTool, ServerLists

# Seconds to end a connection, after which its task is cancelled.
CLOSE_S = 4.5
MAX_PAGES = 100
MAX_SHOWN = 300

Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Answers an elicitation: from its parameters to `{"action": ..., "content": ...}`, as the protocol writes them."""


class CallClock:
    """The time of one call: it begins again with each report of progress, and stops while a person is asked."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._limit = asyncio.timeout(seconds)

    @property
    def limit(self) -> asyncio.Timeout:
        return self._limit

    def restart(self) -> None:
        if not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + self.seconds)

    def stop(self) -> None:
        if not self._limit.expired():
            self._limit.reschedule(None)


class Connection:
    """One connection. Open it with `open_connection`, and always `await aclose()`."""

    def __init__(
        self, transport: AbstractAsyncContextManager[Any], answer: Answer, changed: Callable[[], None]
    ) -> None:
        self.ended = False
        self.status = 0
        self._answer = answer
        self._changed = changed
        self._stop = asyncio.Event()
        self._opened: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._clocks: set[CallClock] = set()
        self._task = background.start(self._own(transport), "a connection to a server of tools")

    async def wait(self) -> None:
        """Wait until it is open. Raises `Failure`."""
        await asyncio.shield(self._opened)

    @property
    def protocol(self) -> str:
        return str(self._client.protocol_version or "")

    @property
    def _client(self) -> Client:
        return self._opened.result()

    def end(self) -> None:
        """Take note that the server closed its output: nothing more can be called."""
        self.ended = True

    async def aclose(self) -> None:
        self.ended = True
        self._stop.set()
        await asyncio.wait([self._task], timeout=CLOSE_S)
        await cancel_and_wait([self._task])

    async def _own(self, transport: AbstractAsyncContextManager[Any]) -> None:
        try:
            async with Client(
                transport,
                cache=None,
                elicitation_callback=self._elicit,
                message_handler=self._take_message,
                client_info=types.Implementation(name="ralph", version=ralph.__version__),
            ) as client:
                self._opened.set_result(client)
                await self._listen(client)
        except asyncio.CancelledError:
            self._fail(Failure(Kind.CANCELLED, "the start of the server was stopped"))
            raise
        except BaseException as error:  # noqa: BLE001 - border: a server and the SDK may fail in any way, also in groups
            self._fail(Failure(Kind.NETWORK, explain(error, self.status)))
        finally:
            self.ended = True

    def _fail(self, failure: Failure) -> None:
        if not self._opened.done():
            self._opened.set_exception(failure)
            self._opened.exception()  # somebody may have stopped waiting

    async def _listen(self, client: Client) -> None:
        """Wait for the end of the connection, and meanwhile for changed lists where the server announces them."""
        stopping = background.start(self._stop.wait(), "the end of a connection")
        capabilities = client.server_capabilities
        tasks: list[asyncio.Task[Any]] = [stopping]
        if client.protocol_version not in _WITH_HANDSHAKE and capabilities.tools and capabilities.tools.list_changed:
            tasks.append(background.start(self._subscribe(client), "the changes of a server"))
        try:
            await stopping
        finally:
            await cancel_and_wait(tasks)

    async def _subscribe(self, client: Client) -> None:
        with contextlib.suppress(MCPError, RuntimeError, TimeoutError, httpx2.HTTPError):
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    self._changed()

    async def _take_message(self, message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._changed()

    async def _elicit(self, context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        for clock in self._clocks:
            clock.stop()
        try:
            answer = await self._answer(params.model_dump(mode="json", by_alias=True, exclude_none=True))
        finally:
            for clock in self._clocks:
                clock.restart()
        return types.ElicitResult.model_validate(answer)

    async def list_all(self) -> ServerLists:
        """Return everything that the server lists. Raises `Failure`."""
        client, has = self._client, self._client.server_capabilities
        try:
            tools = [page async for page in _pages(client.list_tools)] if has.tools else []
            resources = [page async for page in _pages(client.list_resources)] if has.resources else []
            templates = await self._list_templates() if has.resources else []
            prompts = [page async for page in _pages(client.list_prompts)] if has.prompts else []
        except _ERRORS as error:
            raise Failure(Kind.PROTOCOL, f"its list cannot be read: {explain(error)}") from error
        return ServerLists(
            self.protocol,
            tuple(_tool(one) for page in tools for one in page.tools),
            (
                *(_resource(one, one.uri) for page in resources for one in page.resources),
                *(_resource(t, t.uri_template, template=True) for page in templates for t in page.resource_templates),
            ),
            tuple(_prompt(one) for page in prompts for one in page.prompts),
            min((float(page.ttl_ms or 0) / 1000 for page in tools), default=0.0),
        )

    async def _list_templates(self) -> list[Any]:
        try:
            return [page async for page in _pages(self._client.list_resource_templates)]
        except MCPError:  # many servers have resources and no templates
            return []

    async def call(
        self, name: str, arguments: Mapping[str, Any], seconds: float, show: Callable[[str], None]
    ) -> Mapping[str, Any]:
        """Return the result of a tool as the protocol writes it. Raises `ToolFailure`, and `TimeoutError`."""
        clock = CallClock(seconds)

        async def report(progress: float, total: float | None, message: str | None) -> None:
            clock.restart()
            show(_describe_progress(progress, total, message))

        return await self._ask(clock, lambda: self._client.call_tool(name, dict(arguments), progress_callback=report))

    async def read_resource(self, uri: str, seconds: float) -> Mapping[str, Any]:
        """Return a resource as the protocol writes it. Raises `ToolFailure`, and `TimeoutError`."""
        return await self._ask(CallClock(seconds), lambda: self._client.read_resource(uri))

    async def get_prompt(self, name: str, arguments: Mapping[str, str], seconds: float) -> Mapping[str, Any]:
        """Return a prompt as the protocol writes it. Raises `ToolFailure`, and `TimeoutError`."""
        return await self._ask(CallClock(seconds), lambda: self._client.get_prompt(name, dict(arguments)))

    async def _ask(self, clock: CallClock, request: Callable[[], Awaitable[Any]]) -> Mapping[str, Any]:
        self._clocks.add(clock)
        try:
            async with clock.limit:
                result = await request()
        except TimeoutError:
            if clock.limit.expired():
                raise
            raise ToolFailure("the server did not answer in time") from None
        except _ERRORS as error:
            if _is_closed(error):
                self.ended = True
            raise ToolFailure(explain(error)) from error
        finally:
            self._clocks.discard(clock)
        made: Mapping[str, Any] = result.model_dump(mode="json", by_alias=True, exclude_none=True)
        return made


# `RuntimeError` is what the SDK raises for results that do not fit the declared schema, and too many rounds.
_ERRORS = (MCPError, RuntimeError, ValidationError, httpx2.HTTPError, OAuthFlowError, OSError, ExceptionGroup)
_NO_ACCESS, _SERVER_ERROR = (401, 403), 500
_WITH_HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")


def explain(error: BaseException, status: int = 0) -> str:  # noqa: PLR0911 - one line a reason
    """Return why a server could not be used, as one sentence. `status` is the last status of a refusal by HTTP."""
    if isinstance(error, OAuthFlowError) and str(error) != "it wants a login":
        return one_line(str(error))[:MAX_SHOWN]
    if status in _NO_ACCESS:
        return f"its address refuses access (status {status}); give it a key in `headers`, or `ralph mcp login NAME`"
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    if isinstance(error, Failure):
        return error.message
    if _is_closed(error):
        return "the server ended"
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"the server's answer does not follow the protocol: {place}: {first['msg']}"[:MAX_SHOWN]
    if isinstance(error, httpx2.ConnectError):
        return "nothing answers at its address"
    if isinstance(error, httpx2.TimeoutException):
        return "its address did not answer in time"
    if status >= _SERVER_ERROR:
        return f"its address answered with status {status}"
    said = error.message if isinstance(error, MCPError) else str(error)
    return one_line(said)[:MAX_SHOWN] or type(error).__name__


def _is_closed(error: BaseException) -> bool:
    return isinstance(error, MCPError) and error.code == types.CONNECTION_CLOSED


async def _pages(fetch: Callable[..., Awaitable[Any]]) -> AsyncIterator[Any]:
    """Yield the pages of a list; a server that never ends one is cut off."""
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await fetch(cursor=cursor)
        yield page
        if not page.next_cursor or page.next_cursor == cursor:
            return
        cursor = page.next_cursor


def _tool(one: Any) -> ListedTool:
    hints = one.annotations.model_dump(mode="json", by_alias=True, exclude_none=True) if one.annotations else {}
    return ListedTool(one.name, one.description or one.title or "", one.input_schema, hints)


def _resource(one: Any, uri: Any, *, template: bool = False) -> ListedResource:
    return ListedResource(str(uri), one.title or one.name or "", one.description or "", template)


def _prompt(one: Any) -> ListedPrompt:
    return ListedPrompt(
        one.name, one.description or one.title or "", tuple((a.name, bool(a.required)) for a in one.arguments or ())
    )


def _describe_progress(done: float, total: float | None, message: str | None) -> str:
    share = f"{done:g}/{total:g}" if total else f"{done:g}"
    return f"{share} {one_line(message)}".strip() if message else share
