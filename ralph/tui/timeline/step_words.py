"""What a step's row and its details say in words: tries, cost, the decision, a line for each attempt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.formatting import seconds
from ralph.core.llm.usage import Cost, dollars, format_charge
from ralph.core.timeline.step_times import StepFigures, find_discarded
from ralph.core.timeline.turns import Attempt, Block
from ralph.tui.formatting import price, tokens
from ralph.tui.text import one_line


def format_spent(block: Block, figures: StepFigures) -> str:
    """What the finished requests cost; nothing where there is none yet."""
    none = all(a.finished is None or a in find_discarded(block) for a in block.attempts)
    return "" if none else price(figures.cost, figures.usage)


def count_tries(block: Block) -> str:
    """How often it was asked for, where once was not enough; a guess that was thrown away is no try."""
    tries = len(block.attempts) - len(find_discarded(block))
    return f"{tries} tries" if tries > 1 and block.kind != "tool" else ""


def _format_cost(attempt: Attempt) -> str:
    """What it cost, and how that is known, where the amount does not say it."""
    cost: Cost = attempt.cost
    if cost.status == "unknown":
        return f"{dollars(cost)} cost, for {attempt.provider} has no price of this model; /usage says how to set one"
    return format_charge(cost, attempt.usage) if cost.status == "free" else f"{dollars(cost)} {cost.status}"


def describe_decision(data: Mapping[str, Any]) -> str:
    """The tools that the route wants, and why."""
    if "tools" not in data:
        return ""
    wanted = ", ".join(map(str, data["tools"])) or "no tools"
    return one_line(" · ".join(s for s in (wanted, str(data.get("reason", ""))) if s))


def describe_attempt(attempt: Attempt) -> str:
    """One line: who was asked, what became of it, its figures."""
    end = attempt.end
    shown = [
        f"attempt {attempt.id}",
        f"{attempt.provider}:{attempt.model}",
        end.outcome if attempt.finished else "running",
        "speculated" if end.speculated else "",
        seconds(end.duration_ms) if attempt.finished else "",
        tokens(end.usage),
        f"{end.usage.cache_read:,} cached" if end.usage.cache_read else "",
        f"{end.usage.reasoning:,} reasoning" if end.usage.reasoning else "",
        _format_cost(attempt) if attempt.finished else "",
        f"stop: {end.stop_reason}" if end.stop_reason else "",
        f"{end.error.kind.value}: {end.error.message}" if end.error else "",
        f"request {end.request_id}" if end.request_id else "",
    ]
    return one_line(" · ".join(s for s in shown if s))
