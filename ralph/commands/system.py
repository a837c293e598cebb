"""`/system`: shows or sets the system prompt of this conversation."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.ports.face import Face

OFF = ("off", "none")


async def run(argument: str, face: Face) -> None:
    """Show the system prompt; with a text, use the text from the next turn on."""
    text = argument.strip()
    if text:
        face.conversation.update_timeline(system="" if text.casefold() in OFF else text)
    face.result({"system": face.conversation.system})
    now, when = face.conversation.system, "From the next turn on" if text else "Now"
    if not now:
        face.say(f"{when} there is no system prompt. `/system TEXT` sets one for this conversation.")
        return
    quoted = "\n".join(f"> {verbatim(line)}" for line in now.splitlines())
    face.say(f"{when} every request begins with this system prompt (`/system off` removes it):\n\n{quoted}")


async def complete(argument: str, face: Face) -> list[str]:
    now = face.conversation.system
    return [text for text in ("off", now) if text and text.startswith(argument)]


COMMAND = Simple("system", "the system prompt of this conversation", run, usage="[text|off]", complete=complete)
