"""A step that a re-run keeps: its block is repeated, finished at once, with its text and calls and no attempt."""

from __future__ import annotations

from dataclasses import replace

from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.recording import Recorder
from ralph.core.timeline.calls import Call
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
        _repeat(block.next_call(), call, recorder)
    block.status = kept.status or "interrupted"
    block.reason, block.error, block.data = kept.reason, kept.error, kept.data


def _repeat(made: str, call: Call, recorder: Recorder) -> None:
    """Emit the events of a call again, with all that it brought: its origin, its files and its media."""
    requested = ev.ToolRequested(made, call.attempt, call.name, call.arguments, call.effect, call.vendor_id)
    recorder.emit(replace(requested, preview=call.preview))
    if call.decision in ("allowed", "denied"):
        decided = ev.ToolDecided(made, call.decision, call.by, 0.0, rule=call.rule)  # type: ignore[arg-type]
        recorder.emit(replace(decided, scope=call.scope, arguments=call.edited))
    finished = ev.ToolFinished(made, call.status or "cancelled", call.output, call.sent, call.blob, call.duration_ms)
    recorder.emit(
        replace(
            finished, waited_ms=0.0, origin=call.origin, sandbox=call.sandbox, files=call.files, media=call.media
        )
    )  # fmt: skip
