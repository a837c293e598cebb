"""Asking a model from a step: the pieces go to its block, the answer comes back."""

from __future__ import annotations

from contextlib import aclosing

from ralph.core.errors import Failure, Kind
from ralph.core.provider import Answer, Piece, Request, Restart
from ralph.core.refs import ModelRef
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.plan import Run


async def ask(ref: ModelRef, request: Request, block: OpenBlock, run: Run) -> Answer:
    """Stream one answer into the block. Raises `Failure`; what came before it stays in the block."""
    answer: Answer | None = None
    async with aclosing(run.gateway.stream(ref, request, block, run.recorder)) as items:
        async for item in items:
            if isinstance(item, Piece):
                block.put(item.channel, item.text)
            elif isinstance(item, Restart):
                block.restart()
            elif isinstance(item, Answer):
                answer = item
    if answer is None:
        raise Failure(Kind.TRUNCATED, f"{ref} ended its stream without an answer")
    return answer
