"""The player of a replay: a position on a timetable that a clock or a person moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ralph.core.clock import Clock
from ralph.session.timetable import Showing, Timetable

# None is as fast as possible.
SPEEDS: tuple[float | None, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, None)
# At full speed each `advance` shows this many showings, so that the screen stays responsive.
MOST = 100
# This close to the start of a turn, "back" goes to the turn before.
NEAR_MS = 1000.0


class Stage(Protocol):
    """Where the showings appear."""

    def show(self, showings: Sequence[Showing]) -> None:
        """Show these showings next."""
        ...

    def rewind(self, count: int) -> None:
        """Return to the state after the first `count` showings."""
        ...


class Player:
    """Moves through a timetable. It does nothing by itself: its owner must call `advance` often."""

    def __init__(self, table: Timetable, stage: Stage, clock: Clock, *, speed: float | None = 1.0) -> None:
        self.table = table
        self.speed = speed
        self.position = 0.0
        self.playing = False
        self._stage = stage
        self._clock = clock
        self._shown = 0
        self._at = clock.monotonic()
        self._reach(0.0)

    @property
    def ended(self) -> bool:
        return self._shown == len(self.table.showings) and self.position >= self.table.length

    @property
    def turn(self) -> int:
        return self.table.clock(self.position)[0]

    @property
    def turn_ms(self) -> float:
        """Return the clock of the shown turn in milliseconds."""
        return self.table.clock(self.position)[1]

    def play(self) -> None:
        """Play; at the end, start again."""
        if self.ended:
            self.seek(0.0)
        self.playing = True
        self._at = self._clock.monotonic()

    def pause(self) -> None:
        self._arrive()
        self.playing = False

    def advance(self) -> None:
        """Show the due showings. Pauses at the end."""
        if not self.playing:
            return
        now = self._clock.monotonic()
        passed, self._at = now - self._at, now
        if self.speed is None:
            showings = self.table.showings
            last = min(len(showings), self._shown + MOST)
            self._reach(showings[last - 1].at if last else 0.0)
        else:
            self._reach(min(self.table.length, self.position + passed * 1000 * self.speed))
        if self.ended:
            self.playing = False

    def faster(self) -> None:
        """Switch to the next higher speed; None, the highest, stays."""
        self._arrive()
        if self.speed is not None:
            self.speed = next((s for s in SPEEDS if s is None or s > self.speed), None)

    def slower(self) -> None:
        self._arrive()
        lower = [s for s in SPEEDS if s is not None and (self.speed is None or s < self.speed)]
        if lower:
            self.speed = lower[-1]

    def seek(self, position: float) -> None:
        """Go to this position, whether playing or not."""
        position = max(0.0, min(position, self.table.length))
        self._at = self._clock.monotonic()
        count = self.table.due(position)
        here = self.table.showings[self._shown - 1].turn if self._shown else 0
        there = self.table.showings[count - 1].turn if count else 0
        if count < self._shown or here != there:
            self.position, self._shown = position, count
            self._stage.rewind(count)
        else:
            self._reach(position)

    def step(self, direction: int = 1) -> None:
        """Pause, and go to the end of the next block, or of the one before."""
        self.pause()
        table = self.table
        self.seek(table.next_stop(self.position) if direction > 0 else table.stop_before(self.position))

    def to_turn(self, direction: int) -> None:
        """Go to the start of the next turn or of this one; close to its start, of the one before."""
        self._arrive()
        marks, number = self.table.marks, self.table.number(self.position)
        if direction > 0:
            self.seek(marks[number].at if number < len(marks) else self.table.length)
        elif number:
            mark = marks[number - 1]
            back = self.position - mark.at < NEAR_MS * (self.speed or 1.0) and number > 1
            self.seek(marks[number - 2].at if back else mark.at)

    def use(self, table: Timetable) -> None:
        """Use another timetable of the same events; the clock of the turn stays."""
        self._arrive()
        turn, ms = self.table.clock(self.position)
        ended = self.ended
        self.table = table
        self.position = table.length if ended else table.position(turn, ms)
        self._shown = table.due(self.position)
        self._stage.rewind(self._shown)

    def _arrive(self) -> None:
        """Move to the clock's current position. At full speed no showing is ever due."""
        if self.speed is not None:
            self.advance()
        self._at = self._clock.monotonic()

    def _reach(self, position: float) -> None:
        count = self.table.due(position)
        due = self.table.showings[self._shown : count]
        self.position, self._shown = position, max(count, self._shown)
        if due:
            self._stage.show(due)
