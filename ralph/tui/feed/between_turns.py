"""The finished part of a timeline in order: turns, and the changes and work between them (blocks `0.n`)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ralph.core.clock import Clock
from ralph.core.log import events as ev
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Block, Turn
from ralph.tui.feed import changes
from ralph.tui.timeline.blocks import BrokenDrawing, NoteDrawing, Running, drawings, step_drawing
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.timeline.targets import target_of
from ralph.tui.timeline.view import TimelineView

log = logging.getLogger("ralph.tui")

# A hundred drawings take about 10 ms.
PIECE = 25
_NEVER = "~"  # sorts after every date
# These events change the row of a block between turns.
WORKING = (ev.BlockStarted, ev.BlockFinished, ev.AttemptStarted, ev.AttemptWaiting, ev.AttemptFinished)


def past(timeline: Timeline, look: FoldState) -> list[Drawing]:
    """Return the drawings of the closed turns and of the finished work between them, in order of time."""
    changed = changes.after_turns(timeline)
    made: list[Drawing] = []
    waiting = [b for b in timeline.work if b.status is not None]
    for turn in timeline.turns:
        while waiting and waiting[0].at < turn.at:
            made.append(_draw_block(waiting.pop(0), look))
        if turn.status is not None:
            made += [*draw_turn(turn, look), *changed.get(turn.number, ())]
    return made + [_draw_block(block, look) for block in waiting]


def draw_turn(turn: Turn, look: FoldState) -> list[Drawing]:
    """Return the drawings of a finished turn."""
    try:
        return drawings(turn, look)
    except Exception:  # border: one broken turn must not hide the others
        log.exception("turn %d could not be shown", turn.number)
        return [BrokenDrawing()]


def pieces(timeline: Timeline, before: int, size: int = PIECE) -> Iterator[Timeline]:
    """Yield the part of the timeline before the turn `before`, in pieces of `size` turns, the last piece first."""
    turns = [t for t in timeline.turns if t.number < before]
    until = next((t.at for t in timeline.turns if t.number >= before), _NEVER)
    for end in range(len(turns), 0, -size):
        made = turns[max(0, end - size) : end]
        since, numbers = made[0].at, {t.number for t in made}
        if end <= size:
            since, numbers = "", {0, *numbers}
        yield replace(
            timeline,
            turns=tuple(made),
            work=tuple(b for b in timeline.work if since <= b.at < until),
            role_changes=tuple(c for c in timeline.role_changes if c[0] in numbers),
        )
        until = since


def end_of(timeline: Timeline) -> Timeline:
    """Return a timeline of which only the last turns were read, without the work before those turns."""
    since = timeline.turns[0].at if timeline.turns else ""
    return replace(timeline, work=tuple(b for b in timeline.work if b.at >= since))


class BetweenTurns:
    """The work that runs between turns. Its row stands at the end of the timeline, where the work began.

    Work that had finished before the timeline was opened stands elsewhere, or above the part that was read.
    """

    def __init__(self, view: TimelineView, clock: Clock) -> None:
        self._view = view
        self._clock = clock
        self._open: dict[str, float] = {}

    @property
    def busy(self) -> bool:
        return bool(self._open)

    def close(self) -> None:
        self._open.clear()

    def begin(self, block: str) -> None:
        """Mark a block as open, or as open until now."""
        self._open.setdefault(block, self._clock.monotonic())

    def take(self, event: ev.Event, *, told: bool) -> bool:
        """Show a note or a change of models. Return True if the row of a block may have changed.

        The title is not shown here: it stands above the timeline. `told` is true if the timeline is empty and its table
        already shows the models.
        """
        if isinstance(event, ev.BlockStarted):
            self.begin(event.block)
        if isinstance(event, ev.Note):
            self._add(NoteDrawing(event.text))
        elif isinstance(event, ev.RolesChanged) and not told:
            self.change(event)
        return isinstance(event, WORKING)

    def change(self, event: ev.RolesChanged) -> None:
        """Show a change of models."""
        self._add(changes.drawing(event))

    def _add(self, drawing: Drawing) -> None:
        end = len(self._view.model)
        self._view.replace(end, end, [drawing])

    def show(self, work: Sequence[Block], look: FoldState, frame: int) -> bool:
        """Insert or redraw the rows of the open blocks and of those that just ended. Return whether a block is open."""
        for block in work:
            if block.status is None:
                self.begin(block.id)
        wanted = [block for block in work if block.id in self._open]
        shown = self.list_shown() if wanted else {}
        for block in wanted:
            made = self._row(block, look, frame)
            if block.id in shown:
                self._view.swap(shown[block.id], made)
            else:
                shown[block.id] = len(self._view.model)
                self._add(made)
            if block.status is not None:
                self._open.pop(block.id, None)
        return self.busy

    def list_shown(self) -> dict[str, int]:
        """Return the rows of the work on the screen: block id to row number."""
        found = ((target_of(item), n) for n, item in enumerate(self._view.model.items))
        return {where.block: n for where, n in found if where and where.block and not where.turn}

    def _row(self, block: Block, look: FoldState, frame: int) -> Drawing:
        if block.status is not None:
            return _draw_block(block, look)
        now = (self._clock.monotonic() - self._open[block.id]) * 1000 + block.started_ms
        from ralph.core.timeline.person_commands import command_of
        from ralph.tui.timeline.own_command import OwnCommandDrawing

        if command := command_of(block):
            return OwnCommandDrawing(block, command, look.of(block.id), now, frame)
        return step_drawing(block, "", now, look, block.at, Running(now, frame, {}, {}))


def _draw_block(block: Block, look: FoldState) -> Drawing:
    # Late: only a timeline with work between its turns needs them.
    from ralph.core.timeline.compared import answers_of
    from ralph.core.timeline.person_commands import command_of
    from ralph.tui.timeline.beside import ComparedDrawing
    from ralph.tui.timeline.own_command import OwnCommandDrawing

    if answers_of(block):
        return ComparedDrawing(block, look.of(block.id))
    if command := command_of(block):
        return OwnCommandDrawing(block, command, look.of(block.id))
    return step_drawing(block, "", max(1.0, block.started_ms + block.duration_ms), look, block.at)
