"""`/attach`: attaches a file or a folder's listing to the next message."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """Attach this path; without one, list the attachments; `off` drops them."""
    path = argument.strip().removeprefix("@").strip('"')
    if path == "off":
        face.drop_enclosed()
        face.say("No file is attached to the next message.")
    elif path:
        face.say(f"Attached: {verbatim(await face.enclose(path))}. It goes with your next message.")
    elif files := face.list_enclosed():
        lines = "\n".join(f"- {verbatim(line)}" for line in files)
        face.say(f"Attached to your next message:\n\n{lines}\n\n`/attach off` removes them.")
    else:
        face.say("Nothing is attached. `/attach PATH` adds a file; so does `@PATH` in a message.")


async def complete(argument: str, face: Face) -> Sequence[str]:
    off = ["off"] if face.list_enclosed() and "off".startswith(argument.strip()) else []
    return [*off, *await face.paths_like(argument.strip().removeprefix("@"))]


COMMAND = Simple(
    "attach",
    "attach a file to the next message; off removes it",
    run,
    ("file",),
    "[path|off]",
    complete,
    needs_screen=True,
)
