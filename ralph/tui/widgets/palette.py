"""Slash commands in the command palette."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from ralph.tui import keys

if TYPE_CHECKING:
    from ralph.tui.app import RalphApp


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
        app = cast("RalphApp", self.app)
        made: list[tuple[str, str, Callable[[], None]]] = []
        for command in app.commands:
            line = f"/{command.name}"
            what = " · ".join(t for t in (command.summary, keys.of_command(app, line)) if t)
            made.append((line, what, partial(app.action_command, line)))
        return made
