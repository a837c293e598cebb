"""The format step: the answer that the person reads, always with its own attempt."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.errors import Failure, Kind
from ralph.core.llm.empty_answer import empty_answer
from ralph.core.llm.messages import CallPart, Message, user
from ralph.core.llm.request import Request
from ralph.pipeline.ask import ask
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.plan import Run


async def format_answer(block: OpenBlock, run: Run, made: Sequence[Message]) -> None:
    """Stream the answer into the open block. Raises `Failure`; the text before it stays."""
    await ask(run.plan.models.format, request(run, made), block, run)
    check(block, run)


def check(block: OpenBlock, run: Run) -> None:
    """Raise `Failure` for an answer without text."""
    if not block.text.strip():
        raise Failure(Kind.EMPTY, empty_answer(run.plan.models.format, reasoned=bool(block.thinking.strip())))


def request(run: Run, made: Sequence[Message] = ()) -> Request:
    """Return the request: the whole conversation, the question and this turn's results, without an instruction.

    Tools stay declared if the conversation has calls: some wires refuse calls of undeclared tools, and the prefix that
    the tool step has cached stays the same.
    """
    plan = run.plan
    messages = (*plan.history, user(run.question), *made)
    calls = any(isinstance(part, CallPart) for message in messages for part in message.parts)
    return Request(
        model=plan.models.format.model,
        messages=messages,
        role="format",
        system=plan.system,
        tools=plan.tools.specs if calls else (),
        tool_choice="none",
        settings=plan.settings,
        visible=True,
        fresh=plan.again is not None,
    )
