"""The words in the row and the details of a step: tries, cost, the decision, a line for each attempt."""

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
    """Return the cost of the finished requests, or "" if none has finished."""
    none = all(a.finished is None or a in find_discarded(block) for a in block.attempts)
    return "" if none else price(figures.cost, figures.usage)


def count_tries(block: Block) -> str:
    """Return the number of tries, or "" for a single one. A discarded guess is no try."""
    tries = len(block.attempts) - len(find_discarded(block))
    return f"{tries} tries" if tries > 1 and block.kind != "tool" else ""


def _format_cost(attempt: Attempt) -> str:
    """Return the cost of an attempt, with its source unless the amount shows it."""
    cost: Cost = attempt.cost
    if cost.status == "unknown":
        return f"{dollars(cost)} cost, for {attempt.provider} has no price of this model; /usage says how to set one"
    return format_charge(cost, attempt.usage) if cost.status == "free" else f"{dollars(cost)} {cost.status}"


def describe_decision(data: Mapping[str, Any]) -> str:
    """Return the tools that the route chose, and its reason."""
    if "tools" not in data:
        return ""
    wanted = ", ".join(map(str, data["tools"])) or "no tools"
    return one_line(" · ".join(s for s in (wanted, str(data.get("reason", ""))) if s))


def describe_attempt(attempt: Attempt) -> str:
    """Return one line: the model, the outcome and the figures of an attempt."""
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
