"""The row of a tool call, and its output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len
from textual.strip import Strip

from ralph.core.formatting import plural, seconds
from ralph.core.log.codec import dumps, plain
from ralph.core.timeline.calls import Call
from ralph.tui.brush import Brush, Span, column, fit
from ralph.tui.text import clean, one_line
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.layout import INNER, Columns, output

CALL_STATES: Mapping[str, tuple[str, str]] = {
    "ok": ("✓", "ok"),
    "error": ("✗", "failed"),
    "denied": ("✗", "cancelled"),
    "timeout": ("✗", "failed"),
    "cancelled": ("■", "cancelled"),
}

# The fewest cells for the call. With fewer, the number of lines of the output is left out.
LEAST = 12


def call_rows(call: Call, brush: Brush, width: int, look: FoldState) -> list[Strip]:
    """Draw one tool call: its arguments, the decision, its output. A long output is folded to its first line."""
    glyph, style = CALL_STATES[call.status] if call.status else ("◌", "running")
    word = call.status or ("waiting" if call.decision is None else "running")
    head: Span = (f"{INNER}{glyph} {word}  ", style)
    asked = f"{one_line(call.name)}({_arguments(call.arguments)})"
    decided = f"  {call.decision} by {call.by}" if call.decision == "denied" or (look.details and call.decision) else ""
    time = seconds(call.duration_ms) if call.status else ""
    came = clean(call.output).strip("\n")
    lines = came.split("\n") if came else []
    if look.details:
        asked = "  ".join(part for part in (asked, one_line(decided), describe_sandbox(call), time) if part)
        made = brush.text(asked, width, "", head)
        return made + (output(came, brush, width, look.lines, whole=look.whole) if lines else [])
    more = f"  (+{plural(len(lines) - 1, 'line')})" if len(lines) > 1 else ""
    result = f" → {one_line(lines[0])}" if lines else one_line(decided) and f"  {one_line(decided)}"
    result = f"  {describe_sandbox(call)}{result}" if call.sandbox == "none" else result
    columns = Columns.of(width)
    took = column(time, columns.time)
    room = width - cell_len(head[0]) - len(took) - columns.after_time
    more = more if room - cell_len(more) >= LEAST else ""
    room -= cell_len(more)
    return [brush.line(head, (fit(f"{asked}{result}", room), ""), (more, "faint"), (took, "muted"))]


def describe_sandbox(call: Call) -> str:
    """Return which sandbox held the program of the call; empty for a call that ran none."""
    if call.sandbox is None:
        return ""
    return "no sandbox" if call.sandbox == "none" else f"sandbox {call.sandbox}"


def _arguments(arguments: Mapping[str, Any]) -> str:
    """Return `expression="0.17*2340"`, or only the value for a single argument."""
    shown = [(name, one_line(dumps(plain(value)))) for name, value in arguments.items()]
    return shown[0][1] if len(shown) == 1 else ", ".join(f"{one_line(n)}={v}" for n, v in shown)
