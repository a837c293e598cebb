"""`/theme`: chooses a theme with a preview; the choice is kept."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._kept import RESET, describe_keeping, describe_reset
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """Use and keep the named theme; `reset` forgets it. Without a name the screen previews each highlighted theme."""
    name = argument.strip().casefold()
    if name == RESET and RESET not in face.themes():
        await _reset(face)
    elif name:
        face.use_theme(name)
        why = await face.workspace.choices.keep({"ui.theme": name})
        face.say(f"The theme is `{name}`. {describe_keeping(why, f'/theme {RESET}')}")
    elif not await face.show("themes"):
        names = face.themes()
        face.say(f"Themes: {', '.join(sorted(names))}." if names else "There are no themes here.")


async def _reset(face: Face) -> None:
    """Use the configured theme; `auto` asks the terminal, which is only possible at a start."""
    theme = str(face.workspace.choices.find_configured("ui.theme"))
    if theme in face.themes():
        face.use_theme(theme)
    why = await face.workspace.choices.forget("ui.theme")
    face.say(f"The theme is `{theme}`, as configured. {describe_reset(why)}")


async def complete(argument: str, face: Face) -> Sequence[str]:
    return [name for name in (*sorted(face.themes()), RESET) if name.startswith(argument.casefold())]


COMMAND = Simple("theme", "choose a theme, with a preview", run, usage="[name|reset]", complete=complete)
