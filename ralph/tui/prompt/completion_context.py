"""The part of a line that can be completed, and the offers for the name of a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ralph.core.data import Data, frozen
from ralph.core.ports.face import Command
from ralph.tui.fuzzy import Rank, rank

_PATH = re.compile(r'(?:^|(?<=\s))@(?:"([^"\n]*)|([^\s"@]*))$')

_BARE = re.compile(r'[^\s"@]+')


@frozen
class CompletionContext(Data):
    """The part to complete, and its place in one row from `start` to `end`. `command` is the owner of an argument.

    `for_shell`: the line is for the person's shell, which knows no `@`.
    """

    kind: Literal["command", "argument", "path"]
    part: str
    start: int
    end: int
    command: str = ""
    for_shell: bool = False


@frozen
class CompletionOffer(Data):
    """One completion: `value` replaces the part, `label` is shown. `runs`: the line needs nothing after it.

    `short` is the label if the whole one leaves no room for the note: a command without its arguments.
    """

    value: str
    label: str
    note: str = ""
    runs: bool = False
    short: str = ""


def completion_context(line: str, column: int, *, alone: bool) -> CompletionContext | None:
    """Return the part to complete at this column, or None. `alone`: the prompt has only this line."""
    if alone and line.startswith("/"):
        return _of_command(line, column)
    found = _PATH.search(line[:column])
    if not found:
        return None
    rest = re.match(r"[^\s\"]*", line[column:]) if found[1] is None else re.match(r'[^"\n]*"?', line[column:])
    end = column + (rest.end() if rest else 0)
    return CompletionContext("path", found[1] or found[2] or "", found.start(), end, for_shell=line.startswith("!"))


def _of_command(line: str, column: int) -> CompletionContext | None:
    name, blank, argument = line.partition(" ")
    if 0 < column <= len(name):
        return CompletionContext("command", name[1:column], 0, len(name))
    if blank and column == len(line):
        return CompletionContext("argument", argument, len(name) + 1, len(line), name[1:].casefold())
    return None


def commands_like(part: str, commands: Sequence[Command]) -> list[CompletionOffer]:
    """Return the commands whose name or alias matches, the best first."""
    found = []
    for command in commands:
        fit = _fit(part, command)
        if fit:
            ranked, alias = fit
            label = f"/{command.name} {command.usage}".rstrip()
            also = f"  (also /{alias})" if alias else ""
            found.append(
                (
                    ranked,
                    command.name,
                    CompletionOffer(
                        f"/{command.name}", label, command.summary + also, not command.usage, f"/{command.name}"
                    ),
                )
            )
    return [offer for _, _, offer in sorted(found, key=lambda f: f[:2])]


def is_complete(name: str, commands: Sequence[Command]) -> bool:
    """Return whether `name` is the whole name of a command, or one of its aliases."""
    return any(name.casefold() in (c.name, *c.aliases) for c in commands)


def _fit(part: str, command: Command) -> tuple[Rank, str] | None:
    """Return the best rank of a command's names, and the alias that has it ("" for the name itself), or None."""
    if not part:
        return (0, 0), ""
    fits = [(found, n) for n, name in enumerate((command.name, *command.aliases)) if (found := rank(part, name))]
    if not fits:
        return None
    found, n = min(fits)
    return found, command.aliases[n - 1] if n else ""


def quote_path(path: str) -> str:
    """Return a path in the notation of a message."""
    return f"@{path}" if _BARE.fullmatch(path) else f'@"{path}"'
