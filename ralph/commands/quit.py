"""`/quit`: stops running work, and leaves."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:  # noqa: ARG001 - takes none
    face.quit()


COMMAND = Simple("quit", "stop what is running, and quit", run, ("exit", ":q"))
