"""A command that the person ran with `!`: its line, how it ended, and its output."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural, seconds
from ralph.core.timeline.person_commands import PersonCommand
from ralph.core.timeline.turns import Block
from ralph.tui.brush import Brush, fit
from ralph.tui.text import clean, one_line
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.layout import INDENT, SPINNER, STATES, output
from ralph.tui.timeline.targets import Target

# Lines of the output of a folded block: the first ones, and the last ones while it runs.
LINES = 16


@frozen
class OwnCommandDrawing(Data):
    """The block of a command. `frame` turns the spinner of a running one, `now_ms` is its time."""

    block: Block
    command: PersonCommand
    look: FoldState
    now_ms: float = 0.0
    frame: int = 0

    @property
    def place(self) -> Target:
        return Target(0, "step", self.block.id)

    def guess(self, width: int) -> int:
        return 2 + min(LINES, self.block.text.count("\n") + 1)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        running = self.block.status is None
        state, style = self._state()
        took = seconds(self.now_ms if running else self.block.duration_ms)
        facts = f"  {state} · {took}"
        line = fit(one_line(self.block.title), max(8, width - len(INDENT) - cell_len(facts)))
        made = [Strip.blank(0), brush.line((f"{INDENT}{line.rstrip()}", "user"), (facts, style))]
        text = clean(self.block.text).strip("\n")
        if not text:
            return made
        if running:
            lines = text.split("\n")[-LINES:]
            return made + output("\n".join(lines), brush, width, LINES, whole=False)
        most = self.look.lines if self.look.details else LINES
        return made + output(text, brush, width, most, whole=self.look.details)

    def _state(self) -> tuple[str, str]:
        status, code = self.block.status, self.command.exit
        if status is None:
            return f"{SPINNER[self.frame % len(SPINNER)]} running", "running"
        words = f"{STATES[status]} {status}"
        if status == "failed" and code is not None:
            ended = f"exit code {code}" if code >= 0 else f"signal {-code}"
            words = f"{STATES[status]} {ended} · it had no terminal and no input"
        apart = "" if self.command.shared else " · not sent to a model"
        left_out = self.command.bytes - len(self.block.text.encode("utf-8", "replace"))
        cut = f" · {plural(self.command.bytes, 'byte')} in all" if left_out > 0 else ""
        return f"{words}{apart}{cut}", status
