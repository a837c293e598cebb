"""`/rename`: gives this timeline another title."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.core.errors import Failure, Kind
from ralph.core.ports.face import Face

LONGEST = 200


async def run(argument: str, face: Face) -> None:
    """Rename the timeline. Without a title, put the current one into the prompt for editing."""
    title = " ".join(argument.split())
    if not title:
        face.write(f"/rename {face.conversation.timeline().title}")
        return
    if len(title) > LONGEST:
        raise Failure(Kind.USAGE, f"a title has at most {LONGEST} characters, not {len(title)}")
    face.conversation.update_timeline(title=title)
    face.result({"timeline": face.conversation.id, "title": title})


async def complete(argument: str, face: Face) -> list[str]:
    title = face.conversation.timeline().title
    return [title] if title and title.startswith(argument) else []


COMMAND = Simple("rename", "give this timeline another title", run, usage="title", complete=complete)
