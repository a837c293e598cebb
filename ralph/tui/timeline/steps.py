"""The row of a step with the lines below it: tool calls, notes, thinking, the failure."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from ralph.core.clock import moment
from ralph.core.data import Data, frozen
from ralph.core.formatting import plural, seconds
from ralph.core.llm.model_names import model_name, short_name
from ralph.core.log.events import AttemptWaiting, Status
from ralph.core.log.ids import turn_of
from ralph.core.timeline.figure_words import apart
from ralph.core.timeline.step_times import StepFigures, step_figures
from ralph.core.timeline.turns import Block
from ralph.tui.brush import Brush, Span, column, fit
from ralph.tui.formatting import EMPTY_FILL, bar, rate, short, tokens
from ralph.tui.text import clean, one_line
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.layout import GLYPHS, INDENT, INNER, SPINNER, STATES, Columns, box, failure, output
from ralph.tui.timeline.step_words import count_tries, describe_attempt, describe_decision, format_spent
from ralph.tui.timeline.targets import Target
from ralph.tui.timeline.tool_calls import call_rows

# The lines of output that are shown while a tool runs: the last ones.
OUTPUT_LINES = 8

# The fewest cells for a detail. With fewer cells, the row shows no detail.
LEAST = 8


def _own_lines(block: Block) -> list[str]:
    """Return the lines of a note of ralph, which has no other place to be shown."""
    return block.text.splitlines() if block.kind == "note" else []


@frozen
class StepDrawing(Data):
    """The row of a step and the lines below it.

    `whole_ms` is the length of the turn's time axis. `now_ms` is the clock of a running turn, and `since` the time
    stamp of its start. `frame` turns the spinner. `live` is the thinking so far. `begun` is true once text has come.
    `told_below`: a later step failed for the same reason, and its row gives the reason.
    `output` is the end of what the running tools printed.
    """

    block: Block
    ref: str
    whole_ms: float
    look: FoldState
    now_ms: float | None = None
    frame: int = 0
    live: str = ""
    begun: bool = False
    since: str = ""
    told_below: bool = False
    output: str = ""

    @property
    def place(self) -> Target:
        return Target(turn_of(self.block.id), "step", self.block.id)

    @property
    def figures(self) -> StepFigures:
        """The time and the usage of the step itself, and the waits that are counted apart."""
        return step_figures(self.block, self.now_ms)

    def guess(self, width: int) -> int:
        block = self.block
        lines = 1 + len(block.calls) + len(block.notes) + len(_own_lines(block))
        return lines + (1 + len(block.error.message) // max(20, width - 8) if block.error else 0)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        made = self._head(brush, width)
        made += [row for line in _own_lines(self.block) for row in brush.text(clean(line), width, "muted", (INNER, ""))]
        if self.look.thinking:
            made += self._thinking(brush, width)
        elif self.block.thinking:
            words = plural(len(self.block.thinking.split()), "word")
            key = brush.key("view.thinking", "Ctrl+T")
            made.append(brush.line((f"{INNER}∴ thought, {words} · {key} shows them", "faint")))
        if self.look.details:
            made += self._details(brush, width)
        for call in self.block.calls:
            made += call_rows(call, brush, width, self.look)
        made += self._running_output(brush, width)
        failed = self.block.error.message if self.block.error else None
        for note in self.block.notes:
            if note.text == failed:  # the failure just below has the same text
                continue
            if note.data.get("loud"):
                made += brush.text(clean(note.text), width, "failed", (f"{INNER}! ", "failed"))
            else:
                made += brush.text(clean(note.text), width, "muted", (f"{INNER}· ", "faint"))
        if self.block.error and self.block.status != "cancelled":
            # The kind stands here because the troubleshooting guide lists the kinds. An opened block shows the other
            # lines.
            first, *more = self.block.error.message.split("\n")
            told = f"{first} ({self.block.error.kind.value})"
            if self._stood_in:
                why = "; the failure stands below" if self.told_below else f": {clean(told)}"
                made += brush.text(f"the rules decided{why}", width, "muted", (f"{INNER}· ", "faint"))
            else:
                made += failure(told, brush, width)
            if more and self.look.details:
                made += output(clean("\n".join(more)), brush, width, len(more), whole=True)
        return made

    def _running_output(self, brush: Brush, width: int) -> list[Strip]:
        """Draw the last lines that the running tools printed."""
        if not self.output or all(call.status for call in self.block.calls):
            return []
        lines = self.output.strip("\n").split("\n")[-OUTPUT_LINES:]
        return output("\n".join(lines), brush, width, OUTPUT_LINES, whole=False)

    @property
    def _stood_in(self) -> bool:
        """Whether the route failed and the rules decided instead, so the turn continued."""
        return self.block.kind == "route" and self.block.status == "failed" and "tools" in self.block.data

    def _head(self, brush: Brush, width: int) -> list[Strip]:
        """Draw the row. A second line takes what does not fit, so that a narrow terminal loses no figure.

        The state is never cut. For a step that failed or waits, the state comes before the tokens and the model.
        """
        block, made, (state, style) = self.block, self.figures, self._state()
        detail, figures = self._detail(), self._figures(made)
        urgent = f"{state}  {detail}" if block.status == "failed" else state
        whole, *narrower = Columns.of(width).narrower()
        columns = whole
        while narrower and cell_len(urgent) > self._room(made, columns, width):
            columns = narrower.pop(0)
        left: list[Span] = [(f"{INDENT}{GLYPHS[block.kind]} {block.kind:<7}", block.kind)]
        if columns.model:
            left.append((fit(self._model(), columns.model) + "  ", "muted"))
        taken = sum(cell_len(t) for t, _ in left)
        right_side = self._right(made, columns, width - taken - cell_len(f"{state}  {detail}"))
        room = width - taken - sum(cell_len(t) for t, _ in right_side)
        left.append((state if cell_len(state) <= room else fit(state, room), style))
        room -= cell_len(state)
        told = " · ".join(t for t in (detail, figures) if t)
        fits = cell_len(told) + 2 <= room
        all_shown = fits and columns == whole and columns.model > 0
        shown = told if all_shown else detail if room >= LEAST else ""
        left.append((fit(f"  {shown}" if shown else "", room), ""))
        second = [] if all_shown else [figures]
        if (columns != whole or not columns.model) and block.attempts:
            second = [*self._list_left_out(made, columns), figures]
        below = " · ".join(t for t in second if t)
        return [brush.line(*left, *right_side), *(brush.text(below, width, "muted", (INNER, "")) if below else [])]

    def _room(self, made: StepFigures, columns: Columns, width: int) -> int:
        """Return the cells for the state and its detail."""
        head = cell_len(f"{INDENT}{GLYPHS[self.block.kind]} {self.block.kind:<7}")
        model = columns.model + 2 if columns.model else 0
        return width - head - model - sum(cell_len(t) for t, _ in self._right(made, columns, 0))

    def _list_left_out(self, made: StepFigures, columns: Columns) -> list[str]:
        """Return the values without a column in the row."""
        return [
            "" if columns.model else self._model(),
            "" if columns.tokens else tokens(made.usage),
            "" if columns.cost else format_spent(self.block, made),
        ]

    def _right(self, made: StepFigures, columns: Columns, room: int) -> list[Span]:
        """Return time, tokens, cost and bar.

        If the left side needs the room and there are no tokens and no cost, their columns are left out.
        """
        took = None if self.block.status == "skipped" else made.own_ms
        used = tokens(made.usage, columns.tokens) if columns.tokens else ""
        spent = format_spent(self.block, made) if columns.cost else ""
        bars = self._bar(columns.bar, made) if columns.bar else []
        if self.block.status == "skipped":  # it has no figures: the room is for its reason
            return bars
        time = seconds(took) if took is not None else ""
        if not used and not spent and room < columns.time + columns.after_time:
            return [(f"  {time}" if time else "", "muted"), *bars]
        return [
            (column(time, columns.time), "muted"),
            (column(used, columns.tokens), "muted"),
            (column(spent, columns.cost), ""),
            *bars,
        ]

    def _model(self) -> str:
        block = self.block
        if block.attempts:
            return model_name(block.attempts[-1].model)
        if block.status == "skipped":
            return ""
        named = str(block.data.get("by", "")) or ("" if block.copied_from else self.ref)
        return short_name(named)

    def _bar(self, width: int, figures: StepFigures) -> list[Span]:
        """Draw the bar from the first request or call of the step to the last."""
        if self.block.status == "skipped" or figures.own_ms is None:
            return [("  ", ""), (EMPTY_FILL[0] * width, "bar-rest")]
        before, span, after = bar(figures.began_ms, figures.ended_ms - figures.began_ms, self.whole_ms, width)
        return [("  ", ""), (before, "bar-rest"), (span, self.block.kind), (after, "bar-rest")]

    def _state(self) -> Span:
        status: Status | None = self.block.status
        if status is not None:
            return f"{STATES[status]} {status}", "muted" if self._stood_in else status
        doing = "thinking" if self.live and not self.begun else self._asking() or self._waiting() or "running"
        return f"{SPINNER[self.frame % len(SPINNER)]} {doing}", "running"

    def _asking(self) -> str:
        """Return how long a call has waited for the person's consent, or ""."""
        asked = [c.requested_ms for c in self.block.calls if c.status is None and c.decision is None]
        if not asked or self.now_ms is None:
            return ""
        return f"waiting for you {max(0.0, self.now_ms - min(asked)) / 1000:.0f} s"

    def _waiting(self) -> str:
        """Return what an unanswered request waits for, or "". A model load, which may take minutes, has its time."""
        last = self.block.attempts[-1] if self.block.attempts else None
        if self.begun or self.live:
            return ""
        if last is None or last.end.outcome == "failed":  # between two tries the block itself waits
            return self._wait(self.block.waits[-1]) if self.block.waits else ""
        if last.end.outcome == "discarded":  # the answer is asked for again after the tools have run
            return "waiting: tool"
        if last.finished or not last.waits:
            return ""
        if last.waits[-1].cause == "loading" and self.now_ms is not None:
            return f"loading model {max(0.0, self.now_ms - last.started_ms) / 1000:.0f} s"
        return self._wait(last.waits[-1])

    def _wait(self, wait: AttemptWaiting) -> str:
        """Return the cause of a wait, and the seconds that are left."""
        if not wait.until or not self.since or self.now_ms is None:
            return f"waiting: {wait.cause}"
        left = (moment(wait.until) - moment(self.since)).total_seconds() - self.now_ms / 1000
        return f"waiting: {wait.cause} {max(0.0, left):.0f} s"

    def _detail(self) -> str:
        """Return the detail, with `kept` before it for a step that a re-run kept."""
        kept = "kept" if self.block.copied_from else ""
        return " · ".join(part for part in (kept, self._own_detail()) if part)

    def _own_detail(self) -> str:
        block = self.block
        if block.status in ("skipped", "interrupted") and block.reason:
            return one_line(block.reason)
        if block.status == "failed" and block.error:  # the whole sentence stands under the row
            return block.error.kind.value.replace("_", " ")
        if block.kind == "route":
            return describe_decision(block.data)
        if block.kind == "tool" and block.calls:
            return plural(len(block.calls), "call")
        return one_line(block.reason or "") if block.status == "skipped" or block.kind == "tool" else ""

    def _figures(self, figures: StepFigures) -> str:
        """Return the time to the first token, the rate, the cached tokens, the waits, and the discarded guess."""
        block, shown = self.block, [count_tries(self.block)]
        if block.kind in ("format", "summarise"):
            shown += [f"ttft {seconds(block.ttft_ms)}" if block.ttft_ms is not None else "", rate(block)]
        if any(note.kind == "cache" for note in block.notes):
            shown.append("cached answer")
        elif figures.usage.cache_read:
            shown.append(f"{short(figures.usage.cache_read)} cached")
        shown += apart(figures)
        return " · ".join(s for s in shown if s)

    def _thinking(self, brush: Brush, width: int) -> list[Strip]:
        text = clean(self.block.thinking) or self.live
        if not text.strip():
            return []
        strips = brush.text(text.strip(), width, "muted", (f"{INNER}∴ ", "faint"), (f"{INNER}│ ", "faint"))
        return strips if self.block.status is not None else strips[-8:]

    def _details(self, brush: Brush, width: int) -> list[Strip]:
        block, made = self.block, []
        if block.kind == "route" and block.data:
            facts = [f"{k} {block.data[k]}" for k in ("intent", "difficulty", "rounds", "by") if k in block.data]
            told = " · ".join(t for t in (describe_decision(block.data), *facts) if t)
            made += brush.text(one_line(told), width, "muted", (INNER, "")) if told else []
        if chosen := one_line(str((block.data.get("chosen") or {}).get("reason", ""))):
            made += brush.text(f"this model because: {chosen}", width, "muted", (INNER, ""))
        for attempt in block.attempts:
            made += brush.text(describe_attempt(attempt), width, "muted", (INNER, ""))
        if block.kind == "summarise" and block.text.strip():
            made += box(clean(block.text.strip()), brush, width, self.look.lines)
        if block.kind == "tool" and block.text.strip():
            made += brush.text(clean(block.text.strip()), width, "muted", (f"{INNER}“", "faint"))
        return made
