"""The next steps that stand at the end of the last turn if that turn failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ralph.core.errors import Failure
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.workspace import Workspace
from ralph.core.timeline.steps import STEPS
from ralph.core.timeline.timeline import failure_of
from ralph.core.timeline.turns import Turn
from ralph.tui.controllers.shell_state import Change, ShellState
from ralph.tui.timeline.blocks import FooterDrawing
from ralph.tui.timeline.turn_end import NextStep, next_steps
from ralph.tui.timeline.view import TimelineView

# At most this many other providers are offered. The picker has them all.
MOST = 2


class FailureOffers:
    """The offers of next steps. They change after a turn ends, another timeline opens, or providers are found."""

    def __init__(self, workspace: Workspace, shell: ShellState, view: TimelineView) -> None:
        self._workspace = workspace
        self._shell = shell
        self._view = view
        self._busy = False
        self._at = 0
        shell.watch(self._look)

    def _look(self, change: Change) -> None:
        """Renew the offer when an activity begins or ends. Scrolling changes the activity many times a second."""
        busy = self._shell.busy
        if change == "header" or (change == "activity" and busy is not self._busy):
            self._busy = busy
            self._offer()

    def _offer(self) -> None:
        turns = self._shell.conversation.timeline().turns
        last = turns[-1] if turns and not self._shell.busy else None
        number = last.number if last else 0
        if self._at != number:
            self._put(self._at, ())
        self._at = number
        if last:
            self._put(number, next_steps(last, other_models(self._workspace, last)))

    def _put(self, number: int, steps: Sequence[NextStep]) -> None:
        items = self._view.model.items
        for n in range(len(items) - 1, -1, -1):
            drawing = items[n].drawing
            if isinstance(drawing, FooterDrawing) and drawing.turn.number == number:
                if drawing.steps != tuple(steps):
                    self._view.swap(n, replace(drawing, steps=tuple(steps)))
                return


def other_models(workspace: Workspace, turn: Turn) -> list[str]:
    """Return commands that ask the other connected providers, each for the model that the provider prefers.

    The commands retry from the latest step of the turn that must run again.
    """
    failed = failure_of(turn)
    if failed is None:
        return []
    asked = {a.provider for a in turn.attempts if a.end.outcome == "failed"}
    asked |= {ModelRef.parse(turn.started.roles.get(failed[1], "")).provider}
    made: list[str] = []
    for row in workspace.models.providers():
        if row.configured and row.name not in asked and row.kind != "builtin" and not row.breakers:
            try:
                made.append(f"/retry {_from(turn)}{workspace.models.ref(row.name)}")
            except Failure:  # the provider has no model that can be named
                continue
    return made[:MOST]


def _from(turn: Turn) -> str:
    """Return the last step from which the turn can run again, as a word of the command; "" for the whole turn."""
    from ralph.session import rerun  # late: only a failed turn has offers

    for step in reversed(STEPS[1:]):
        try:
            rerun.again(turn, step)
        except Failure:
            continue
        return f"{step} "
    return ""
