"""From a line that begins with a slash to the command that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ralph import registry
from ralph.core.errors import Failure, Kind, nearest
from ralph.core.ports.face import Command, Face

# A dollar before a digit is an amount: two of those are never read as a formula.
_MARKS = re.compile(r"([\\`*_<>|~#]|\$(?!\d))")
# Escaped brackets may be a formula.
_BRACKETS = str.maketrans({"[": "&#91;", "]": "&#93;"})


def is_command(line: str) -> bool:
    """Whether this line is for ralph and not for a model."""
    return line.startswith("/") or line.strip() == ":q"


def parse(line: str) -> tuple[str, str]:
    """The name without its slash, in small letters, and what follows it."""
    name, *rest = line.strip().split(maxsplit=1)
    return name.removeprefix("/").casefold(), rest[0] if rest else ""


def find(name: str, commands: Sequence[Command]) -> Command | None:
    """The command of this name or alias."""
    return next((c for c in commands if name == c.name or name in c.aliases), None)


def load(name: str) -> Command:
    """The command of this name or alias. Raises `Failure(USAGE)` with the nearest where there is none."""
    if name in registry.builtin_names("commands"):  # the others need not be loaded
        made: Command = registry.load("commands", name)
        return made
    commands = registry.Offers("commands")
    command = find(name, commands)
    if command is None:
        close = [f"/{one}" for one in _close(name, commands)]
        meant = f"did you mean {' or '.join(close)}?" if close else "/help lists all commands"
        raise Failure(Kind.USAGE, f"there is no command /{name}; {meant}")
    return command


async def run(line: str, face: Face) -> None:
    """Run the command in this line. An unknown one is answered with the nearest, and a failure with its sentence."""
    name, argument = parse(line)
    command = find(name, face.commands)
    if command is None:
        face.say(_describe_unknown(name, face.commands))
        return
    try:
        await perform(command, argument, face)
    except Failure as failure:
        face.say(refusal(failure.message))


async def perform(command: Command, argument: str, face: Face) -> None:
    """Run this command. Raises its `Failure`."""
    if getattr(command, "whole", True):  # a plugin's that does not say so may want them
        await face.conversation.whole()
    await command.run(argument, face)


def refusal(sentence: str) -> str:
    """Why something was not done, for a person: the kind is for programs."""
    return f"✗ {verbatim(sentence)}"


def verbatim(text: str) -> str:
    """Text that markdown shows as it is."""
    return _MARKS.sub(r"\\\1", text.replace("&", "&amp;")).translate(_BRACKETS)


def _close(name: str, commands: Sequence[Command]) -> list[str]:
    """The commands that may be meant, by the beginning of a name or by its likeness; three at most."""
    names = {alias: c.name for c in commands for alias in (c.name, *c.aliases)}
    begun = [n for n in names if name and n.startswith(name)]
    return list(dict.fromkeys(names[n] for n in (*begun, *nearest(name, names))))[:3]


def _describe_unknown(name: str, commands: Sequence[Command]) -> str:
    close = _close(name, commands)
    meant = f"Did you mean {' or '.join(f'`/{n}`' for n in close)}?" if close else "`/help` lists all commands."
    return (
        f"There is no command `/{name}`. {meant} Nothing was sent to a model; "
        "to send text that begins with a slash, put a space before it."
    )
