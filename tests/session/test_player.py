"""The player: a clock moves it, a person moves it, and what it shows is what there was."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from ralph.core.timeline.timeline import fold
from ralph.session.player import MOST, SPEEDS, Player
from ralph.session.replay import Replay, TurnClock
from ralph.session.timetable import Showing, timetable
from tests.frozen import FrozenClock
from tests.session.test_timetable import numbered, turn

LOG = numbered([*turn(1), *turn(2, 9000), *turn(3)])


class Shelf:
    """Keeps what is shown."""

    def __init__(self, everything: Sequence[Showing]) -> None:
        self.everything = everything
        self.shown: list[Showing] = []
        self.rewinds = 0

    def show(self, showings: Sequence[Showing]) -> None:
        self.shown += showings

    def rewind(self, count: int) -> None:
        self.rewinds += 1
        self.shown = list(self.everything[:count])


def player(speed: float | None = 1.0) -> tuple[Player, Shelf, FrozenClock]:
    table, clock = timetable(LOG), FrozenClock()
    shelf = Shelf(table.showings)
    return Player(table, shelf, clock, speed=speed), shelf, clock


def test_it_shows_what_is_due_and_stops_at_the_end() -> None:
    made, shelf, clock = player()
    assert [s.at for s in shelf.shown] == [0.0]
    clock.advance(10)
    made.advance()
    assert made.position == 0.0
    made.play()
    clock.advance(0.55)
    made.advance()
    assert made.position == pytest.approx(550)
    assert max(s.at for s in shelf.shown) <= 550 < shelf.everything[len(shelf.shown)].at
    clock.advance(100)
    made.advance()
    assert (made.ended, made.playing, made.position) == (True, False, made.table.length)
    assert shelf.shown == list(shelf.everything)
    assert shelf.rewinds == 0
    made.play()
    assert (made.position, made.playing) == (0.0, True)


def test_speeds_go_up_and_down_and_end() -> None:
    made, _, clock = player()
    made.play()
    made.faster()
    clock.advance(0.1)
    made.advance()
    assert made.position == pytest.approx(200)
    for _ in SPEEDS:
        made.faster()
    assert made.speed is None
    for _ in SPEEDS:
        made.slower()
    assert made.speed == 0.25
    clock.advance(0.4)
    made.advance()
    assert made.position == pytest.approx(300)
    made.speed = 3.0
    made.faster()
    assert made.speed == 4.0
    made.speed = 3.0
    made.slower()
    assert made.speed == 2.0


def test_as_fast_as_can_be_is_in_slices() -> None:
    many = timetable(numbered([step for n in range(1, 60) for step in turn(n)]))
    shelf = Shelf(many.showings)
    made = Player(many, shelf, FrozenClock(), speed=None)
    made.play()
    made.advance()
    assert MOST <= len(shelf.shown) < 2 * MOST
    while made.playing:
        made.advance()
    assert shelf.shown == list(many.showings)


def test_a_pause_holds_the_clock() -> None:
    made, _, clock = player()
    made.play()
    clock.advance(0.2)
    made.pause()
    clock.advance(50)
    made.play()
    clock.advance(0.1)
    made.advance()
    assert made.position == pytest.approx(300)


def test_steps_go_from_block_to_block() -> None:
    made, shelf, _ = player()
    seen = []
    for _ in range(8):
        made.step()
        seen.append(made.position)
    assert seen == [*made.table.stops[1:], *[made.table.length] * 3]
    for stop in reversed(made.table.stops[:-1]):
        made.step(-1)
        assert made.position == stop
        assert len(shelf.shown) == made.table.due(stop)


def test_turns_forth_and_back() -> None:
    made, _, _ = player()
    marks = [m.at for m in made.table.marks]
    made.to_turn(1)
    made.to_turn(1)
    assert made.position == marks[2]
    made.to_turn(1)
    assert made.ended
    made.to_turn(-1)
    assert made.position == marks[1]  # less than a second into the last turn
    made.seek(marks[1] + 2000)
    made.to_turn(-1)
    assert made.position == marks[1]
    made.to_turn(-1)
    made.to_turn(-1)
    assert (made.position, made.turn) == (0.0, 1)


def test_other_times_keep_the_place_in_the_turn() -> None:
    made, shelf, _ = player()
    made.seek(made.table.marks[1].at + 1500)
    turn_, ms = made.turn, made.turn_ms
    table = timetable(LOG, idle_cap_s=None)
    shelf.everything = table.showings
    made.use(table)
    assert (made.turn, made.turn_ms) == (turn_, pytest.approx(ms))
    assert len(shelf.shown) == table.due(made.position)
    made.seek(9e9)
    made.use(timetable(LOG))
    assert made.ended


def test_wherever_one_goes_the_timeline_is_that_of_the_events_until_then() -> None:
    """After any walk the replay's fold is the one of the events shown, as if nobody had jumped."""
    table, clock = timetable(LOG), FrozenClock()
    stage = Replay("k3f9w2m7qd", LOG, table)
    made = Player(table, stage, clock)
    dice = random.Random(7)
    for _ in range(200):
        made.seek(dice.uniform(-100, table.length + 100))
        stored = LOG[: stage.timeline().last_seq]
        expected = fold("k3f9w2m7qd", stored)
        got = stage.timeline()
        assert [(t.number, t.status) for t in got.turns] == [(t.number, t.status) for t in expected.turns]
        assert [t for t in got.turns if t.status] == [t for t in expected.turns if t.status]
        assert stage.busy == any(t.status is None for t in expected.turns)
        assert TurnClock(made).monotonic() == made.turn_ms / 1000
