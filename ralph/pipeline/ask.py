"""Asks a model from a step: its pieces go to the step's block, and its answer is returned."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

from ralph.core.errors import Failure, Kind
from ralph.core.llm.messages import Content, Message, Opaque, TextPart, ThinkingPart, user
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Piece, Request, Restart
from ralph.core.log.recording import ModelCall
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.plan import Run

Take = Callable[[Piece | Restart], None]

# How often a paused answer is continued: each time is another paid request.
PAUSES = 8


async def ask(ref: ModelRef, request: Request, block: OpenBlock, run: Run, take: Take | None = None) -> Answer:
    """Stream one answer, piece by piece, to `take` or into the block. Raises `Failure`; the earlier text stays there.

    An answer that its server paused (Anthropic's `pause_turn`) is sent back unchanged, so that the model continues.
    """
    whole = Content()
    for _ in range(PAUSES + 1):
        answer = await _once(ref, request, block, run, _after(whole, take or block.take))
        whole = _join_content(whole, answer.content)
        if answer.stop_reason != "pause" or not (answer.content.parts or answer.content.opaque):
            return answer._replace(content=whole)
        request = _going_on(request, answer.content)
    raise Failure(
        Kind.OUTPUT_LIMIT, f"{ref} paused its answer {PAUSES + 1} times; what came is kept, ask it to continue"
    )


async def _once(ref: ModelRef, request: Request, block: OpenBlock, run: Run, take: Take) -> Answer:
    answer: Answer | None = None
    async with aclosing(run.gateway.stream(ModelCall(ref, request, block, run.recorder))) as items:
        async for item in items:
            if isinstance(item, Piece | Restart):
                take(item)
            elif isinstance(item, Answer):
                answer = item
    if answer is None:
        raise Failure(Kind.TRUNCATED, f"{ref} ended its stream without an answer")
    return answer


def _after(content: Content, take: Take) -> Take:
    """Return a `take` that repeats the earlier content after a restart, which only voids this request."""

    def both(item: Piece | Restart) -> None:
        take(item)
        if isinstance(item, Restart):
            for part in content.parts:
                if isinstance(part, TextPart | ThinkingPart):
                    take(Piece("text" if isinstance(part, TextPart) else "thinking", part.text))

    return both if content.parts else take


def _going_on(request: Request, content: Content) -> Request:
    """Return the request followed by the content so far, which must come last, so the instruction moves before it."""
    said = Message("assistant", content.parts, content.opaque)
    word = (user(request.instruction),) if request.instruction else ()
    return replace(request, messages=(*request.messages, *word, said), instruction="", goes_on=True)


def _join_content(before: Content, after: Content) -> Content:
    """Return one content of two; it has an opaque form if both have one."""
    if not before.parts and before.opaque is None:
        return after
    return Content((*before.parts, *after.parts), _one(before.opaque, after.opaque))


def _one(before: Opaque | None, after: Opaque | None) -> Opaque | None:
    """Join two lists of blocks, each block unchanged."""
    if before is None or after is None or (before.provider, before.model) != (after.provider, after.model):
        return None
    lists = (before.json.strip(), after.json.strip())
    if not all(text.startswith("[") and isinstance(json.loads(text), list) for text in lists):
        return None
    inner = [text[1:-1].strip() for text in lists]
    return Opaque(before.provider, before.model, f"[{','.join(text for text in inner if text)}]")
