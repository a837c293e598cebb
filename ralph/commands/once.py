"""`/once`: asks another model one question; later turns use the models from before."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands.model import complete_ref
from ralph.core.errors import Failure, Kind
from ralph.core.ports.face import Face
from ralph.core.ports.user_input import UserInput


async def run(argument: str, face: Face) -> None:
    """Call tools and format with the named model in this turn."""
    ref, _, message = argument.strip().partition(" ")
    if not message.strip():
        raise Failure(Kind.USAGE, "write  /once MODEL MESSAGE,  as in /once ollama:llama3.2:3b say it shorter")
    message = message.strip()
    await face.workspace.models.find_ref(ref)  # an invalid ref is reported before anything is attached
    face.follow(face.conversation.once(ref, UserInput(message, await face.context(message))))


async def complete(argument: str, face: Face) -> Sequence[str]:
    return () if " " in argument else await complete_ref(argument, face)


COMMAND = Simple("once", "ask another model this one question", run, usage="provider:model message", complete=complete,
                 sends=True)  # fmt: skip
