"""`/editor`: write in your own editor."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """Begins with the words behind it; what the editor leaves is in the prompt then."""
    await face.edit(argument)


COMMAND = Simple("editor", "write in your own editor, $VISUAL or $EDITOR", run, ("edit",), "[text]", needs_screen=True)
