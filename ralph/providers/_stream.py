"""The one loop that reads an answer: it turns network reads into items and translates every failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from ralph.core.errors import ProviderFailure
from ralph.core.llm.messages import Content, TextPart, ThinkingPart
from ralph.core.llm.request import Answer, Item, Piece
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._decoder import StreamDecoder
from ralph.providers._failures import build_malformed_answer, build_truncation, request_id, silent
from ralph.providers._json import read_json
from ralph.providers._lines import DONE
from ralph.providers._timeouts import Expired, IdleTimeout
from ralph.providers._unicode import pair_halves

# Seconds to read the rest of the body after the terminal event, so that the connection can be used again.
GRACE_S = 0.05
# A faster answer is read in gulps of this many seconds: a wake-up for each token costs more than the other work on the
# token, and nobody sees 5 ms. A read that took less than `THERE_S` did not wait: its data was there already.
GULP_S = 0.005
THERE_S = 0.0002


class Reply(NamedTuple):
    """An answer that has started: its headers, and its body as the network delivers it."""

    headers: Mapping[str, str]
    chunks: AsyncGenerator[bytes, None]


class OpenStream(Protocol):
    """Opens a stream. The client is imported and built before any timeout starts."""

    async def client(self) -> Any: ...


class Splitter(Protocol):
    """Splits network reads into the payloads of a wire. `strange` is the first text that is no part of the wire.

    `cut`: the body ended inside the last payload.
    """

    strange: bytes
    cut: bool

    def feed(self, data: bytes) -> list[bytes]: ...

    def end(self) -> list[bytes]: ...


async def answer(
    door: OpenStream,
    opened: AbstractAsyncContextManager[Reply],
    splitter: Splitter,
    fold: StreamDecoder,
    settings: ProviderSettings,
) -> AsyncGenerator[Item, None]:
    """Yield the items of one answer. Closing this generator closes the request.

    One network read gives at most one piece per channel. The items before a failure are yielded before it is raised.
    """
    await door.client()
    watch = IdleTimeout(settings.first_token_s, settings.idle_s)
    request: str | None = None
    try:
        async with AsyncExitStack() as stack:
            reply = await watch.wait(stack.enter_async_context(opened))
            request = request_id(reply.headers)
            fold.head(reply.headers)
            for item in fold.drain():
                yield item
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
            if not reader.ended:
                await reader.rest()
            whole = _whole(fold)
            for item in fold.close():
                yield item
            yield whole
    except Expired as expired:
        raise silent(fold.who, expired.seconds, begun=expired.begun, request=request) from None
    except ProviderFailure as failure:
        failure.request_id = failure.request_id or request
        raise
    finally:
        watch.close()


# border: JSON in a shape that its wire never has raises one of these somewhere inside a decoder.
_STRANGE = (KeyError, TypeError, AttributeError, ValueError, LookupError, ArithmeticError, RecursionError)


def _strange(fold: StreamDecoder, error: Exception) -> ProviderFailure:
    return build_malformed_answer(fold.who, f"an event of a strange form ({error!r})")


def _whole(fold: StreamDecoder) -> Answer:
    try:
        answer = fold.answer()
        return answer._replace(content=_clean(answer.content), word=pair_halves(answer.word))
    except _STRANGE as error:
        raise _strange(fold, error) from None


def _clean(content: Content) -> Content:
    """Join the halves of characters in texts. Opaque content is JSON, which escapes them."""
    parts = [
        replace(p, text=pair_halves(p.text)) if isinstance(p, TextPart | ThinkingPart) else p for p in content.parts
    ]
    return Content(tuple(parts), content.opaque)


class _Reader:
    """Reads and decodes one network read at a time."""

    def __init__(self, reply: Reply, splitter: Splitter, fold: StreamDecoder, watch: IdleTimeout) -> None:
        self._chunks = reply.chunks
        self._splitter = splitter
        self._fold = fold
        self._watch = watch
        self._events = 0
        self.ended = False

    async def read(self) -> tuple[list[Item], ProviderFailure | None]:
        """Return the items of the next read, and the failure that ended it."""
        fold, watch = self._fold, self._watch
        if watch.begun and THERE_S < watch.waited < GULP_S:
            await asyncio.sleep(GULP_S)
        try:
            data = await watch.wait(anext(self._chunks, b""))
        except (ProviderFailure, Expired):
            if not fold.complete:
                raise
            data = b""  # the answer was whole, so a connection that breaks after it loses nothing
        self.ended = not data
        failure: ProviderFailure | None = None
        try:
            for payload in self._splitter.feed(data) if data else self._last():
                if payload == DONE:
                    fold.mark()
                    if fold.done:
                        break
                    continue
                for event in self._decode(payload):
                    fold.take(event)
                    self._events += 1
        except ProviderFailure as error:
            failure = error
        except _STRANGE as error:
            failure = _strange(fold, error)
        if failure is None and self.ended and not fold.complete:
            failure = build_truncation(fold.who)
        return fold.drain() if failure is None else fold.close(), failure

    async def rest(self) -> None:
        """Read the rest of a body whose answer is whole."""
        self._watch.shorten(GRACE_S)
        try:
            while await self._watch.wait(anext(self._chunks, b"")):
                pass
        except (ProviderFailure, Expired):
            return

    def _decode(self, payload: bytes) -> Sequence[dict[str, Any]]:
        """Return the events in a payload: usually one, several for a list, none for `null`."""
        try:
            event = read_json(payload)
        except ValueError as error:
            if self._fold.complete:
                return ()  # the answer was whole before this payload
            if self.ended and self._splitter.cut:
                raise build_truncation(self._fold.who) from None
            coded = "no JSON" if not isinstance(error, UnicodeDecodeError) else "no UTF-8"
            raise build_malformed_answer(self._fold.who, f"an event that is {coded}: {_excerpt(payload)}") from None
        if isinstance(event, dict):
            return (event,)
        if event is None:
            return ()
        if isinstance(event, list) and all(isinstance(e, dict) for e in event):
            return event
        raise build_malformed_answer(self._fold.who, f"an event that is not a JSON object: {_excerpt(payload)}")

    def _last(self) -> list[bytes]:
        payloads = self._splitter.end()
        strange = self._splitter.strange
        if strange and not payloads and not self._events and not self._fold.complete:
            page = strange.lstrip()[:1] == b"<"
            raise build_malformed_answer(
                self._fold.who, "a web page" if page else f"something that is not an answer: {_excerpt(strange)}"
            )
        return payloads


def _excerpt(payload: bytes) -> str:
    """Return the start of the payload, for a sentence."""
    text = payload[:200].decode("utf-8", "replace")
    return repr(text if len(text) <= 80 else f"{text[:79]}…")
