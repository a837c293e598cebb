"""`/editor`: opens the prompt in the person's editor."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """Open the editor with the given words; its text is in the prompt afterwards."""
    await face.edit(argument)


COMMAND = Simple("editor", "write in your own editor, $VISUAL or $EDITOR", run, ("edit",), "[text]", needs_screen=True)
