"""The slash commands in the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from ralph.core.ports.face import Command
from ralph.tui import keys

# The cells for the name of a command.
NAME = 14


class CommandLine(Protocol):
    """An app with slash commands."""

    @property
    def commands(self) -> Sequence[Command]: ...

    def action_command(self, line: str) -> None: ...


class SlashCommands(Provider):
    """Every slash command with its name and summary, a line each. Then come the app's own commands."""

    async def discover(self) -> Hits:
        for text, what, run in self._commands():
            yield DiscoveryHit(_row(Content(text), what), run, text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, what, run in self._commands():
            score = matcher.match(f"{text} {what}")
            if score > 0:
                yield Hit(score, _row(matcher.highlight(text), what), run, text)

    def _commands(self) -> list[tuple[str, str, Callable[[], object]]]:
        program = cast("CommandLine", self.app)
        made: list[tuple[str, str, Callable[[], object]]] = []
        for command in program.commands:
            line = f"/{command.name}"
            what = " · ".join(t for t in (command.summary, keys.of_command(self.app, line)) if t)
            made.append((line, what, partial(program.action_command, line)))
        own = self.app.get_system_commands(self.screen)
        return made + [(one.title, one.help, one.callback) for one in own]


def _row(name: Content, what: str) -> Content:
    """Return a row. The style sheet cuts what does not fit."""
    gap = " " * max(2, NAME - name.cell_length)
    return Content.assemble(name, (f"{gap}{what}", "dim"))
