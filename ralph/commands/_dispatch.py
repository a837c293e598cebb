"""Finds and runs the command of a line that begins with a slash."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ralph import registry
from ralph.core.errors import Failure, Kind, nearest
from ralph.core.ports.face import Command, Face

# A dollar before a digit is an amount: two of those are never read as a formula. A tilde that stands alone before a
# word marks an estimate: without one behind a word it strikes nothing out, and a shell shows it without a backslash.
_MARKS = re.compile(r"([\\`*_<>|#]|(?<=[^\s])~|~(?=~|\s|$)|\$(?!\d))")
# Escaped brackets may be a formula.
_BRACKETS = str.maketrans({"[": "&#91;", "]": "&#93;"})


def is_command(line: str) -> bool:
    """Return whether this line is for ralph and not for a model."""
    return line.startswith("/") or line.strip() == ":q"


def is_own_command(text: str) -> bool:
    """Return whether this message is a line for the person's shell: `!ls`, or `!!ls` to keep it out of the context."""
    line = text.removeprefix("!").removeprefix("!")
    return text.startswith("!") and bool(line.strip()) and not line.startswith(("!", "="))


def parse(line: str) -> tuple[str, str]:
    """Return the name without its slash, in small letters, and the text after it."""
    name, *rest = line.strip().split(maxsplit=1)
    return name.removeprefix("/").casefold(), rest[0] if rest else ""


def find(name: str, commands: Sequence[Command]) -> Command | None:
    """Return the command of this name, or else the one that has it as an alias."""
    named = next((c for c in commands if name == c.name), None)
    return named or next((c for c in commands if name in c.aliases), None)


def load(name: str) -> Command:
    """Return the command of this name or alias. Raises `Failure(USAGE)` with the nearest name if there is none."""
    if name in registry.builtin_names("commands"):  # other packages need not be loaded
        made: Command = registry.load("commands", name)
        return made
    commands = registry.Offers("commands")
    command = find(name, commands) or _of_server(name)
    if command is None:
        close = [f"/{one}" for one in _close(name, commands)]
        meant = f"did you mean {' or '.join(close)}?" if close else "/help lists all commands"
        raise Failure(Kind.USAGE, f"there is no command /{name}; {meant}")
    return command


async def run(line: str, face: Face) -> None:
    """Run the command of this line. For an unknown one, show the nearest name; for a failure, show its sentence."""
    name, argument = parse(line)
    command = find(name, face.commands) or _of_server(name)
    if command is None:
        face.say(_describe_unknown(name, face.commands))
        return
    try:
        await perform(command, argument, face)
    except Failure as failure:
        face.say(refusal(failure.message))


async def perform(command: Command, argument: str, face: Face) -> None:
    """Run this command. Raises its `Failure`."""
    if getattr(command, "whole", True):  # a plugin's command that does not say so may need them
        await face.conversation.whole()
    await command.run(argument, face)


def refusal(sentence: str) -> str:
    """Return why something was not done, for a person: the kind is for programs."""
    return f"✗ {verbatim(sentence)}"


def verbatim(text: str) -> str:
    """Return text that markdown shows unchanged."""
    return _MARKS.sub(r"\\\1", text.replace("&", "&amp;")).translate(_BRACKETS)


def _of_server(name: str) -> Command | None:
    """Return the command of `server:prompt`."""
    if ":" not in name:
        return None
    from ralph.commands._server_prompt import make_command

    return make_command(name)


def _close(name: str, commands: Sequence[Command]) -> list[str]:
    """Return at most three commands that may be meant, by the start of a name or by similarity."""
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
