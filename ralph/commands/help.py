"""`/help`: lists the available commands and keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ralph.commands._base import Simple
from ralph.commands._dispatch import find
from ralph.core.errors import NotFound, did_you_mean
from ralph.core.ports.face import Command, Face


async def run(argument: str, face: Face) -> None:
    """Show all commands and keys, on a screen if the face has one; with a name, describe that command."""
    if not argument:
        if not await face.show("help"):
            face.result([_facts(command) for command in _sort_commands(face)])
            face.say(_overview(face))
        return
    name = argument.strip().removeprefix("/")
    command = find(name, face.commands)
    if command is None:
        meant = did_you_mean(name, [c.name for c in face.commands], "/{}")
        raise NotFound(f"there is no command /{name}{meant}")
    face.result([_facts(command)])
    face.say(f"{_signature(command)}: {command.summary}{_aliases(command)}")


async def complete(argument: str, face: Face) -> Sequence[str]:
    return [c.name for c in face.commands if c.name.startswith(argument.removeprefix("/"))]


def _overview(face: Face) -> str:
    commands = "\n".join(f"| {_in_table(_signature(c))} | {c.summary}{_aliases(c)} |" for c in _sort_commands(face))
    keys = "\n".join(f"| {_cell(key)} | {_cell(what)} |" for key, what in face.key_help())
    made = f"| command | what it does |\n| --- | --- |\n{commands}"
    return f"{made}\n\n| key | what it does |\n| --- | --- |\n{keys}" if keys else made


def _sort_commands(face: Face) -> list[Command]:
    return sorted(face.commands, key=lambda command: command.name)


def _facts(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "aliases": list(command.aliases),
        "usage": command.usage,
        "summary": command.summary,
    }


def _signature(command: Command) -> str:
    return f"`/{command.name}{f' {command.usage}' if command.usage else ''}`"


def _aliases(command: Command) -> str:
    named = ", ".join(f"`{a}`" if a.startswith(":") else f"`/{a}`" for a in command.aliases)
    return f" (also {named})" if named else ""


def _in_table(code: str) -> str:
    """Escape a bar, which would end the cell even within a code span."""
    return code.replace("|", "\\|")


def _cell(text: str) -> str:
    return _in_table(text.replace("\\", "\\\\"))


COMMAND = Simple("help", "commands and keys", run, ("?",), "[command]", complete)
