"""`/route`: chooses who decides which tools a question needs, or pins the tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ralph.commands._arguments import endings
from ralph.commands._base import Simple
from ralph.commands._model_switch import is_recorded
from ralph.commands.model import complete_ref
from ralph.core.llm.refs import UnknownName
from ralph.core.llm.routing import RouteChoice
from ralph.core.ports.face import Face
from ralph.core.ports.overrides import TurnOverrides

NONE = ("none", "nothing")


async def run(argument: str, face: Face) -> None:
    """Show the route, or set it from the next turn on: a mode, a model, or tools by name. `off` unpins the tools."""
    words = argument.replace(",", " ").split()
    here = face.conversation
    if not words:
        _tell_data(face)
        face.say(_describe_route(here.overrides, here.roles["route"], "Now"))
        return
    before = dict(here.roles)
    here.override(await _apply_words(words, here.overrides, face))
    _tell_data(face)
    if (
        is_recorded(face, before)
        and here.overrides.tools is None
        and not _asks_late(here.overrides, here.roles["route"])
    ):
        return  # a line of the timeline shows all of it
    face.say(_describe_route(here.overrides, here.roles["route"], "From the next turn on"))


def _tell_data(face: Face) -> None:
    face.result({"roles": dict(face.conversation.roles), "tools": face.conversation.overrides.tools})


async def _apply_words(words: Sequence[str], overrides: TurnOverrides, face: Face) -> TurnOverrides:
    word = words[0].casefold()
    if len(words) == 1 and word == "off":
        return replace(overrides, tools=None)
    if len(words) == 1 and word in NONE:
        return replace(overrides, tools=())
    if len(words) == 1 and word in ("auto", "rules"):
        return TurnOverrides(replace(overrides.routing, route=RouteChoice.parse(word)), overrides.settings)
    if len(words) == 1 and words[0] not in face.conversation.tools:
        try:
            ref = await face.workspace.models.find_ref(words[0])
        except UnknownName:
            if ":" in words[0]:
                raise
        else:
            return TurnOverrides(replace(overrides.routing, route=RouteChoice.parse(ref)), overrides.settings)
    return replace(overrides, tools=tuple(dict.fromkeys(words)))


def _describe_route(overrides: TurnOverrides, route: str, when: str) -> str:
    if overrides.tools is None:
        how = {"rules": "the built-in rules decide"}.get(route, f"`{route}` decides")
        first = (
            "where the built-in rules do not understand the whole question, " if _asks_late(overrides, route) else ""
        )
        return f"{when}: {first}{how}. `/route TOOL …` or `/route none` decides in its place."
    pinned = ", ".join(f"`{name}`" for name in overrides.tools) or "no tool"
    return f"{when}: {pinned}, whatever the question; pinned by you. `/route off` lets the route decide again."


def _asks_late(overrides: TurnOverrides, route: str) -> bool:
    """Return whether a model is asked only if the rules are not enough."""
    return overrides.routing.route.mode == "auto" and route != "rules"


async def complete(argument: str, face: Face) -> Sequence[str]:
    """Complete modes and models first, and tools everywhere."""
    found = endings(argument, face.conversation.tools)
    if " " in argument:
        return found
    return [*endings(argument, ("auto", "rules", "none", "off")), *found, *await complete_ref(argument, face)]


COMMAND = Simple(
    "route", "who chooses the tools, or a fixed choice", run,
    usage="[auto|rules|provider:model|tool …|none|off]", complete=complete,
)  # fmt: skip
