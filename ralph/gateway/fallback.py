"""The chain of models that take over after a failure; a note records each change and its reason."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from ralph.core.errors import Failure, Kind
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Item
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, ModelCall
from ralph.gateway.reattempt import NextTry, reattempt
from ralph.gateway.retry import TIMES

# Failures that another model may avoid. Not a bad request (it stays bad), a budget, a refusal (asking on until a model
# obeys is evasion), or a stop by the person.
ELSEWHERE = frozenset((
    Kind.NO_KEY, Kind.AUTH, Kind.UNKNOWN_MODEL, Kind.RETIRED_MODEL, Kind.OFFLINE, Kind.SERVER, Kind.OVERLOADED,
    Kind.NETWORK, Kind.TIMEOUT, Kind.TRUNCATED, Kind.PROTOCOL, Kind.EMPTY, Kind.UNKNOWN_STOP, Kind.RATE_LIMIT,
    Kind.QUOTA, Kind.BILLING,
))  # fmt: skip

Window = Callable[[ModelRef], Awaitable[int | None]]
Able = Callable[[Failure, ModelRef, Sequence[ModelRef]], Awaitable[list[ModelRef]]]


class Fallback:
    """Asks the next model of the chain, as long as no text of the answer was shown."""

    def __init__(
        self, inner: Gateway, chain: Callable[[str], Sequence[ModelRef]], window: Window, *, on_refusal: bool = False
    ) -> None:
        self._inner = inner
        self._chain = chain
        self._window = window
        self._on_refusal = on_refusal

    def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Stream the call. Without a fallback this layer is bypassed: each pass-through costs 2 µs per piece."""
        left = [r for r in self._chain(call.request.role) if r != call.ref]
        if not left:
            return self._inner.stream(call)
        return reattempt(self._inner.stream, call, _NextInChain(call, left, self.able))

    async def able(self, failure: Failure, failed: ModelRef, left: Sequence[ModelRef]) -> list[ModelRef]:
        """Return the models that may succeed: all, none, or for a too long context those with larger windows."""
        if failure.kind in ELSEWHERE or (failure.kind is Kind.REFUSAL and self._on_refusal):
            return list(left)
        if failure.kind is not Kind.CONTEXT_LENGTH or not left:
            return []
        known = await self._window(failed) or 0
        return [r for r in left if (await self._window(r) or 0) > known]


class _NextInChain:
    """The chain of one call: the models that were asked, and those that are left."""

    def __init__(self, call: ModelCall, left: list[ModelRef], able: Able) -> None:
        self._call = call
        self._left = left
        self._able = able
        self._tried = [str(call.ref)]
        self._first: Failure | None = None

    def observe(self, item: Item) -> None:
        """Ignore the item."""

    async def after(self, failure: Failure, shown: bool) -> NextTry:
        if self._call.request.speculative and failure.kind in TIMES:
            raise failure  # a guess is tried once; whoever still needs the answer asks again, with retries first
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
    """Return the first failure, which the person can act on, with the other asked models in its sentence."""
    return first.reword(f"{first.message} (then asked {', '.join(tried[1:])}, which failed too)")
