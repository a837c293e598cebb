"""`/theme`: another look, chosen by seeing it."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """A name is worn at once; without one the screen shows each as it is highlighted."""
    name = argument.strip().casefold()
    if name:
        face.use_theme(name)
        face.say(kept(name))
    elif not await face.show("themes"):
        names = face.themes()
        face.say(f"Themes: {', '.join(sorted(names))}." if names else "There are no themes here.")


async def complete(argument: str, face: Face) -> Sequence[str]:
    return [name for name in sorted(face.themes()) if name.startswith(argument.casefold())]


def kept(name: str) -> str:
    """How long it holds, and how to make it last."""
    return f"The theme is `{name}` until ralph ends; `ui: {{theme: {name}}}` in the config keeps it."


COMMAND = Simple("theme", "another look, chosen by seeing it", run, usage="[name]", complete=complete)
