"""Conversations side by side: the model, the state, the answer and the figures of each."""

from __future__ import annotations

from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.formatting import seconds
from ralph.core.llm.model_names import ref_name
from ralph.core.llm.usage import Cost, Usage, total_cost, total_usage
from ralph.core.timeline.compared import ComparedAnswer, answers_of
from ralph.core.timeline.step_times import turn_figures
from ralph.core.timeline.timeline import failure_of
from ralph.core.timeline.turns import Block, Turn
from ralph.tui.brush import Brush
from ralph.tui.formatting import price, tokens
from ralph.tui.text import one_line
from ralph.tui.timeline import side_by_side
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.layout import INDENT, SPINNER, STATES
from ralph.tui.timeline.side_by_side import Column
from ralph.tui.timeline.targets import Target

# The number of lines of an answer in a folded comparison.
LINES = 24


@frozen
class Lane(Data):
    """A turn that runs out of sight, so far. `text` is the text of its answer, `now_ms` the time since the start."""

    ref: str
    turn: Turn | None
    text: str
    now_ms: float

    @property
    def status(self) -> str | None:
        return self.turn.status if self.turn else None

    @property
    def took(self) -> float:
        """The time of the turn in ms, without its waits. Before its first event, the time since the start."""
        return turn_figures(self.turn, self.now_ms).own_ms or 0.0 if self.turn else self.now_ms

    def doing(self) -> str:
        """Return the current step in words."""
        steps = self.turn.blocks if self.turn else ()
        now = next((b for b in reversed(steps) if b.status is None), None)
        if now is None:
            return "begins" if not steps else ""
        waits = now.attempts[-1].waits if now.attempts and not now.attempts[-1].finished else now.waits
        return f"{now.kind}, waiting: {waits[-1].cause}" if waits and not self.text else now.kind

    def column(self, frame: int) -> Column:
        status, turn = self.status, self.turn
        done = [a.end for a in turn.attempts if a.finished] if turn else []
        used, cost = total_usage(e.usage for e in done), total_cost(e.cost for e in done)
        state = (f"{SPINNER[frame % len(SPINNER)]} {self.doing()}", "running")
        if status:
            state = (f"{STATES[status]} {status}", status)
        failed = failure_of(turn) if turn and status and status != "ok" else None
        text = turn.text if turn and status else self.text
        error = failed[0].message.partition("\n")[0] if failed else ""
        figures = _figures(self.took, used, cost, asked=bool(done))
        return Column(ref_name(self.ref), state, text, figures, error, None, end=not status)


@frozen
class BesideDrawing(Data):
    """A column for each lane. `frame` turns the spinners."""

    lanes: tuple[Lane, ...]
    frame: int = 0

    def guess(self, width: int) -> int:
        return 3 * len(self.lanes)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        return [Strip.blank(0), *side_by_side.draw([lane.column(self.frame) for lane in self.lanes], brush, width)]


@frozen
class ComparedDrawing(Data):
    """A finished comparison in the timeline."""

    block: Block
    look: FoldState

    @property
    def place(self) -> Target:
        return Target(0, "step", self.block.id)

    def guess(self, width: int) -> int:
        return LINES

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        answers = answers_of(self.block)
        asked = brush.text(one_line(self.block.title), width, "muted", (f"{INDENT}⇄ ", "user"))
        keys = "1" if len(answers) == 1 else f"1-{len(answers)}"
        reach = f"{brush.key('block.enter', 'Alt+Up')} comes here"
        hint = f"{keys} here: go on with that answer · {reach} · /compare take 1"
        columns = [self._column(n, answer) for n, answer in enumerate(answers, 1)]
        foot = brush.text(hint, width, "faint", (INDENT, ""))
        return [Strip.blank(0), *asked[:1], *side_by_side.draw(columns, brush, width), *foot]

    def _column(self, number: int, answer: ComparedAnswer) -> Column:
        state = (f"{STATES.get(answer.status, '!')} {answer.status}", answer.status)
        figures = _figures(answer.duration_ms, answer.usage, answer.cost, asked=answer.asked)
        text = answer.text or ("" if answer.error else "(nothing)")
        folded = None if self.look.details else LINES
        return Column(f"{number} {ref_name(answer.ref)}", state, text, figures, answer.error, folded)


def _figures(took_ms: float, usage: Usage, cost: Cost, *, asked: bool) -> str:
    """Return the time, and after a request the tokens and the cost."""
    parts = [seconds(took_ms), *((tokens(usage), price(cost, usage)) if asked else ())]
    return "─ " + " · ".join(part for part in parts if part)
