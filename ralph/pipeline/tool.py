"""The tool step: a bounded loop in which a model calls tools, each call with consent and a finish."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.llm.messages import CallPart, Message, ResultPart, user
from ralph.core.llm.request import Request
from ralph.core.timeline.decision import RouteDecision
from ralph.pipeline.ask import ask
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.plan import Run
from ralph.pipeline.tool_call import Outcome, ToolCallRun

# Sent only after results: the first round is the bare question, and so the prefix of all later rounds.
_INSTRUCTION = "If more is needed, call the tools for it, independent calls together. If not, answer only: done"


async def run_tools(block: OpenBlock, run: Run, decision: RouteDecision) -> tuple[Message, ...]:
    """Return the (calls → results) pairs of this turn, in order. Raises `Failure` of the model, never of a tool."""
    with block:
        if not decision.tools:
            block.skip("no tool is needed")
            return ()
        made: list[Message] = []
        for _ in range(decision.rounds):
            request = _request(run, made)
            answer = await ask(run.plan.models.tool, request, block, run)
            calls = [p for p in answer.content.parts if isinstance(p, CallPart)]
            if not calls:
                break
            attempt = block.attempts[-1].attempt if block.attempts else None
            outcomes = await _run_all(block, run, calls, attempt)
            made.append(Message("assistant", answer.content.parts, answer.content.opaque))
            made.append(Message("user", tuple(_result(c, o) for c, o in zip(calls, outcomes, strict=True))))
        return tuple(made)


def _request(run: Run, made: Sequence[Message]) -> Request:
    plan = run.plan
    return Request(
        model=plan.models.tool.model,
        messages=(*plan.history, user(run.question), *made),
        role="tool",
        system=plan.system,
        tools=plan.tools.specs,
        tool_choice="auto",
        instruction=_INSTRUCTION if made else "",
        settings=plan.settings,
        fresh=plan.again is not None,
    )


async def _run_all(block: OpenBlock, run: Run, calls: Sequence[CallPart], attempt: str | None) -> list[Outcome]:
    """Run independent calls in parallel; a cancel waits until each call has its finish."""
    asking = asyncio.Lock()
    calling = [ToolCallRun(block, attempt, part, run.plan, run.recorder, asking) for part in calls]
    tasks = [background.start(one.run(), "a tool call") for one in calling]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        await cancel_and_wait(tasks)


def _result(call: CallPart, outcome: Outcome) -> ResultPart:
    return ResultPart(call.id, call.name, outcome.sent, error=outcome.status != "ok")
