"""Every key as a screen, with its action and its id for the keymap. Typing narrows the rows."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.ports.face import KeyRow
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.screens.help import HelpScreen, Row, Section


class KeysScreen(HelpScreen):
    NAME = "Keys"


def sections(rows: Sequence[KeyRow]) -> list[Section]:
    """Return the keys of the timeline, then those of each screen, then an example of a mapping."""
    made: dict[str, list[Row]] = {}
    for row in rows:
        made.setdefault(row.where, []).append((row.keys or "no key", _what(row)))
    named = [(f"On the screen {where}" if where else "Everywhere", found) for where, found in made.items()]
    example = ("another key", "ui: {keys: {turn.stop: f8}} in the config")
    return [*sorted(named, key=lambda one: one[0] != "Everywhere"), ("Mapping", [example])]


def _what(row: KeyRow) -> str:
    return f"{row.what} · {row.id}{' · set in the config' if row.mapped else ''}"


def screen(ports: ScreenPorts, rows: Sequence[KeyRow] = (), words: str = "") -> KeysScreen:  # noqa: ARG001 - as all
    """Return the screen for `show("keys", rows=…, words=…)`."""
    return KeysScreen(sections(rows), words)
