"""`/rename`: another title for this timeline."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.core.errors import Failure, Kind
from ralph.core.ports.face import Face

LONGEST = 200


async def run(argument: str, face: Face) -> None:
    """Without a title, the one that it has is put into the prompt, to be changed."""
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
