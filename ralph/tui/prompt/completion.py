"""The list above the prompt: its offers, from the first letter until the person chooses one."""

from __future__ import annotations

import asyncio
import logging
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from ralph.core import background
from ralph.core.data import Data, frozen
from ralph.core.ports.face import Face, Named
from ralph.tui.fuzzy import best
from ralph.tui.prompt.completion_context import (
    CompletionContext,
    CompletionOffer,
    commands_like,
    completion_context,
    is_complete,
    quote_path,
)

log = logging.getLogger("ralph.tui")

# Seconds without typing before a command is asked for completions.
PAUSE_S = 0.06
LIMIT = 50
# An argument up to its last separator: the command is asked again with this part if nothing begins with the whole.
_JOINT = re.compile(r"^.*[\s:/,=]", re.DOTALL)


class List(Protocol):
    """The widget that shows the offers."""

    def show(self, offers: Sequence[CompletionOffer], at: int) -> None: ...

    def hide(self) -> None: ...


@frozen
class CompletionChoice(Data):
    """The text that a choice writes into its row, from `start` to `end`. `send`: the line needs no more text."""

    start: int
    end: int
    text: str
    send: bool = False


class Completion:
    """The completion of one prompt. A task searches for offers that take time; the next letter cancels the task."""

    def __init__(self, face: Face, shown: List, paths: Callable[[str], Sequence[str]]) -> None:
        self._face = face
        self._list = shown
        self._paths = paths
        self._wanted: CompletionContext | None = None
        self._shown: CompletionContext | None = None
        self._offers: Sequence[CompletionOffer] = ()
        self._at = -1
        self._moved = False
        self._left: tuple[str, int] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        return bool(self._offers)

    def look(self, line: str, column: int, *, alone: bool) -> None:
        """Look for offers after typing or a move of the cursor. `alone`: the prompt has only this line."""
        now = completion_context(line, column, alone=alone)
        before, self._wanted = self._wanted, now
        if now == before:
            return
        self._cancel()
        if now and before and _of(now) != _of(before):
            self._hide()
        if now is None:
            self._left = None
        if now is None or self._left == _place(now):
            self._hide()
        elif now.kind == "command":
            self._show(now, commands_like(now.part, self._face.commands))
        else:
            self._left = None
            self._task = background.start(self._find(now), "a completion")

    def move(self, step: int) -> None:
        """Mark the offer that is `step` further, in a ring."""
        count = len(self._offers)
        start = self._at if self._at >= 0 else -1 if step > 0 else 0
        self._at, self._moved = (start + step) % count, True
        self._list.show(self._offers, self._at)

    def point(self, at: int) -> None:
        """Mark the offer under the mouse."""
        self._at, self._moved = at, True

    def leave(self) -> None:
        """Close the list until the person begins another word."""
        self._left = _place(self._wanted) if self._wanted else None
        self._cancel()
        self._hide()

    def close(self) -> None:
        """Forget everything, because the prompt is empty or gone."""
        self._wanted = self._left = None
        self._cancel()
        self._hide()

    def choose(self) -> CompletionChoice | None:
        """Return the marked offer or the first one, or None while the list still belongs to earlier text."""
        now = self._wanted
        if now is None or not self._offers or now != self._shown:
            return None
        offer = self._offers[max(0, self._at)]
        behind = "" if offer.value.endswith((":", "/", "=")) or now.kind == "argument" else " "
        text = offer.value if now.kind != "path" else quote_path(offer.value)
        if now.for_shell and behind:
            text = shlex.quote(offer.value)
        if now.kind == "path" and text.startswith('@"') and not behind:
            text = text[:-1]  # a folder with a blank in its name continues inside the quotes
        return CompletionChoice(now.start, now.end, text + behind, offer.runs)

    def enter(self) -> CompletionChoice | None:
        """Return the choice of Enter, or None if Enter sends: on a whole name, or an unmarked argument."""
        now = self._wanted
        if now is None or not self._offers or now != self._shown:
            return None
        if not self._moved:
            whole = now.kind == "command" and is_complete(now.part, self._face.commands)
            if whole or self._at < 0 or now.part == self._offers[self._at].value:
                return None
        choice = self.choose()
        return replace(choice, text=choice.text.rstrip()) if choice and choice.send else choice

    async def _find(self, now: CompletionContext) -> None:
        try:
            offers = await (self._offer_names(now) if now.kind == "path" else self._offer_arguments(now))
        except Exception:  # border: a failing completion of a command must not disturb typing
            log.warning("no completion for /%s", now.command, exc_info=True)
            offers = []
        if now == self._wanted:
            self._show(now, offers)

    async def _offer_names(self, now: CompletionContext) -> list[CompletionOffer]:
        paths = await asyncio.to_thread(self._paths, now.part)
        return [CompletionOffer(path, path) for path in paths]

    async def _offer_arguments(self, now: CompletionContext) -> list[CompletionOffer]:
        """Return a command's offers for an argument. If none begins so, return the most similar of all offers."""
        command = next((c for c in self._face.commands if now.command in (c.name, *c.aliases)), None)
        if command is None:
            return []
        await asyncio.sleep(PAUSE_S)
        found = await command.complete(now.part, self._face)
        if not found and now.part.strip():
            joint = _JOINT.match(now.part)
            for start in dict.fromkeys((joint[0] if joint else "", "")):
                found = best(now.part, await command.complete(start, self._face), LIMIT, key=_texts)
                if found:
                    break
        offers = [
            CompletionOffer(f.value, f.label, f.note) if isinstance(f, Named) else CompletionOffer(f, f)
            for f in found[:LIMIT]
        ]
        return [offer for offer in offers if offer.value.rstrip() != now.part.rstrip()]

    def _show(self, now: CompletionContext, offers: Sequence[CompletionOffer]) -> None:
        self._offers, self._shown, self._moved = offers, now, False
        self._at = -1 if now.kind == "argument" else 0
        if offers:
            self._list.show(offers, self._at)
        else:
            self._hide()

    def _hide(self) -> None:
        self._offers, self._at, self._moved = (), -1, False
        self._list.hide()

    def _cancel(self) -> None:
        if self._task:
            self._task.cancel()
            self._task = None


def _texts(found: str | Named) -> Sequence[str]:
    """Return the texts of an offer that are searched."""
    return (found.label, found.value) if isinstance(found, Named) else (found,)


def _of(now: CompletionContext) -> tuple[str, int, str]:
    """Return a key: while it stays the same, a list that is a letter behind may stay in sight."""
    return now.kind, now.start, now.command


def _place(now: CompletionContext) -> tuple[str, int]:
    return ("path", now.start) if now.kind == "path" else ("command", 0)
