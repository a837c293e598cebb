"""The drawings of a turn in the timeline: the question, a row for each step, the answer, the sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from rich.cells import cell_len
from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural, seconds
from ralph.core.llm.model_names import ref_name
from ralph.core.timeline.figure_words import apart_of_turn
from ralph.core.timeline.same_failure import fails_again
from ralph.core.timeline.step_times import turn_figures
from ralph.core.timeline.turns import Block, Turn
from ralph.tui.brush import Brush, fit
from ralph.tui.formatting import clock_time, price, tokens
from ralph.tui.markdown.parts import about_lines, split
from ralph.tui.text import clean, one_line
from ralph.tui.timeline.answers import AnswerDrawing, LiveDrawing, markdown
from ralph.tui.timeline.attached_files import files_line
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.timeline.layout import INDENT, INNER, STATES, output
from ralph.tui.timeline.steps import StepDrawing
from ralph.tui.timeline.targets import Target
from ralph.tui.timeline.turn_end import NextStep, why
from ralph.tui.timeline.turn_header import AT_THE_BEGINNING, beginnings
from ralph.tui.timeline.waterfall import WaterfallDrawing

QUESTION_LINES = 12


@frozen
class UserDrawing(Data):
    """The question of a turn, with the number and the time of the turn at the right."""

    number: int
    at: str
    prompt: str
    context: str
    look: FoldState
    pastes: tuple[tuple[int, int], ...] = ()

    @property
    def asked(self) -> str:
        """The question. A folded block shows a large paste as a sign: `[paste 300 lines] explain this`."""
        if self.look.details:
            return self.prompt
        parts, at = [], 0
        for start, end in self.pastes:
            lines = self.prompt[start:end].strip("\n").count("\n") + 1
            size = plural(lines, "line") if lines > 1 else plural(end - start, "character")
            parts += [self.prompt[at:start], f"[paste {size}]"]
            at = end
        return "".join([*parts, self.prompt[at:]])

    @property
    def place(self) -> Target:
        return Target(self.number, "user", f"{self.number}.user")

    def guess(self, width: int) -> int:
        return 1 + min(QUESTION_LINES, about_lines(self.asked[: _enough(width)], width)) + bool(self.context)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        mark = f"{self.number} · {clock_time(self.at)}"
        room = width - len(mark) - 3 if width >= 40 else width
        lines = self._question(brush, room)
        if room < width and lines:
            blank = " " * (width - lines[0].cell_length - len(mark))
            lines[0] = Strip.join([lines[0], brush.line((blank, ""), (mark, "faint"))])
        if self.pastes and not self.look.details:
            key = brush.key("view.details", "Ctrl+O")
            lines.append(brush.line((f"{INDENT}{key} shows the paste", "faint")))
        if self.context:
            mark = f"{INDENT}+ "
            lines.append(brush.line((f"{mark}{files_line(self.context, width - len(mark))}", "muted")))
            if self.look.details:
                lines += output(clean(self.context).strip("\n"), brush, width, self.look.lines, whole=self.look.whole)
        return [Strip.blank(0), *lines]

    def _question(self, brush: Brush, room: int) -> list[Strip]:
        """Return the lines of the question, or the first ones and the number of the others. Only these are wrapped."""
        asked = self.asked
        head, rest = asked, ""
        if not self.look.details:
            head = head.lstrip("\n")
            head, rest = head[: _enough(room)], head[_enough(room) :]
        while True:
            lines = brush.text(clean(head).strip("\n"), room, "user", (" ❯ ", "user"))
            if not rest or len(lines) > QUESTION_LINES:
                break
            head, rest = asked, ""  # most characters of the beginning are invisible
        if len(lines) <= QUESTION_LINES or self.look.details:
            return lines
        count = len(lines) - QUESTION_LINES + 1 + (about_lines(rest, room) if rest else 0)
        more = f"{'about ' if rest else ''}{plural(count, 'more line')}"
        key = brush.key("view.details", "Ctrl+O")
        return [*lines[: QUESTION_LINES - 1], brush.line((f"   … {more}, {key}", "faint"))]


@frozen
class FooterDrawing(Data):
    """The sum of a turn: its own time, tokens, cost and waits.

    For a turn that failed, the sum has the state, the reason, and the next steps.
    """

    turn: Turn
    steps: tuple[NextStep, ...] = ()

    @property
    def place(self) -> Target:
        return Target(self.turn.number, "sum")

    def guess(self, width: int) -> int:
        return 1 + bool(self.steps)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        turn, figures = self.turn, turn_figures(self.turn)
        status = turn.status or "interrupted"
        cost = price(turn.cost, turn.usage if turn.attempts else None)
        shown = [seconds(figures.own_ms or 0.0), _sum_up(turn), cost, *apart_of_turn(figures)]
        text = " · ".join(s for s in (why(turn), *shown) if s)
        if status == "ok":
            return brush.text(text, width, "muted", (f"{INDENT}─ ", "muted"))
        told = brush.text(f"· {text}", width, "muted", (f"{INDENT}{STATES[status]} {status} ", status))
        steps = " · ".join(step.words(brush) for step in self.steps)
        return [*told, *(brush.text(steps, width, "", (INNER, "")) if steps else [])]


@frozen
class NoteDrawing(Data):
    """A note of a turn that belongs to no block."""

    text: str
    turn: int = 0

    @property
    def place(self) -> Target:
        return Target(self.turn, "note")

    def guess(self, width: int) -> int:
        return about_lines(self.text, width)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        return brush.text(clean(self.text), width, "muted", (f"{INDENT}· ", "faint"))


@frozen
class SayDrawing(Data):
    """Words of ralph below the command that they answer. An edge sets them apart from the timeline."""

    text: str
    style: str = "faint"
    command: str = ""

    @property
    def place(self) -> Target:
        return Target(0, "said")

    def guess(self, width: int) -> int:
        return 1 + bool(self.command) + about_lines(self.text, width)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        typed, room = one_line(self.command), width - len(INDENT)
        head = [brush.line((INDENT, ""), (fit(typed, min(room, cell_len(typed))), "faint"))] if typed else []
        strips = markdown(brush).strips(clean(self.text), width - 5)
        edge = (f"{INDENT}│ ", self.style)
        return [Strip.blank(0), *head, *brush.prefix(strips, edge, edge)]


@frozen
class WelcomeDrawing(Data):
    """The content of an empty timeline: the models that answer, the findings on this machine, and a first hint."""

    roles: tuple[tuple[str, str], ...]
    words: tuple[str, ...] = ()

    def guess(self, width: int) -> int:
        return 5 + len(self.roles) + sum(about_lines(text, width) for text in self.words) + bool(self.words)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        rows = [brush.line((f"{INDENT}{role:<9}", role), (ref_name(ref), "")) for role, ref in self.roles]
        hint = f"{INDENT}Type a question, or / for commands. Every step will show what it did and what it cost."
        return [
            Strip.blank(0),
            brush.line((f"{INDENT}ralph", "user")),
            Strip.blank(0),
            *rows,
            *([Strip.blank(0)] if self.words else []),
            *(strip for text in self.words for strip in brush.text(clean(text), width, "", (INDENT, ""))),
            Strip.blank(0),
            *brush.text(hint.strip(), width, "muted", (INDENT, "")),
        ]


@frozen
class BrokenDrawing(Data):
    """The replacement of a drawing that failed."""

    def guess(self, width: int) -> int:
        return 1

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        return [brush.line((f"{INDENT}! this could not be drawn; the log says why", "failed"))]


@frozen
class Running(Data):
    """The state of a turn while it runs: its clock in ms and the frame of the spinner.

    By block: the answers, the thinking, the time of the first of them in ms, and the last output of its tools.
    """

    now_ms: float
    frame: int
    answers: Mapping[str, LiveDrawing]
    thinking: Mapping[str, str]
    first_ms: Mapping[str, float] = field(default_factory=dict)
    output: Mapping[str, str] = field(default_factory=dict)


def drawings(turn: Turn, look: FoldState, running: Running | None = None) -> list[Drawing]:
    """Return the drawings of a turn, in the order of its steps."""
    started = turn.started
    asked = UserDrawing(turn.number, turn.at, started.prompt, started.context, look, started.pastes)
    made: list[Drawing] = [replace(asked, look=look.of(asked.place.block))]
    made += [NoteDrawing(line, turn.number) for line in beginnings(turn)]
    answers: list[Drawing] = []
    whole = running.now_ms if running else turn.duration_ms
    for block in turn.blocks:
        if block.kind == "user":
            continue
        row = step_drawing(block, turn.started.roles.get(block.kind, ""), whole, look, turn.at, running)
        made.append(replace(row, told_below=True) if block.error and fails_again(block, turn.blocks) else row)
        if block.kind == "format":
            answers += _answer(block, running)
    now_ms, first = (running.now_ms, running.first_ms) if running else (None, None)
    made.append(WaterfallDrawing(turn.number).of(turn, look, now_ms, first))
    made += answers
    made += [NoteDrawing(note.text, turn.number) for note in turn.notes if note.kind not in AT_THE_BEGINNING]
    if not running:
        made.append(FooterDrawing(turn))
    return made


def step_drawing(
    block: Block, ref: str, whole_ms: float, look: FoldState, since: str, running: Running | None = None
) -> StepDrawing:
    """Return the row of a block, in its present state if it is open. `since` is the stamp at the axis' start."""
    shown = StepDrawing(block, ref, whole_ms, look.of(block.id), since=since)
    if running is None or block.status is not None:
        return shown
    return replace(
        shown,
        now_ms=running.now_ms,
        frame=running.frame,
        live=running.thinking.get(block.id, ""),
        begun=block.id in running.answers,
        output=running.output.get(block.id, ""),
    )


def _answer(block: Block, running: Running | None) -> list[Drawing]:
    live = running.answers.get(block.id) if running else None
    if live and block.status is None:
        return [live]
    return [AnswerDrawing(part, block.id) for part in split(block.text)] if block.text.strip() else []


def _sum_up(turn: Turn) -> str:
    usage = turn.usage
    text = tokens(usage)
    return text.replace("↑", f"↑ ({usage.cache_read:,} cached)") if text and usage.cache_read else text


def _enough(width: int) -> int:
    """Return the number of characters that fill the lines of a question, even if half of them take no cell."""
    return QUESTION_LINES * max(20, width) * 2
