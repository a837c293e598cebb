"""`/set`: sets temperature, effort and the like for this conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.errors import Failure, Kind
from ralph.core.llm.sampling import SETTINGS, key_of, value_of
from ralph.core.ports.face import Face

OFF = ("off", "none", "default")


async def run(argument: str, face: Face) -> None:
    """Show the settings, or set one from the next turn on; `off` returns it to the provider."""
    word, _, text = argument.strip().replace("=", " ", 1).partition(" ")
    overrides = face.conversation.overrides
    if not word:
        face.result({"settings": overrides.settings})
        face.say(_overview(overrides.settings))
        return
    if word.casefold() in OFF and not text:
        face.conversation.override(replace(overrides, settings={}))
        face.result({"settings": {}})
        face.say("No setting applies from the next turn on; each provider uses its own defaults.")
        return
    key = key_of(word)
    if not text.strip():
        raise Failure(Kind.USAGE, f"{key} is {SETTINGS[key].says}; write  /set {key} VALUE  or  /set {key} off")
    settings = {k: v for k, v in overrides.settings.items() if k != key}
    off = text.strip().casefold() in OFF and text.strip().casefold() not in SETTINGS[key].words
    if not off:
        settings[key] = value_of(key, text)
    face.conversation.override(replace(overrides, settings=settings))
    face.result({"settings": settings})
    told = f"the provider chooses {key}" if off else f"{key} is {verbatim(str(settings[key]))}"
    face.say(f"From the next turn on {told}. A model that does not take this setting says so in its block.")


async def complete(argument: str, face: Face) -> Sequence[str]:  # noqa: ARG001 - a Complete
    """Complete a key first, then its values."""
    word, blank, text = argument.lstrip().partition(" ")
    if not blank:
        return [key for key in (*SETTINGS, "off") if key.startswith(word)]
    words = SETTINGS[word].words if word in SETTINGS else ()
    return [f"{word} {w}" for w in dict.fromkeys((*words, "off")) if w.startswith(text.strip())]


def _overview(settings: Mapping[str, Any]) -> str:
    lines = "\n".join(
        f"| {key} | {verbatim(str(settings[key])) if key in settings else ''} | {setting.says} |"
        for key, setting in SETTINGS.items()
    )
    return f"| setting | now | may be |\n| --- | --- | --- |\n{lines}\n\nFor an empty setting the provider decides."


COMMAND = Simple("set", "temperature, effort and the like, for this conversation", run, usage="[key value|key off]",
                 complete=complete)  # fmt: skip
