"""Asking a model from a step: the pieces go to its block, the answer comes back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

from ralph.core.errors import Failure, Kind
from ralph.core.provider import Answer, Piece, Request, Restart
from ralph.core.refs import ModelRef
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.plan import Run

Take = Callable[[Piece | Restart], None]


async def ask(ref: ModelRef, request: Request, block: OpenBlock, run: Run, take: Take | None = None) -> Answer:
    """Stream one answer, piece by piece, to `take`, or into the block. Raises `Failure`; what came stays there."""
    answer: Answer | None = None
    take = take or block.take
    async with aclosing(run.gateway.stream(ref, request, block, run.recorder)) as items:
        async for item in items:
            if isinstance(item, Piece | Restart):
                take(item)
            elif isinstance(item, Answer):
                answer = item
    if answer is None:
        raise Failure(Kind.TRUNCATED, f"{ref} ended its stream without an answer")
    return answer
