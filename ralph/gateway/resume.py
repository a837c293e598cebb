"""Handles a stream that breaks mid-answer: its text stays, and a person may continue or restart the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Literal

from ralph.core.clock import Clock
from ralph.core.errors import Failure, Kind
from ralph.core.llm.messages import Content, Message, TextPart, user
from ralph.core.llm.request import Answer, Item, Piece, Request, Restart
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, ModelCall
from ralph.core.ports.face import Asker
from ralph.gateway.reattempt import NextTry, reattempt
from ralph.gateway.waits import time_wait

AfterOutput = Literal["keep", "ask", "continue", "restart"]
GO_ON = "Your answer was cut off. Continue exactly where it stopped; repeat nothing, and say nothing about the cut."
# How many characters of the new text are compared with the old text, to drop repetitions.
OVERLAP = 80

_DIED = frozenset((Kind.SERVER, Kind.OVERLOADED, Kind.NETWORK, Kind.TIMEOUT, Kind.TRUNCATED, Kind.RATE_LIMIT))


class Resume:
    """Applies `retry.after_output`. Without a watching person, the text is kept and nothing more is asked."""

    def __init__(
        self, inner: Gateway, after_output: AfterOutput, asker: Callable[[], Asker | None], clock: Clock
    ) -> None:
        self._inner = inner
        self._after_output = after_output
        self._asker = asker
        self._clock = clock

    def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Stream the call. If nothing would follow a break, this layer is bypassed, which saves 2 µs a piece."""
        if self._after_output == "keep" or not call.request.visible or self._asker() is None:
            return self._inner.stream(call)
        cut = _Cut(call, self._inner, partial(self._choice, call))
        return reattempt(cut.open, call, cut)

    async def _choice(self, call: ModelCall, failure: Failure) -> AfterOutput:
        """Return what to do after this failure, by the configuration or by the person."""
        asker = self._asker()
        if failure.kind not in _DIED or asker is None:
            return "keep"
        if self._after_output != "ask":
            return self._after_output
        options = [(name, _OFFERED[name]) for name in ("keep", "continue", "restart")]
        call.recorder.emit(ev.AttemptWaiting(call.scope.block, "person"))
        with time_wait(call.scope, "person", self._clock):
            picked = await asker.choose(f"The answer was cut off: {failure.message}", options)
        return picked if picked in ("continue", "restart") else "keep"  # type: ignore[return-value]


class _Cut:
    """One answer, its text so far, and its continuation after a break; a second break ends it."""

    def __init__(self, call: ModelCall, inner: Gateway, choice: Callable[[Failure], Awaitable[AfterOutput]]) -> None:
        self._call = call
        self._inner = inner
        self._choice = choice
        self._came = ""
        self._chosen: AfterOutput = "keep"

    def open(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Return the stream of this try; a continuation omits the text that it repeats."""
        items = self._inner.stream(call)
        return _without_repetition(items, Join(self._came)) if self._chosen == "continue" else items

    def observe(self, item: Item) -> None:
        """Collect the text, which a new request would continue."""
        if isinstance(item, Piece) and item.channel == "text":
            self._came += item.text
        elif isinstance(item, Restart):
            self._came = ""

    async def after(self, failure: Failure, shown: bool) -> NextTry:
        first = self._chosen == "keep"
        chosen = await self._choice(failure) if first and self._came else "keep"
        if chosen == "keep":
            raise failure
        self._chosen, call = chosen, self._call
        text = f"the stream of {call.ref} died ({failure.kind}); {_SAID[chosen]}"
        call.recorder.emit(ev.Note("resume", text, call.scope.block, {"after_output": chosen}))
        if chosen == "restart":
            return NextTry(call)
        return NextTry(call._replace(request=_continuation(call.request, self._came)), goes_on=True)


def _continuation(request: Request, came: str) -> Request:
    """Return the request with the text so far and a user message; never a prefill, which newer models refuse."""
    said = Message("assistant", (TextPart(came),))
    return replace(request, messages=(*request.messages, said, user(GO_ON)), goes_on=True)


async def _without_repetition(items: AsyncGenerator[Item, None], join: Join) -> AsyncGenerator[Item, None]:
    """Yield the whole answer: the earlier text, and the new part of this stream."""
    async with aclosing(items):
        async for item in items:
            if isinstance(item, Piece) and item.channel == "text":
                yield Piece("text", join.add(item.text))
            elif isinstance(item, Answer):
                yield Piece("text", join.end())
                yield Answer(item.stop_reason, Content((TextPart(join.whole),)))
            else:
                yield item


class Join:
    """Joins a text to an earlier one, without the part that it repeats."""

    def __init__(self, before: str) -> None:
        self.whole = before
        self._first: str | None = ""

    def add(self, text: str) -> str:
        """Return the new part of the text; nothing until there is enough text to compare."""
        if self._first is None:
            self.whole += text
            return text
        self._first += text
        return self.end() if len(self._first) >= OVERLAP else ""

    def end(self) -> str:
        """Return the text that was held back for the comparison."""
        first, self._first = self._first or "", None
        new = without_overlap(self.whole, first)
        self.whole += new
        return new


_OFFERED = {
    "keep": "keep what came",
    "continue": "ask it to go on from there (a new request)",
    "restart": "ask again from the start (a new request)",
}
_SAID = {"continue": "it was asked to go on from there", "restart": "it was asked again from the start"}


def without_overlap(before: str, after: str) -> str:
    """Return `after` without the beginning that `before` already ends with."""
    longest = min(len(before), len(after))
    same = next((n for n in range(longest, 0, -1) if before.endswith(after[:n])), 0)
    return after[same:]
