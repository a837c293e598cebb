"""Slash commands in the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from ralph.core.ports.face import Command
from ralph.tui import keys


class CommandLine(Protocol):
    """A program with slash commands."""

    @property
    def commands(self) -> Sequence[Command]: ...

    def action_command(self, line: str) -> None: ...


class SlashCommands(Provider):
    """Every command of the face, by its name and what it does."""

    async def discover(self) -> Hits:
        for text, what, run in self._commands():
            yield DiscoveryHit(text, run, help=what)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, what, run in self._commands():
            score = matcher.match(f"{text} {what}")
            if score > 0:
                yield Hit(score, matcher.highlight(text), run, help=what)

    def _commands(self) -> list[tuple[str, str, Callable[[], None]]]:
        program = cast("CommandLine", self.app)
        made: list[tuple[str, str, Callable[[], None]]] = []
        for command in program.commands:
            line = f"/{command.name}"
            what = " · ".join(t for t in (command.summary, keys.of_command(self.app, line)) if t)
            made.append((line, what, partial(program.action_command, line)))
        return made
