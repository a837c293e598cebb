"""The format step: the answer that the person reads, always by an attempt of its own."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.errors import Failure, Kind
from ralph.core.messages import CallPart, Message, user
from ralph.core.provider import Request
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.calling import ask
from ralph.pipeline.plan import Plan, Run


async def format_answer(block: OpenBlock, run: Run, made: Sequence[Message]) -> None:
    """Stream the answer into the block. Raises `Failure`; text that came before it stays."""
    with block:
        ref = run.plan.models.format
        await ask(ref, _request(run.plan, run.question, made), block, run)
        if not block.text.strip():
            raise Failure(Kind.EMPTY, f"{ref} gave an empty answer; ask again, or choose another model with -m")


def _request(plan: Plan, question: str, made: Sequence[Message]) -> Request:
    """Tools stay declared once the conversation has calls: some wires refuse calls of undeclared tools, and the
    prefix that the tool step has cached stays the same."""
    messages = (*plan.history, user(question), *made)
    calls = any(isinstance(part, CallPart) for message in messages for part in message.parts)
    return Request(
        model=plan.models.format.model,
        messages=messages,
        role="format",
        system=plan.system,
        tools=plan.specs if calls else (),
        tool_choice="none",
        settings=plan.settings,
    )
