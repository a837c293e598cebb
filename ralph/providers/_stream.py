"""The one loop that reads an answer: network reads in, items out, every failure translated."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, NamedTuple, Protocol

from ralph.core.errors import ProviderFailure
from ralph.core.provider import Answer, Item, Piece, ProviderSettings
from ralph.providers._failures import garbled, reported, request_id, silent, truncated
from ralph.providers._fold import Fold
from ralph.providers._timeouts import Expired, Watch

# After the terminal event the rest of the body is read, so that the connection can be used again; but not waited for.
GRACE_S = 0.05
# An answer that comes faster than this is read in gulps of it: a wake-up for each token costs more than all that is
# done with the token, and nobody sees 5 ms. A read that took less than the second did not wait: it was there already.
GULP_S = 0.005
THERE_S = 0.0002


class Reply(NamedTuple):
    """An answer that has begun: its headers, and its body as the network brings it."""

    headers: Mapping[str, str]
    chunks: AsyncGenerator[bytes, None]


class Opening(Protocol):
    """A way to the network; its client is imported and made before any clock runs."""

    async def client(self) -> Any: ...


class Splitter(Protocol):
    """Cuts network reads into the payloads of a wire; `strange` is what was no part of the wire."""

    strange: bytes

    def feed(self, data: bytes) -> list[bytes]: ...

    def end(self) -> list[bytes]: ...


async def answer(
    door: Opening,
    opened: AbstractAsyncContextManager[Reply],
    splitter: Splitter,
    fold: Fold,
    settings: ProviderSettings,
) -> AsyncGenerator[Item, None]:
    """The items of one answer. Closing this generator closes the request.

    What one network read brought for one channel is one piece. What came before a failure is given before it is raised.
    """
    await door.client()
    watch = Watch(settings.first_token_s, settings.idle_s)
    request: str | None = None
    try:
        async with AsyncExitStack() as stack:
            reply = await watch.wait(stack.enter_async_context(opened))
            request = request_id(reply.headers)
            fold.head(reply.headers)
            for item in fold.drain():
                yield item
            if "html" in reply.headers.get("content-type", ""):
                raise garbled(fold.who, "a web page")
            reader = _Reader(reply, splitter, fold, watch)
            while not fold.done:
                items, failure = await reader.read()
                for item in items:
                    if type(item) is Piece:
                        watch.begin()
                    yield item
                if failure is not None:
                    raise failure
                if reader.ended:
                    break
            if not fold.complete:
                raise truncated(fold.who)
            if not reader.ended:
                await reader.rest()
            yield _whole(fold)
    except Expired as expired:
        raise silent(fold.who, expired.seconds, begun=expired.begun, request=request) from None
    except ProviderFailure as failure:
        failure.request_id = failure.request_id or request
        raise
    finally:
        watch.close()


# border: JSON of a shape that its wire never has, met somewhere inside a fold.
_STRANGE = (KeyError, TypeError, AttributeError, ValueError, LookupError)


def _strange(fold: Fold, error: Exception) -> ProviderFailure:
    return garbled(fold.who, f"an event of a strange form ({error!r})")


def _whole(fold: Fold) -> Answer:
    try:
        return fold.answer()
    except _STRANGE as error:
        raise _strange(fold, error) from None


class _Reader:
    """Reads and folds, one network read at a time."""

    def __init__(self, reply: Reply, splitter: Splitter, fold: Fold, watch: Watch) -> None:
        self._chunks = reply.chunks
        self._splitter = splitter
        self._fold = fold
        self._watch = watch
        self._events = 0
        self.ended = False

    async def read(self) -> tuple[list[Item], ProviderFailure | None]:
        """What the next read brought, and the failure that ended it."""
        fold, watch = self._fold, self._watch
        if watch.begun and THERE_S < watch.waited < GULP_S:
            await asyncio.sleep(GULP_S)
        try:
            data = await watch.wait(anext(self._chunks, b""))
        except (ProviderFailure, Expired):
            if not fold.complete:
                raise
            data = b""  # the answer was whole; that the connection broke after it is nobody's loss
        self.ended = not data
        failure: ProviderFailure | None = None
        try:
            for payload in self._splitter.feed(data) if data else self._last():
                if payload == b"[DONE]":
                    fold.done = True
                    break
                fold.take(self._decode(payload))
                self._events += 1
        except ProviderFailure as error:
            failure = error
        except _STRANGE as error:
            failure = _strange(fold, error)
        return fold.drain(), failure

    async def rest(self) -> None:
        """Read what is left of a body whose answer is whole."""
        self._watch.shorten(GRACE_S)
        try:
            while await self._watch.wait(anext(self._chunks, b"")):
                pass
        except (ProviderFailure, Expired):
            return

    def _decode(self, payload: bytes) -> dict[str, Any]:
        try:
            event = json.loads(payload.decode())
        except UnicodeDecodeError:
            raise garbled(self._fold.who, "text that is no UTF-8") from None
        except ValueError:
            if self.ended:  # the end of the body came in the middle of an event
                raise truncated(self._fold.who) from None
            raise garbled(self._fold.who, "an event that is no JSON") from None
        if not isinstance(event, dict):
            raise garbled(self._fold.who, "an event that is no JSON object")
        return event

    def _last(self) -> list[bytes]:
        payloads = self._splitter.end()
        strange = self._splitter.strange
        if strange and not payloads and not self._events:
            self._not_the_wire(strange)
        return payloads

    def _not_the_wire(self, line: bytes) -> None:
        """A body that is not of the wire at all; some proxies answer 200 with an error in it."""
        try:
            data = json.loads(line)
        except ValueError:
            raise garbled(self._fold.who, "something that is no answer") from None
        if isinstance(data, dict) and data.get("error"):
            raise reported(self._fold.who, data)
        raise garbled(self._fold.who, "one document in place of a stream")
