"""`/pin`: pins turns that always go to the model, however long the conversation gets."""

from __future__ import annotations

from ralph.commands._arguments import is_number, number, turn_of
from ralph.commands._base import Simple
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """Pin the named turn, or the last one; unpin a pinned turn."""
    name = str(turn_of(face, argument.strip()).number)
    pins = face.conversation.timeline().pins
    changed = tuple(p for p in pins if p != name) if name in pins else (*pins, name)
    face.conversation.update_timeline(pins=changed)
    face.result({"pins": [int(p) for p in changed if is_number(p)]})
    done = "is no longer pinned" if name in pins else "is pinned: every request contains it, however old it is"
    held = sorted(int(p) for p in changed if is_number(p))
    others = f" Pinned: {', '.join(map(str, held))}." if held else " Nothing is pinned."
    face.say(f"Turn {name} {done}.{others}")


COMMAND = Simple(
    "pin", "always send this turn to the model, or unpin it", run, usage="[turn]", complete=number, whole=True
)
