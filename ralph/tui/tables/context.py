"""The drawing of the next request's window: a bar of its parts, and a line for each turn."""

from __future__ import annotations

from textual.content import Content

from ralph.core.formatting import plural
from ralph.core.ports.context import ContextReport, TurnWeight
from ralph.tui.brush import fit, right
from ralph.tui.text import one_line

# A part: its fill (so that colour is not the only sign), its name, its style.
PARTS = (
    ("█", "system", "$step-route"),
    ("▓", "tools", "$step-tool"),
    ("▒", "history", "$step-format"),
    ("╱", "reserve", "$warning"),
    ("░", "free", "$bar-rest"),
)
SOURCES = {
    "provider": "from its provider",
    "table": "from the price table",
    "assumed": "assumed: the provider does not state it",
}
BAR = 16


def figures(report: ContextReport) -> tuple[int, ...]:
    """Return the tokens of the parts, in order. If the parts do not fit the window, 0 tokens are free."""
    return report.system, report.tools, report.history, report.reserve, max(0, report.free)


def cells(parts: tuple[int, ...], width: int) -> list[int]:
    """Return the number of cells of each part. A part that is not empty has at least one; the sum is `width`."""
    whole = sum(parts)
    if whole <= 0 or width <= 0:
        return [0] * len(parts)
    made = [max(1, round(p / whole * width)) if p else 0 for p in parts]
    while sum(made) != width:
        largest = max(range(len(made)), key=made.__getitem__)
        made[largest] += 1 if sum(made) < width else -1
    return made


def bar(report: ContextReport, width: int) -> Content:
    sizes = cells(figures(report), width)
    return Content.assemble(*((fill * n, style) for (fill, _, style), n in zip(PARTS, sizes, strict=True)))


def head(report: ContextReport) -> list[Content]:
    """Return the model, its window, and a warning if the request does not fit."""
    model = one_line(report.model) or "no model"
    share = report.read_budgets / report.window
    lines = [
        Content.assemble((model, "bold"), (f" · window {report.window:,}, {SOURCES[report.source]}", "")),
        Content(f"~{report.read_budgets:,} tokens before the next question, {share:.0%} of the window"),
    ]
    if report.model == "builtin:rules":
        lines.append(Content("The built-in rules answer: they read only the question, so none of this is sent."))
    if report.free < 0:
        over = f"! About {-report.free:,} tokens too many for an answer: /new, or a model with a larger window."
        lines.append(Content.styled(over, "bold $text-warning"))
    return lines


def legend(report: ContextReport) -> list[Content]:
    """Return the meaning of each part of the bar, one a line, with the figures in a column."""
    what = {
        "tools": f"{plural(report.tool_count, 'tool')}, declared where a step may call them",
        "history": plural(sum(t.kept for t in report.turns), "turn"),
        "reserve": "kept for the answer (context.reserve_tokens)",
    }
    made = []
    for (fill, name, style), tokens in zip(PARTS, figures(report), strict=True):
        told = what.get(name, "")
        made.append(
            Content.assemble(
                (f"{fill} ", style), (fit(name, 9), ""), (right(f"~{tokens:,}", 10), ""), (f"  {told}", "$muted")
            )
        )
    return made


def facts(report: ContextReport) -> list[str]:
    """Return sentences: which turn leaves next, and how many tokens of the last request came from a cache."""
    made = []
    left = [t.number for t in report.turns if not t.kept]
    if left:
        turns = f"Turn {left[0]} is" if len(left) == 1 else f"Turns {left[0]} to {left[-1]} are"
        made.append(f"{turns} no longer sent (context.max_turns is {report.max_turns}).")
    if report.next_out is not None:
        made.append(f"After your next message turn {report.next_out} is no longer sent.")
    elif report.turns:
        made.append(f"{len(report.turns)} of at most {report.max_turns} turns: all of them are sent.")
    if report.last:
        used = report.last
        share = used.cache_read / used.input if used.input else 0
        cached = f"{used.cache_read:,} of them from the cache ({share:.0%})" if used.cache_read else "none from a cache"
        made.append(f"The last answer's request, to {one_line(report.last_model)}: {used.input:,} tokens, {cached}.")
    return made


def rows(report: ContextReport, width: int) -> list[Content]:
    """Return a line for each turn, oldest first as in the request. A turn that is not sent says so."""
    most = max((t.tokens for t in report.turns), default=0)
    return [_row(turn, report, most, width) for turn in report.turns]


def _row(turn: TurnWeight, report: ContextReport, most: int, width: int) -> Content:
    full = max(1, round(turn.tokens / most * BAR)) if turn.tokens else 0
    note = "" if turn.kept and turn.number != report.next_out else "dropped next" if turn.kept else "no longer sent"
    room = max(8, width - BAR - 34)
    return Content.assemble(
        (right(f"{turn.number}", 5), "$muted"),
        (right(f"~{turn.tokens:,}", 10) + "  ", ""),
        ("▒" * full, "$step-format" if turn.kept else "$faint"),
        ("·" * (BAR - full) + "  ", "$bar-rest"),
        (fit(one_line(turn.prompt), room), "" if turn.kept else "$faint"),
        (right(note, 15), "$warning"),
    )
