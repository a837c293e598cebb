"""Several keys or endpoints for one model: each request goes to the member of the pool that has most room now."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from ralph.core.errors import Failure, NotSent
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Item, Request
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, ModelCall
from ralph.gateway.fallback import ELSEWHERE
from ralph.gateway.reattempt import NextTry, reattempt
from ralph.gateway.retry import TIMES

Admits = Callable[[ModelRef], bool]
Waits = Callable[[ModelRef, Request], bool]


class LoadBalancer:
    """Picks a member by circuit, limit and load, and moves on to the next if one fails.

    This layer is inside retry and around the breaker. Each try picks again, so no retry is bound to the member that
    failed, and the wait before a retry is due only after every member has failed in this try. (Outside retry it would
    wait for one key's rate limit while another key is free.) Inner layers see only the member, so attempts, circuits,
    limits and prices belong to the member; outer layers see the pool.

    A half-open circuit ranks with the closed ones. Otherwise nothing would probe it, and a failed probe costs the
    person no answer, because the next member is asked at once.
    """

    def __init__(self, inner: Gateway, admits: Admits, waits: Waits) -> None:
        self._inner = inner
        self._admits = admits
        self._waits = waits
        self._in_flight: Counter[ModelRef] = Counter()
        self._last: dict[ModelRef, int] = {}
        self._asked = 0

    def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Stream the call. A ref that is no pool is only counted: each pass-through costs 2 µs per piece."""
        if len(call.ref.each) == 1:
            return self._count_and_stream(call)
        members = _Members(call, self)
        return reattempt(self._count_and_stream, members.pick(), members)

    def admits(self, member: ModelRef) -> bool:
        """Return whether the member's circuit lets a request through."""
        return self._admits(member)

    def pick(self, members: Sequence[ModelRef], request: Request) -> ModelRef:
        """Return an admitted member that need not wait, with the fewest requests running, asked longest ago."""

        def room(member: ModelRef) -> tuple[bool, bool, int, int]:
            shut, last = not self._admits(member), self._last.get(member, 0)
            return shut, self._waits(member, request), self._in_flight[member], last

        return members[0] if len(members) == 1 else min(members, key=room)

    async def _count_and_stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Stream the call and count it, also if it names its model directly."""
        member = call.ref
        self._asked += 1
        self._last[member] = self._asked
        self._in_flight[member] += 1
        try:
            async with aclosing(self._inner.stream(call)) as items:
                async for item in items:
                    yield item
        finally:
            self._in_flight[member] -= 1


class _Members:
    """The pool of one call: the asked member, the remaining members, and the failures of the others."""

    def __init__(self, call: ModelCall, balancer: LoadBalancer) -> None:
        self._call = call
        self._balancer = balancer
        self._left = list(call.ref.each)
        self._failures: list[Failure] = []
        self._adapted = False

    def pick(self) -> ModelCall:
        """Return the call to the next member."""
        member = self._balancer.pick(self._left, self._call.request)
        self._left.remove(member)
        self._call, self._adapted = self._call._replace(ref=member), False
        return self._call

    def observe(self, item: Item) -> None:
        """Ignore the item."""

    async def after(self, failure: Failure, shown: bool) -> NextTry:
        if shown:
            raise failure
        if failure.adapted and not self._adapted:
            self._adapted = True  # only this member knows what to leave out, so it is asked again and no other
            return NextTry(self._call)
        self._failures.append(failure)
        self._left = [one for one in self._left if self._balancer.admits(one)]
        if not self._left or failure.kind not in ELSEWHERE:
            raise _telling(self._failures) from None
        failed = self._call.ref
        member = self.pick().ref
        text = f"{failed} did not answer ({failure.kind}: {failure.message}); {member} is asked now"
        note = ev.Note("rotate", text, self._call.scope.block, {"from": str(failed), "to": str(member)})
        return NextTry(self._call, note)


def _telling(failures: Sequence[Failure]) -> Failure:
    """Return the failure for retry: one that no other member would avoid, else the one that passes soonest."""
    if failures[-1].kind not in ELSEWHERE:
        return failures[-1]
    passing = [f for f in failures if f.kind in TIMES and not isinstance(f, NotSent)]
    return min(passing, key=lambda f: f.retry_after_s or 0.0, default=failures[0])
