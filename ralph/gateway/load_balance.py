"""Several keys or endpoints for one model: each request goes to the member of its pool that has most room now."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from ralph.core.errors import Failure, NotSent
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Request, Restart
from ralph.core.log import events as ev
from ralph.core.log.recording import AttemptScope, Gateway, Recorder
from ralph.gateway.fallback import ELSEWHERE
from ralph.gateway.retry import TIMES

Admits = Callable[[ModelRef], bool]
Waits = Callable[[ModelRef, Request], bool]


class LoadBalancer:
    """Picks a member by circuit, limit and load, and moves on to the next where one fails.

    It stands inside retry, around the breaker: a try picks anew, so that no retry is bound to the member that failed,
    and the wait before a retry is due only once every member has failed in this try. (Outside retry it would sit out
    one key's rate limit while another key is free.) Below it everybody sees the member alone, so that attempts,
    circuits, limits and prices are the member's own; above it everybody sees the pool.

    A half-open circuit ranks with the closed ones: it would never be probed otherwise, and a probe that fails costs
    the person no answer, for the next member is asked at once.
    """

    def __init__(self, inner: Gateway, admits: Admits, waits: Waits) -> None:
        self._inner = inner
        self._admits = admits
        self._waits = waits
        self._in_flight: Counter[ModelRef] = Counter()
        self._last: dict[ModelRef, int] = {}
        self._asked = 0

    def stream(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        """A ref that is no pool is only counted: each pass-through costs 2 µs a piece."""
        if len(ref.each) == 1:
            return self._counted(ref, request, place, recorder)
        return self._rotating(ref, request, place, recorder)

    async def _rotating(
        self, ref: ModelRef, request: Request, place: AttemptScope, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        left, failures = list(ref.each), list[Failure]()
        member, adapted = self._pick_from(left, request), False
        while True:
            came = False
            try:
                async with aclosing(self._counted(member, request, place, recorder)) as items:
                    async for item in items:
                        came = came or isinstance(item, Piece | Answer)
                        yield item
                return
            except Failure as failure:
                if came and request.role == "format":
                    raise
                if ref.each != (ref,) and getattr(failure, "adapted", False) and not adapted:
                    adapted = True  # only this member has learnt what to leave out: it is asked again, nobody else
                    continue
                failures.append(failure)
                left = [one for one in left if self._admits(one)]
                if not left or failure.kind not in ELSEWHERE:
                    raise _telling(failures) from None
                if came:
                    yield Restart()
                failed, member, adapted = member, self._pick_from(left, request), False
                text = f"{failed} did not answer ({failure.kind}: {failure.message}); {member} is asked now"
                recorder.emit(ev.Note("rotate", text, place.block, {"from": str(failed), "to": str(member)}))

    def _pick_from(self, left: list[ModelRef], request: Request) -> ModelRef:
        member = self.pick(left, request)
        left.remove(member)
        return member

    def pick(self, members: Sequence[ModelRef], request: Request) -> ModelRef:
        """One whose circuit lets it through, that need not wait, with the fewest in flight, asked longest ago."""

        def room(member: ModelRef) -> tuple[bool, bool, int, int]:
            shut, last = not self._admits(member), self._last.get(member, 0)
            return shut, self._waits(member, request), self._in_flight[member], last

        return members[0] if len(members) == 1 else min(members, key=room)

    async def _counted(
        self, member: ModelRef, request: Request, place: AttemptScope, recorder: Recorder
    ) -> AsyncGenerator[Item, None]:
        """Every request counts, also one that named its model outright."""
        self._asked += 1
        self._last[member] = self._asked
        self._in_flight[member] += 1
        try:
            async with aclosing(self._inner.stream(member, request, place, recorder)) as items:
                async for item in items:
                    yield item
        finally:
            self._in_flight[member] -= 1


def _telling(failures: Sequence[Failure]) -> Failure:
    """What retry should go by: a failure that no other member would mend, else the one that passes soonest."""
    if failures[-1].kind not in ELSEWHERE:
        return failures[-1]
    passing = [f for f in failures if f.kind in TIMES and not isinstance(f, NotSent)]
    return min(passing, key=lambda f: getattr(f, "retry_after_s", None) or 0.0, default=failures[0])
