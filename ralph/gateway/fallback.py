"""The chain of models that take over when one fails, each take-over a note with its reason."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from ralph.core.errors import Failure, Kind
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Request, Restart
from ralph.core.log import events as ev
from ralph.core.log.recording import AttemptScope, Gateway, Recorder

# What another model could do better. Not a bad request (it would be as bad there), not a budget, not a refusal
# (asking on until somebody does it is evasion), not what the person stopped.
ELSEWHERE = frozenset((
    Kind.NO_KEY, Kind.AUTH, Kind.UNKNOWN_MODEL, Kind.RETIRED_MODEL, Kind.OFFLINE, Kind.SERVER, Kind.OVERLOADED,
    Kind.NETWORK, Kind.TIMEOUT, Kind.TRUNCATED, Kind.PROTOCOL, Kind.EMPTY, Kind.UNKNOWN_STOP, Kind.RATE_LIMIT,
    Kind.QUOTA, Kind.BILLING,
))  # fmt: skip

Window = Callable[[ModelRef], Awaitable[int | None]]


class Fallback:
    """Asks the next model of the chain, as long as nothing of the answer was seen."""

    def __init__(
        self, inner: Gateway, chain: Callable[[str], Sequence[ModelRef]], window: Window, *, on_refusal: bool = False
    ) -> None:
        self._inner = inner
        self._chain = chain
        self._window = window
        self._on_refusal = on_refusal

    def stream(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        """Without anybody to fall back to it is not in the way: each pass-through costs 2 µs a piece."""
        left = [r for r in self._chain(request.role) if r != ref]
        if not left:
            return self._inner.stream(ref, request, place, recorder)
        return self._falling(left, ref, request, place, recorder)

    async def _falling(
        self, left: list[ModelRef], ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        asked, tried, first = ref, [str(ref)], None
        while True:
            came = False
            try:
                async with aclosing(self._inner.stream(asked, request, place, recorder)) as items:
                    async for item in items:
                        came = came or isinstance(item, Piece | Answer)
                        yield item
                return
            except Failure as failure:
                first = first or failure
                left = await self._able(failure, asked, left)
                if not left or (came and request.role == "format"):
                    raise _whole(first, tried) from failure
                if came:
                    yield Restart()
                asked, *left = left
                tried.append(str(asked))
                text = f"{tried[-2]} did not answer ({failure.kind}: {failure.message}); {asked} answers now"
                recorder.emit(ev.Note("fallback", text, place.block, {"from": tried[-2], "to": str(asked)}))

    async def _able(self, failure: Failure, failed: ModelRef, left: Sequence[ModelRef]) -> list[ModelRef]:
        """Those of the chain that could do better: all, none, or for a too long context the larger windows."""
        if failure.kind in ELSEWHERE or (failure.kind is Kind.REFUSAL and self._on_refusal):
            return list(left)
        if failure.kind is not Kind.CONTEXT_LENGTH or not left:
            return []
        known = await self._window(failed) or 0
        return [r for r in left if (await self._window(r) or 0) > known]


def _whole(first: Failure, tried: Sequence[str]) -> Failure:
    """The first failure is the one to act on; the sentence says who else was asked."""
    if len(tried) > 1:
        first.message += f" (then asked {', '.join(tried[1:])}, which failed too)"
        first.args = (first.message,)
    return first
