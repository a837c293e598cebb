"""Closes what a dead process left open, by appending events: the stored text stays, with status `interrupted`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ralph import counting, pricing
from ralph.core.clock import Clock, moment, stamp
from ralph.core.errors import ErrorInfo, Kind
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.usage import Usage, total_cost, total_usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.calls import Call
from ralph.core.timeline.timeline import fold
from ralph.core.timeline.turns import Attempt, Block, Turn, fold_turn
from ralph.disk.changes import remove_temporary
from ralph.disk.interrupted import find_changes
from ralph.pricing import Prices

_DIED = ErrorInfo(Kind.INTERRUPTED, "ralph was killed during this; what had arrived was kept")


def closing(timeline: str, events: Sequence[Envelope], prices: Prices, clock: Clock) -> list[Envelope]:
    """Return the missing finish events of this log, numbered and ready to append.

    Reads the files that an open call was going to change, and removes what its write left beside them.
    """
    own = [e for e in events if e.timeline == timeline]
    state = fold(timeline, own)
    last = {e.turn: e for e in own}
    made: list[tuple[int, ev.Event]] = []
    for turn in state.turns:
        if turn.status is None:
            made += [(turn.number, event) for event in _turn(turn, prices, last[turn.number].ms)]
    if any(b.status is None for b in state.work):
        work = fold_turn([e for e in own if e.turn == 0 and not isinstance(e.event, ev.TimelineOpened)])
        made += [(0, event) for event in _blocks(work.blocks, prices, 0.0)]
    at = stamp(clock.now())
    seq = own[-1].seq if own else 0
    return [
        Envelope(timeline, seq + n, number, at, last[number].ms, event)
        for n, (number, event) in enumerate(made, start=1)
    ]


def _turn(turn: Turn, prices: Prices, ms: float) -> list[ev.Event]:
    made = _blocks(turn.blocks, prices, ms)
    finished = [e for e in made if isinstance(e, ev.AttemptFinished)]
    done = [a.finished for a in turn.attempts if a.finished]
    text = next((b.text for b in turn.blocks if b.kind == "format"), "")
    made.append(
        ev.TurnFinished(
            "interrupted",
            text,
            total_usage(a.usage for a in (*done, *finished)),
            total_cost(a.cost for a in (*done, *finished)),
            ms,
        )
    )
    return made


def _blocks(blocks: Sequence[Block], prices: Prices, ms: float) -> list[ev.Event]:
    made: list[ev.Event] = []
    for block in blocks:
        for call in (c for c in block.calls if c.status is None):
            made += _call(call, block)
        ends = {a.id: _attempt(a, block, prices, ms) for a in block.attempts if a.finished is None}
        made += ends.values()
        if block.status is None:
            all_ends = [ends.get(a.id) or a.end for a in block.attempts]
            made.append(
                ev.BlockFinished(
                    block.id,
                    "interrupted",
                    partial=bool(block.text or block.thinking),
                    text=block.text,
                    thinking=block.thinking,
                    usage=total_usage(e.usage for e in all_ends),
                    cost=total_cost(e.cost for e in all_ends),
                    duration_ms=max(0.0, ms - block.started_ms),
                    error=_DIED,
                )
            )
    return made


def _call(call: Call, block: Block) -> list[ev.Event]:
    """Finish a call. If it was going to write, the disk says whether it did."""
    if not call.planned:
        return [ev.ToolFinished(call.id, "cancelled", call.output)]
    root = Path(call.root)
    found = find_changes(root, call.planned)
    for record in call.planned:
        remove_temporary(root, record)
    text = f"ralph was killed during this call; {found.text}"
    note = ev.Note("interrupted_write", f"call {call.id}: {found.text}", block.id, {"call": call.id, "root": call.root})
    return [ev.ToolFinished(call.id, "cancelled", text, origin="ralph", files=found.done), note]


def _attempt(attempt: Attempt, block: Block, prices: Prices, ms: float) -> ev.AttemptFinished:
    """Finish an attempt with an estimated usage: the reserved input, and the output that was stored."""
    ref = ModelRef.parse(attempt.ref)
    usage = estimate_usage(attempt.started.estimated.input, block.text + block.thinking)
    row = attempt.started.price or prices.row(ref.provider, ref.model, moment(attempt.started_at))
    return ev.AttemptFinished(
        attempt.id,
        "interrupted",
        provider=ref.provider,
        model=ref.model,
        error=_DIED,
        usage=usage,
        cost=pricing.cost(row, usage),
        price=row,
        duration_ms=max(0.0, ms - attempt.started_ms),
    )


def estimate_usage(input_tokens: int, output: str) -> Usage:
    """Return a usage for tokens that nobody reported."""
    return Usage(input=input_tokens, output=counting.estimate(output), source="estimated")
