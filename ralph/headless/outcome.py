"""The result of a finished turn for a script: an exit code, and one line with the reason and the remedy."""

from __future__ import annotations

from ralph.core.errors import Kind, exit_code
from ralph.core.llm.usage import UNKNOWN_COST, Cost, Usage, dollars, format_charge
from ralph.core.timeline.figure_words import apart_of_turn
from ralph.core.timeline.step_times import turn_figures
from ralph.core.timeline.timeline import failure_of
from ralph.core.timeline.turns import Turn


def code_of(turn: Turn) -> int:
    """Return the exit code of a turn that ended by itself."""
    if turn.status in ("ok", None):
        return 0 if turn.status == "ok" else 1
    kind = kind_of(turn)
    answer = turn.step("format")
    code = exit_code(kind, partial=bool(answer and answer.text))
    if code not in (6, 7) and not (answer and answer.text) and is_consent_missing(turn):
        return exit_code(Kind.APPROVAL)
    return code


def kind_of(turn: Turn) -> Kind:
    """Return the kind of failure that ended the turn."""
    failed = failure_of(turn)
    return failed[0].kind if failed else Kind.INTERNAL


def is_consent_missing(turn: Turn) -> bool:
    """Return whether a call was denied only because nobody was there to ask."""
    return any("nobody is there" in c.by for b in turn.blocks for c in b.calls if c.status == "denied")


def sentence(turn: Turn) -> str:
    """Return why the turn did not end well."""
    failed = failure_of(turn)
    text = failed[0].message if failed else f"the turn ended as {turn.status}"
    if is_consent_missing(turn):
        text += "; a tool call needed a yes: allow it by --allow RULE or under tools.allow, or run again with --yes"
    return text


def describe_denials(turn: Turn) -> list[str]:
    """Return a sentence for each call that was denied, with the first line of its preview and what would allow it."""
    made = []
    for call in (c for b in turn.blocks for c in b.calls if c.status == "denied"):
        would = f": {call.preview.splitlines()[0]}" if call.preview else ""
        how = f"; --allow {call.name} allows it" if call.by.startswith("effect ") else ""
        made.append(f"{call.name} did not run ({call.by}){would}{how}")
    return list(dict.fromkeys(made))


def cost_line(turn: Turn) -> str:
    """Return `─ 3.1s · 1,752↑ (900 cached) 187↓ · $0.0042 · waited 33.8s for you`; a turn without a model says so."""
    figures = turn_figures(turn)
    line = sum_line(turn.usage, turn.cost, figures.own_ms or 0.0, asked=bool(turn.attempts))
    return " · ".join([line, *apart_of_turn(figures)])


def sum_line(usage: Usage, cost: Cost, own_ms: float, *, asked: bool) -> str:
    """Return the line without the waits. `asked`: a request was sent, whatever its result."""
    time = f"─ {own_ms / 1000:.1f}s"
    if usage.source == "none":
        return f"{time} · {format_charge(cost, usage)}" if asked else f"{time} · no model · {dollars(cost)}"
    cached = f" ({usage.cache_read:,} cached)" if usage.cache_read else ""
    mark = "~" if usage.source == "estimated" else ""
    money = "cost unknown" if dollars(cost) == dollars(UNKNOWN_COST) else dollars(cost)
    return f"{time} · {mark}{usage.input:,}↑{cached} {mark}{usage.output:,}↓ · {money}"
