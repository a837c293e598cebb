"""What can be done with a place of the timeline: the text to copy, the slash command to send."""

from __future__ import annotations

from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Block, Turn
from ralph.tui.timeline.targets import Target

RETRIED = ("route", "tool", "format")


def copy_of(timeline: Timeline, place: Target) -> tuple[str, str]:
    """What it is in a word, and its text as it was stored: the markdown of an answer, the whole output of a tool."""
    turn, block = _found(timeline, place)
    if turn is None and block is None:
        return "", ""
    match place.part:
        case "user" if turn:
            return "question", "\n\n".join(t for t in (turn.started.prompt, turn.started.context) if t)
        case "answer" if block:
            return "answer", block.text
        case "step" if block:
            return block.kind, _of_step(block)
        case "note" if turn:
            return "note", "\n".join(n.text for n in turn.notes)
        case _:
            return "answer", turn.text if turn else ""


def command_of(timeline: Timeline, place: Target, verb: str) -> str:
    """The line that retries from here or forks after this turn; nothing where there is no turn."""
    turn, block = _found(timeline, place)
    if turn is None:
        return ""
    if verb == "fork":
        return f"/fork {turn.number}"
    step = block.kind if block and block.kind in RETRIED else ""
    return f"/retry {turn.number} {step}".rstrip()


def question_of(timeline: Timeline, place: Target) -> str:
    """What was asked in this turn."""
    turn, _ = _found(timeline, place)
    return turn.started.prompt if turn else ""


def _found(timeline: Timeline, place: Target) -> tuple[Turn | None, Block | None]:
    turn = timeline.turn(place.turn) if place.turn else None
    blocks = turn.blocks if turn else timeline.work
    return turn, next((b for b in blocks if b.id == place.block), None)


def _of_step(block: Block) -> str:
    """What a step brought: its failure, the outputs of its calls, its own text, its thinking."""
    parts = [f"{block.error.kind.value}: {block.error.message}" if block.error else ""]
    several = len(block.calls) > 1
    parts += [f"{call.name}:\n{call.output}" if several else call.output for call in block.calls]
    if block.kind in ("tool", "summarise"):
        parts.append(block.text)
    if block.kind == "route":
        parts.append(str(block.data.get("reason", "")))
    return "\n\n".join(p for p in parts if p.strip()) or block.thinking or block.text
