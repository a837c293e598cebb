"""Small logs of the contract's events, for tests of what is made from them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ralph.core.llm.messages import Content, TextPart
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope

AT = "2026-11-20T14:02:11.000000Z"
USAGE = Usage(900, 100, 50, 68, 8, "reported")
ROW = PriceRow("config", "", "m", "2", "0.1", "2.5", "10")
COST = Cost(2_315_000, "computed")


def envelopes(events: Sequence[tuple[int, ev.Event]], timeline: str = "k3f9w2m7qd", after: int = 0) -> list[Envelope]:
    """Numbered without gaps, each 10 ms after the one before."""
    return [
        Envelope(timeline, after + n, turn, AT, n * 10.0 if turn else 0.0, event)
        for n, (turn, event) in enumerate(events, start=1)
    ]


def opened(title: str = "README questions") -> tuple[int, ev.Event]:
    return 0, ev.TimelineOpened(title, versions={"ralph": "0.1.0"})


def turn(number: int, prompt: str, answer: str, *, finished: bool = True) -> list[tuple[int, ev.Event]]:
    """A whole turn with one call, or one that stops in the middle of its answer."""
    n = number
    made: list[ev.Event] = [
        ev.TurnStarted(prompt, roles={"format": "anthropic:m"}),
        ev.BlockStarted(f"{n}.1", "user"),
        ev.BlockFinished(f"{n}.1", "ok", text=prompt),
        ev.BlockStarted(f"{n}.2", "route"),
        ev.BlockFinished(f"{n}.2", "ok", data={"tools": ["calculate"]}),
        ev.BlockStarted(f"{n}.3", "tool"),
        ev.ToolRequested(f"{n}.3c1", None, "calculate", {"expression": "1+1"}, "none", "b1"),
        ev.ToolDecided(f"{n}.3c1", "allowed", "effect none"),
        ev.ToolFinished(f"{n}.3c1", "ok", "2"),
        ev.BlockFinished(f"{n}.3", "ok"),
        ev.BlockStarted(f"{n}.4", "format"),
        ev.AttemptStarted(f"{n}.4a1", f"{n}.4", "anthropic:m", "format", Usage(input=800, source="estimated"), ROW),
        ev.BlockDelta(f"{n}.4", "text", ((5, answer[: len(answer) // 2]), (40, answer[len(answer) // 2 :]))),
    ]
    if finished:
        made += [
            ev.AttemptFinished(
                f"{n}.4a1", "ok", provider="anthropic", model="m", usage=USAGE, cost=COST, price=ROW,
                raw_usage={"input_tokens": 750}, stop_reason="stop", ttft_ms=5.0, duration_ms=60.0,
                message=Content((TextPart(answer),)),
            ),
            ev.BlockFinished(f"{n}.4", "ok", text=answer, usage=USAGE, cost=COST),
            ev.TurnFinished("ok", answer, USAGE, COST, 200.0),
        ]  # fmt: skip
    return [(number, event) for event in made]


_RULES = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name GLOB 'event*'"
_TABLES = ("event_rows", "event_deltas", "event_packs")


def damage(path: Path, timeline: str, seqs: Sequence[int], data: object = None) -> None:
    """Give these events other data, or lose them, as a broken disk might: no rule of the database stops it."""
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        for (trigger,) in other.execute(_RULES).fetchall():
            other.execute(f"DROP TRIGGER {trigger}")
        ((number,),) = other.execute("SELECT number FROM timelines WHERE id = ?", (timeline,))
        for seq in seqs:
            at, kind = other.execute(
                "SELECT at, type FROM events WHERE timeline = ? AND seq = ?", (timeline, seq)
            ).fetchone()
            for table in _TABLES:
                other.execute(f"DELETE FROM {table} WHERE timeline = ? AND seq = ?", (number, seq))
            if data is not None:
                row = (number, seq, 1, at, 0.0, kind, data)
                other.execute(
                    "INSERT INTO event_rows (timeline, seq, turn, at, ms, kind, v, data)"
                    " SELECT ?, ?, ?, ?, ?, id, 1, ?7 FROM event_types WHERE type = ?6",
                    row,
                )
