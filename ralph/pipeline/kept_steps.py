"""A step that a re-run keeps: its block is repeated, finished at once, with its text and calls and no attempt."""

from __future__ import annotations

from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.recording import Recorder
from ralph.core.timeline.turns import Block
from ralph.pipeline.block import OpenBlock


def origin(block: Block) -> str:
    """Return `TIMELINE/BLOCK` of the block with the attempts; for a kept block, the one where they were made."""
    return block.copied_from or ids.origin_id(block.timeline, block.id)


def refill(block: OpenBlock, kept: Block, recorder: Recorder) -> None:
    """Fill the open block with the kept one. Its calls name the attempts of the origin; no model is asked."""
    block.put("thinking", kept.thinking)
    block.put("text", kept.text)
    for call in kept.calls:
        made = block.next_call()
        recorder.emit(ev.ToolRequested(made, call.attempt, call.name, call.arguments, call.effect, call.vendor_id))
        if call.decision in ("allowed", "denied"):
            recorder.emit(ev.ToolDecided(made, call.decision, call.by, 0.0))  # type: ignore[arg-type]
        status = call.status or "cancelled"
        recorder.emit(ev.ToolFinished(made, status, call.output, call.sent, call.blob, call.duration_ms, 0.0))
    block.status = kept.status or "interrupted"
    block.reason, block.error, block.data = kept.reason, kept.error, kept.data
