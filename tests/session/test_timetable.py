"""The timetable of a replay: stored times, waits cut short, and the way back from a position to a turn's clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.clock import stamp
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.session.timetable import GAP_S, TimedPiece, Timetable, timetable
from tests.frozen import FrozenClock

Step = tuple[int, float, ev.Event]


def numbered(steps: list[Step], apart_s: float = 60) -> list[Envelope]:
    """Turns lie `apart_s` apart."""
    clock = FrozenClock()
    made = []
    for n, (turn, ms, event) in enumerate(steps, start=1):
        clock.passed = turn * apart_s + ms / 1000
        made.append(Envelope("k3f9w2m7qd", n, turn, stamp(clock.now()), ms, event))
    return made


def turn(n: int, first_ms: float = 500.0) -> list[Step]:
    return [
        (n, 0.0, ev.TurnStarted("hi")),
        (n, 1.0, ev.BlockStarted(f"{n}.1", "user")),
        (n, 1.0, ev.BlockFinished(f"{n}.1", "ok", text="hi")),
        (n, 2.0, ev.BlockStarted(f"{n}.4", "format")),
        (n, first_ms + 90, ev.BlockDelta(f"{n}.4", "text", ((int(first_ms), "one "), (int(first_ms) + 60, "two")))),
        (n, first_ms + 100, ev.BlockFinished(f"{n}.4", "ok", text="one two")),
        (n, first_ms + 101, ev.TurnFinished("ok", "one two")),
    ]


def pieces(table: Timetable) -> list[tuple[float, str]]:
    return [(s.at, s.thing.text) for s in table.showings if isinstance(s.thing, TimedPiece)]


def test_pieces_come_at_their_own_times_and_not_with_their_delta() -> None:
    table = timetable(numbered(turn(1)))
    assert pieces(table) == [(502.0, "one "), (562.0, "two")]
    assert table.length == 601.0
    assert table.left_out == 0


def test_a_long_wait_is_cut_short_and_the_clock_of_the_turn_runs_through_it() -> None:
    table = timetable(numbered(turn(1, 43_000)), idle_cap_s=3.0)
    assert pieces(table)[0] == (3002.0, "one ")
    assert table.left_out == pytest.approx(40_000)
    assert table.clock(2.0) == (1, 2.0)
    assert table.clock(1502.0) == (1, pytest.approx(21_502))
    assert table.clock(3002.0) == (1, pytest.approx(43_002))
    found = table.idle(1502.0)
    assert found
    assert found.ms == pytest.approx(43_000)
    assert table.idle(3002.0) is None
    assert timetable(numbered(turn(1, 43_000)), idle_cap_s=None).length == pytest.approx(43_101)


def test_between_turns_there_is_a_breath() -> None:
    opened: Step = (0, 0.0, ev.TimelineOpened("t"))
    table = timetable(numbered([opened, *turn(1), *turn(2)]))
    assert [(m.turn, m.at) for m in table.marks] == [(1, 0.0), (2, 601.0 + GAP_S * 1000)]
    assert table.clock(601.0 + GAP_S * 500) == (1, 601.0)
    assert [table.number(at) for at in (0.0, 601.0, 1101.0, 9e9)] == [1, 1, 2, 2]
    near = timetable(numbered([opened, *turn(1), *turn(2)], apart_s=0.7))
    assert near.marks[1].at == pytest.approx(700)


def test_stops_are_questions_and_ends_of_blocks() -> None:
    table = timetable(numbered([*turn(1), *turn(2)]))
    assert table.stops == (0.0, 601.0, 1101.0, 1702.0)
    assert [table.next_stop(at) for at in (0.0, 300.0, 601.0, 1702.0)] == [601.0, 601.0, 1101.0, 1702.0]
    assert [table.stop_before(at) for at in (0.0, 300.0, 601.0, 1702.0)] == [0.0, 0.0, 0.0, 1101.0]


def test_a_channel_that_starts_anew_does_so_before_its_own_pieces() -> None:
    steps = turn(1)
    steps.insert(5, (1, 595.0, ev.BlockDelta("1.4", "text", ((10, "anew"),), restart=True)))
    things = [s.thing for s in timetable(numbered(steps)).showings]
    restart = next(n for n, t in enumerate(things) if isinstance(t, Envelope) and getattr(t.event, "restart", False))
    assert isinstance(things[restart + 1], TimedPiece)
    assert [t.text for t in things if isinstance(t, TimedPiece)] == ["one ", "two", "anew"]


def test_clocks_that_went_wrong_never_put_an_event_before_one_that_came_earlier() -> None:
    steps = turn(1)
    steps[5] = (1, 20.0, steps[5][2])  # the finish is stamped before the delta that it follows
    table = timetable(numbered(steps))
    seqs = [s.thing.seq for s in table.showings if isinstance(s.thing, Envelope)]
    assert seqs == sorted(seqs)
    assert all(at <= 590.0 for at, _ in pieces(table))
    broken = [Envelope("t", 1, 1, "not a stamp", 0.0, ev.TurnStarted("")), *numbered(turn(2))]
    assert timetable(broken).marks[1].at == 0.0


def test_nothing_is_a_timetable_too() -> None:
    table = timetable([])
    assert (table.length, table.due(0.0), table.clock(5.0), table.next_stop(0.0)) == (0.0, 0, (0, 0.0), 0.0)
    assert (table.number(0.0), table.idle(0.0), table.position(1, 5.0), table.start(1)) == (0, None, 0.0, None)


@given(
    gaps=st.lists(st.floats(0, 20_000), min_size=1, max_size=20), cap=st.one_of(st.none(), st.floats(0.1, 10)),
    part=st.floats(0, 1),
)  # fmt: skip
def test_positions_and_clocks_are_each_other_s_reverse(gaps: list[float], cap: float | None, part: float) -> None:
    ms, steps = 0.0, list[Step]()
    for gap in gaps:
        ms += gap
        steps.append((1, ms, ev.Note("n", "x")))
    table = timetable(numbered(steps), cap)
    ats = [s.at for s in table.showings]
    assert ats == sorted(ats)
    assert table.length + table.left_out == pytest.approx(sum(gaps[1:]), abs=1e-3)
    at = part * table.length
    number, clock = table.clock(at)
    assert number == 1
    assert table.clock(table.position(1, clock))[1] == pytest.approx(clock, abs=1e-3)
