"""The time and usage of a step, separate from its waits and from a discarded guess. Pure.

The rows, the waterfall, the plain face and the JSON all show these figures. A step's own time is that of its requests
and of its running tools, so it agrees with the ledger; parallel calls count once. A turn's own time is the time of the
turn without the waits in which nothing else was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ralph.core.data import Data, frozen
from ralph.core.llm.usage import Cost, Usage, total_cost, total_usage
from ralph.core.timeline.calls import Call
from ralph.core.timeline.turns import Attempt, Block, Turn

# Causes of waits before an attempt, the latest first.
CAUSES = ("loading", "limited", "retry", "person")
# Of two simultaneous waits, the first in this order counts.
_RANKED = ("person", "loading", "limited", "retry")

Interval = tuple[float, float]


@frozen
class Wait(Data):
    """A time from `start` to `end` ms of its turn in which `cause` blocked all work: a person (`person`), the import of
    the provider's client (`loading`), room under a rate limit (`limited`), the delay before a next try (`retry`).
    """

    cause: str
    start: float
    end: float


@frozen
class Guess(Data):
    """An answer that was requested before the route decided, and was not wanted."""

    usage: Usage
    cost: Cost


@frozen
class StepFigures(Data):
    """The figures of one step or one turn.

    `own_ms` is its own time; None if there is none (yet). `began_ms` and `ended_ms` are its position on the axis of its
    turn. `waited` is ms by cause, without zeros. For a step, `usage` and `cost` exclude the discarded guess; for a turn
    they include all requests.
    """

    own_ms: float | None
    began_ms: float
    ended_ms: float
    waited: Mapping[str, float]
    usage: Usage
    cost: Cost
    guess: Guess | None = None


def step_figures(block: Block, now_ms: float | None = None) -> StepFigures:
    """Return the figures of a step; `now_ms` is the clock of its turn while it runs."""
    kept, guessed = _apart(block)
    if (not kept and not block.calls) or block.copied_from:
        own, began, ended = _bare(block)
    else:
        runs = [_run(a, now_ms) for a in kept]
        worked = _union([*runs, *(_ran(c, now_ms) for c in block.calls)])
        # Requests of one step run one after the other: their times are added, as in the ledger.
        own = round(sum(b - a for a, b in runs) + _length(_union(_ran(c, now_ms) for c in block.calls)), 3)
        began = min((a for a, _ in worked), default=block.started_ms)
        ended = max((b for _, b in worked), default=began)
    return StepFigures(
        own,
        began,
        ended,
        {} if block.copied_from else _step_waits(block, now_ms),
        total_usage(a.usage for a in kept if a.finished),
        total_cost(a.cost for a in kept if a.finished),
        _guess([a for a in guessed if a.finished]),
    )


def turn_figures(turn: Turn, now_ms: float | None = None) -> StepFigures:
    """Return the figures of a turn; its own time and its waits add up to the time from its start to its end."""
    blocks = [b for b in turn.blocks if not b.copied_from]
    worked = _union(
        [*(_run(a, now_ms) for b in blocks for a in b.attempts), *(_ran(c, now_ms) for b in blocks for c in b.calls)]
    )
    waited = _sum_waits((w for b in blocks for w in waits(b, now_ms)), worked)
    whole = now_ms if turn.status is None and now_ms is not None else turn.duration_ms
    guessed = [a for b in blocks for a in _apart(b)[1] if a.finished]
    own = max(0.0, round(whole - sum(waited.values()), 3))
    return StepFigures(own, 0.0, whole, waited, turn.usage, turn.cost, _guess(guessed))


def find_discarded(block: Block) -> Sequence[Attempt]:
    """Return the requests of an unwanted guess."""
    return _apart(block)[1]


def waits(block: Block, now_ms: float | None = None) -> list[Wait]:
    """Return the waits of a step on the axis of its turn; those of one request follow each other."""
    made = [w for a in block.attempts for w in _before(a.started_ms, a.end.phases)]
    made += _before(block.started_ms + block.duration_ms, block.waited)
    for call in block.calls:
        if call.status is None and call.decision is None:
            if now_ms is not None:
                made.append(Wait("person", call.requested_ms, max(call.requested_ms, now_ms)))
        elif call.waited_ms > 0:
            end = call.decided_ms if call.decision else call.requested_ms + call.waited_ms
            made.append(Wait("person", end - call.waited_ms, end))
    return made


def attempt_waits(attempt: Attempt) -> list[Wait]:
    """Return the waits of a request before it was sent, the latest first."""
    return _before(attempt.started_ms, attempt.end.phases)


def _before(moment: float, phases: Mapping[str, float]) -> list[Wait]:
    made, end = [], moment
    for cause in CAUSES:
        took = phases.get(cause, 0.0)
        if took > 0:
            made.append(Wait(cause, end - took, end))
            end -= took
    return made


def _apart(block: Block) -> tuple[list[Attempt], list[Attempt]]:
    """Return the requests of the step, and those of an unwanted guess. The tries of a guess follow each other, so it
    was used if the last finished request is one of them and was not discarded."""
    last = next((a.end for a in reversed(block.attempts) if a.finished), None)
    used = last is None or (last.speculated and last.outcome != "discarded")
    guessed = [] if used else [a for a in block.attempts if a.end.speculated]
    return [a for a in block.attempts if a not in guessed], guessed


def _guess(attempts: Sequence[Attempt]) -> Guess | None:
    if not attempts:
        return None
    return Guess(total_usage(a.usage for a in attempts), total_cost(a.cost for a in attempts))


def _bare(block: Block) -> tuple[float | None, float, float]:
    """Return the times of a step without a request: rules, a cached answer, a kept step. Its end gives its time."""
    if block.status is None:
        return None, block.started_ms, block.started_ms
    took = 0.0 if block.attempts else max(0.0, round(block.duration_ms - sum(block.waited.values()), 3))
    return took, block.started_ms, block.started_ms + took


def _run(attempt: Attempt, now_ms: float | None) -> Interval:
    start = attempt.started_ms
    if attempt.finished:
        return start, start + attempt.end.duration_ms
    return start, start if now_ms is None else max(start, now_ms)


def _ran(call: Call, now_ms: float | None) -> Interval:
    """Return when the tool itself ran; empty for a call that was not allowed."""
    start = call.decided_ms if call.decision else call.requested_ms
    if call.status is not None:
        return start, start + call.duration_ms
    return start, start if now_ms is None or call.decision != "allowed" else max(start, now_ms)


def _step_waits(block: Block, now_ms: float | None) -> dict[str, float]:
    """Return ms by cause. Before its requests a step waits in order; for a person only while none of its tools runs."""
    found = waits(block, now_ms)
    made = {cause: round(sum(w.end - w.start for w in found if w.cause == cause), 3) for cause in _RANKED}
    if block.calls:
        asked = [w for w in found if w.cause == "person"]
        made["person"] = _sum_waits(asked, _union(_ran(c, now_ms) for c in block.calls)).get("person", 0.0)
    return {cause: took for cause, took in made.items() if took > 0}


def _sum_waits(found: Iterable[Wait], worked: Sequence[Interval]) -> dict[str, float]:
    """Return ms by cause in which nothing was done, each moment once."""
    taken, made = list(worked), {}
    listed = list(found)
    for cause in _RANKED:
        free = list(_without(_union((w.start, w.end) for w in listed if w.cause == cause), taken))
        took = round(_length(free), 3)
        if took > 0:
            made[cause] = took
        taken = _union([*taken, *free])
    return made


def _union(intervals: Iterable[Interval]) -> list[Interval]:
    made: list[Interval] = []
    for start, end in sorted(i for i in intervals if i[1] > i[0]):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made


def _without(intervals: Iterable[Interval], taken: Sequence[Interval]) -> Iterator[Interval]:
    """Yield the parts of these intervals that are not in `taken`; both are unions."""
    for first, end in intervals:
        start = first
        for other in taken:
            if other[1] <= start or other[0] >= end:
                continue
            if other[0] > start:
                yield start, other[0]
            start = max(start, other[1])
        if start < end:
            yield start, end


def _length(intervals: Iterable[Interval]) -> float:
    return sum(end - start for start, end in intervals)
