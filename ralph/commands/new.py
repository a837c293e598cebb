"""`/new`: begins a new timeline; the old one stays saved."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:  # noqa: ARG001 - takes none
    await face.switch(None)


COMMAND = Simple("new", "begin a new timeline; this one stays saved", run, ("clear",), needs_screen=True)
