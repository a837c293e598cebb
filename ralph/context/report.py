"""Estimates the next request from the timeline; pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ralph import counting
from ralph.core.llm.request import ToolSpec
from ralph.core.ports.context import ContextPolicy, ContextReport, TurnWeight, WindowSource
from ralph.core.timeline.history import conversation
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Attempt

# The window of a model without a known one: few are smaller today.
ASSUMED_WINDOW = 32_768


def weigh(
    timeline: Timeline,
    *,
    model: str,
    window: int | None,
    source: WindowSource,
    system: str,
    specs: Sequence[ToolSpec],
    reserve: int,
    max_turns: int,
    policy: ContextPolicy,
) -> ContextReport:
    """Return the report. Tools are counted as the tool step declares them, in the largest request of a turn."""
    turns = timeline.turns
    sent = {t.number for t in policy.turns(timeline)}
    passing = [n for n in sorted(sent) if str(n) not in timeline.pins]
    last = _last(timeline)
    return ContextReport(
        model=model,
        window=window or ASSUMED_WINDOW,
        source=source if window else "assumed",
        system=counting.estimate(system),
        tools=sum(_estimate_tool(spec) for spec in specs),
        tool_count=len(specs),
        reserve=reserve,
        max_turns=max_turns,
        turns=tuple(
            TurnWeight(
                t.number,
                t.started.prompt or t.started.context,
                counting.estimate_messages(conversation((t,))),
                t.number in sent,
            )
            for t in turns
        ),
        next_out=passing[0] if passing and len(turns) >= max_turns else None,
        last=last.usage if last else None,
        last_model=f"{last.provider}:{last.model}" if last else "",
    )


def _estimate_tool(spec: ToolSpec) -> int:
    return sum(counting.estimate(text) for text in (spec.name, spec.description, json.dumps(dict(spec.schema))))


def _last(timeline: Timeline) -> Attempt | None:
    """Return the last request for an answer whose input tokens the provider reported."""
    for turn in reversed(timeline.turns):
        block = turn.step("format")
        for attempt in reversed(block.attempts if block else ()):
            if attempt.usage.source == "reported":
                return attempt
    return None
