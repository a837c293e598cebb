"""Providers that failed for good in a turn: later steps of the turn do not ask them again for the same cause."""

from __future__ import annotations

from ralph.core.errors import Failure, Kind, NotSent
from ralph.core.log import events as ev
from ralph.core.log.recording import ModelCall, Recorder

# Failures that no other request avoids: it would meet the same key, account or server.
_OF_PROVIDER = frozenset((Kind.AUTH, Kind.BILLING, Kind.QUOTA, Kind.NETWORK, Kind.OVERLOADED))
# Failures that no other request to the same model avoids.
_OF_MODEL = frozenset((Kind.RATE_LIMIT, Kind.UNKNOWN_MODEL, Kind.RETIRED_MODEL))


class GivenUp:
    """The models that the running turn of each timeline has given up, and the steps that did.

    The same step may ask a given-up model again, because a fallback names it on purpose.
    """

    def __init__(self) -> None:
        self._turns: dict[str, tuple[int, list[tuple[ModelCall, Failure]]]] = {}

    def check(self, call: ModelCall) -> None:
        """Raise `NotSent`, with a note, if an earlier step of this turn failed at every model that `call` may ask."""
        for earlier, failure in self._of(call.recorder):
            if earlier.scope.block != call.scope.block and _same(earlier, call, failure.kind):
                note = f"not tried again: {earlier.request.role} failed for the same reason"
                call.recorder.emit(ev.Note("given_up", note, call.scope.block))
                raise NotSent(failure.kind, failure.message)

    def add(self, call: ModelCall, failure: Failure) -> None:
        """Record that no try of this call is left. Work between turns is not recorded."""
        if call.recorder.turn and not isinstance(failure, NotSent):
            self._of(call.recorder).append((call, failure))

    def _of(self, recorder: Recorder) -> list[tuple[ModelCall, Failure]]:
        turn, failed = self._turns.get(recorder.timeline, (-1, []))
        if turn != recorder.turn:
            failed = []
            self._turns[recorder.timeline] = recorder.turn, failed
        return failed


def _same(earlier: ModelCall, call: ModelCall, kind: Kind) -> bool:
    """Return whether everything that this call may ask has failed before: each member of a pool."""
    if kind in _OF_MODEL:
        return set(call.ref.each) <= set(earlier.ref.each)
    failed = {one.provider for one in earlier.ref.each}
    return kind in _OF_PROVIDER and {one.provider for one in call.ref.each} <= failed
