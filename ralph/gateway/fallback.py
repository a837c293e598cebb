"""The chain of models that take over when one fails, each take-over a note with its reason."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from ralph.core.errors import Failure, Kind
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Item
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, ModelCall
from ralph.gateway.reattempt import NextTry, reattempt
from ralph.gateway.retry import TIMES

# What another model could do better. Not a bad request (it would be as bad there), not a budget, not a refusal
# (asking on until somebody does it is evasion), not what the person stopped.
ELSEWHERE = frozenset((
    Kind.NO_KEY, Kind.AUTH, Kind.UNKNOWN_MODEL, Kind.RETIRED_MODEL, Kind.OFFLINE, Kind.SERVER, Kind.OVERLOADED,
    Kind.NETWORK, Kind.TIMEOUT, Kind.TRUNCATED, Kind.PROTOCOL, Kind.EMPTY, Kind.UNKNOWN_STOP, Kind.RATE_LIMIT,
    Kind.QUOTA, Kind.BILLING,
))  # fmt: skip

Window = Callable[[ModelRef], Awaitable[int | None]]
Able = Callable[[Failure, ModelRef, Sequence[ModelRef]], Awaitable[list[ModelRef]]]


class Fallback:
    """Asks the next model of the chain, as long as nothing of the answer was seen."""

    def __init__(
        self, inner: Gateway, chain: Callable[[str], Sequence[ModelRef]], window: Window, *, on_refusal: bool = False
    ) -> None:
        self._inner = inner
        self._chain = chain
        self._window = window
        self._on_refusal = on_refusal

    def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Without anybody to fall back to it is not in the way: each pass-through costs 2 µs a piece."""
        left = [r for r in self._chain(call.request.role) if r != call.ref]
        if not left:
            return self._inner.stream(call)
        return reattempt(self._inner.stream, call, _NextInChain(call, left, self.able))

    async def able(self, failure: Failure, failed: ModelRef, left: Sequence[ModelRef]) -> list[ModelRef]:
        """Those of the chain that could do better: all, none, or for a too long context the larger windows."""
        if failure.kind in ELSEWHERE or (failure.kind is Kind.REFUSAL and self._on_refusal):
            return list(left)
        if failure.kind is not Kind.CONTEXT_LENGTH or not left:
            return []
        known = await self._window(failed) or 0
        return [r for r in left if (await self._window(r) or 0) > known]


class _NextInChain:
    """The chain of one call: who was asked, and who is left."""

    def __init__(self, call: ModelCall, left: list[ModelRef], able: Able) -> None:
        self._call = call
        self._left = left
        self._able = able
        self._tried = [str(call.ref)]
        self._first: Failure | None = None

    def observe(self, item: Item) -> None:
        """What comes changes nothing."""

    async def after(self, failure: Failure, shown: bool) -> NextTry:
        if self._call.request.speculative and failure.kind in TIMES:
            raise failure  # a guess is tried once: whoever still wants it asks again, and then the tries come first
        self._first = self._first or failure
        self._left = await self._able(failure, self._call.ref, self._left)
        if shown or not self._left:
            if len(self._tried) == 1:
                raise failure
            raise _whole(self._first, self._tried) from failure
        asked, *self._left = self._left
        failed, self._call = self._call.ref, self._call._replace(ref=asked)
        self._tried.append(str(asked))
        text = f"{failed} did not answer ({failure.kind}: {failure.message}); {asked} answers now"
        note = ev.Note("fallback", text, self._call.scope.block, {"from": str(failed), "to": str(asked)})
        return NextTry(self._call, note)


def _whole(first: Failure, tried: Sequence[str]) -> Failure:
    """The first failure is the one to act on; the sentence says who else was asked."""
    return first.reword(f"{first.message} (then asked {', '.join(tried[1:])}, which failed too)")
