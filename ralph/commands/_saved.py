"""Opens a saved timeline; if it is open in another window, offers to read it or to continue in a fork."""

from __future__ import annotations

from ralph.commands._forks import switch_to
from ralph.core.errors import OpenElsewhere
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Face

ANSWERS = (("read", "read it here"), ("fork", "continue in a fork"), ("stay", "stay here"))


async def go_to(face: Face, timeline: str) -> Conversation | None:
    """Return the timeline that is open then; None if it can only be read. Raises `Failure`."""
    try:
        return await face.switch(timeline)
    except OpenElsewhere as elsewhere:
        found = elsewhere
    chosen = await face.ask(f"Timeline {found.timeline} is open in another window.", ANSWERS)
    if chosen == "read":
        await face.switch(found.timeline, read_only=True)
        face.say(
            f"`{found.timeline}` is read-only here, because another window writes to it. `/fork` continues in a copy."
        )
        return None
    if chosen == "fork":
        there = await switch_to(face, await face.workspace.timelines.fork(found.timeline))
        face.say(f"Forked: `{there.id}` is a copy of `{found.timeline}`, which is unchanged. `/tree` shows both.")
        return there
    raise found
