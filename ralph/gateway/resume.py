"""A stream that died in mid-answer: its text stays, and where a person wants it, the answer goes on or begins again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Literal

from ralph.core.errors import Failure, Kind
from ralph.core.llm.messages import Content, Message, TextPart, user
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Request, Restart
from ralph.core.log import events as ev
from ralph.core.log.recording import AttemptScope, Gateway, Recorder
from ralph.core.ports.face import Asker

AfterOutput = Literal["keep", "ask", "continue", "restart"]
GO_ON = "Your answer was cut off. Continue exactly where it stopped; repeat nothing, and say nothing about the cut."
# How much of what comes first is compared with what was there, to drop what is said twice.
OVERLAP = 80

_DIED = frozenset((Kind.SERVER, Kind.OVERLOADED, Kind.NETWORK, Kind.TIMEOUT, Kind.TRUNCATED, Kind.RATE_LIMIT))


class Resume:
    """Acts on `retry.after_output`. Without a person to see it, what came is kept and nothing more is asked."""

    def __init__(self, inner: Gateway, after_output: AfterOutput, asker: Callable[[], Asker | None]) -> None:
        self._inner = inner
        self._after_output = after_output
        self._asker = asker

    def stream(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        """Where nothing would be done after a cut it is not in the way: each pass-through costs 2 µs a piece."""
        if self._after_output == "keep" or request.role != "format" or self._asker() is None:
            return self._inner.stream(ref, request, place, recorder)
        return self._resuming(ref, request, place, recorder)

    async def _resuming(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        came = ""
        try:
            async with aclosing(self._inner.stream(ref, request, place, recorder)) as items:
                async for item in items:
                    if isinstance(item, Piece) and item.channel == "text":
                        came += item.text
                    elif isinstance(item, Restart):
                        came = ""
                    yield item
            return
        except Failure as failure:
            chosen = await self._choice(failure, request, came)
            if chosen == "keep":
                raise
            text = f"the stream of {ref} died ({failure.kind}); {_SAID[chosen]}"
            recorder.emit(ev.Note("resume", text, place.block, {"after_output": chosen}))
        again = self._restart if chosen == "restart" else self._continue
        async with aclosing(again(ref, request, place, recorder, came)) as items:
            async for item in items:
                yield item

    async def _choice(self, failure: Failure, request: Request, came: str) -> AfterOutput:
        asker = self._asker()
        if failure.kind not in _DIED or request.role != "format" or not came or asker is None:
            return "keep"
        if self._after_output != "ask":
            return self._after_output
        options = [(name, _OFFERED[name]) for name in ("keep", "continue", "restart")]
        picked = await asker.choose(f"The answer was cut off: {failure.message}", options)
        return picked if picked in ("continue", "restart") else "keep"  # type: ignore[return-value]

    async def _restart(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder, came: str
    ) -> AsyncGenerator[Item, None]:
        yield Restart()
        async with aclosing(self._inner.stream(ref, request, place, recorder)) as items:
            async for item in items:
                yield item

    async def _continue(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder, came: str
    ) -> AsyncGenerator[Item, None]:
        """A new request with what came and a user message; never a prefill, which newer models refuse."""
        said = Message("assistant", (TextPart(came),))
        more = replace(request, messages=(*request.messages, said, user(GO_ON)))
        join = Join(came)
        async with aclosing(self._inner.stream(ref, more, place, recorder)) as items:
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
