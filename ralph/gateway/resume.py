"""A stream that died in mid-answer: its text stays, and where a person wants it, the answer goes on or begins again."""

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
# How much of what comes first is compared with what was there, to drop what is said twice.
OVERLAP = 80

_DIED = frozenset((Kind.SERVER, Kind.OVERLOADED, Kind.NETWORK, Kind.TIMEOUT, Kind.TRUNCATED, Kind.RATE_LIMIT))


class Resume:
    """Acts on `retry.after_output`. Without a person to see it, what came is kept and nothing more is asked."""

    def __init__(
        self, inner: Gateway, after_output: AfterOutput, asker: Callable[[], Asker | None], clock: Clock
    ) -> None:
        self._inner = inner
        self._after_output = after_output
        self._asker = asker
        self._clock = clock

    def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Where nothing would be done after a cut it is not in the way: each pass-through costs 2 µs a piece."""
        if self._after_output == "keep" or not call.request.visible or self._asker() is None:
            return self._inner.stream(call)
        cut = _Cut(call, self._inner, partial(self._choice, call))
        return reattempt(cut.open, call, cut)

    async def _choice(self, call: ModelCall, failure: Failure) -> AfterOutput:
        """What to do after this failure, by the configuration or by the person."""
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
    """One answer, what came of it, and how it goes on after its stream died; a second death is its end."""

    def __init__(self, call: ModelCall, inner: Gateway, choice: Callable[[Failure], Awaitable[AfterOutput]]) -> None:
        self._call = call
        self._inner = inner
        self._choice = choice
        self._came = ""
        self._chosen: AfterOutput = "keep"

    def open(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """The stream of this try; one that goes on from what came leaves out what it repeats."""
        items = self._inner.stream(call)
        return _without_repetition(items, Join(self._came)) if self._chosen == "continue" else items

    def observe(self, item: Item) -> None:
        """The text so far is what a new request would go on from."""
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
    """The same request with what came and a user message; never a prefill, which newer models refuse."""
    said = Message("assistant", (TextPart(came),))
    return replace(request, messages=(*request.messages, said, user(GO_ON)), goes_on=True)


async def _without_repetition(items: AsyncGenerator[Item, None], join: Join) -> AsyncGenerator[Item, None]:
    """The answer as a whole: what came before, and what is new of this one."""
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
    """Text that goes on from other text; what it repeats of its end is left out."""

    def __init__(self, before: str) -> None:
        self.whole = before
        self._first: str | None = ""

    def add(self, text: str) -> str:
        """What of the text is new; nothing until enough has come to tell."""
        if self._first is None:
            self.whole += text
            return text
        self._first += text
        return self.end() if len(self._first) >= OVERLAP else ""

    def end(self) -> str:
        """What was held back to be compared."""
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
    """`after` without what `before` ends with already."""
    longest = min(len(before), len(after))
    same = next((n for n in range(longest, 0, -1) if before.endswith(after[:n])), 0)
    return after[same:]
