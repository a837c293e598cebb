"""The keymap of the configuration, and the line where each key is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from textual.app import App

from ralph.config.settings import Written
from ralph.core.data import Data, frozen
from ralph.core.ports.face import KeyRow
from ralph.tui import keys


@frozen
class WrittenKeys(Data):
    """The setting `ui.keys` of one file."""

    file: Path = Path()
    keys: Mapping[str, Written] = field(default_factory=dict)


class KeyMapping:
    """The keymap of the configuration, applied to the app. A notice shows its faults; no fault ends the program."""

    def __init__(self, app: App[Any], written: WrittenKeys | None, changed: Callable[[], None]) -> None:
        """Map the keys of the timeline and the prompt at once; `check` reports the faults.

        `app` holds the keymap. `changed` is called when the keymap may have changed.
        """
        self._app = app
        self._changed = changed
        self._written = written = written or WrittenKeys()
        if written.keys:
            from ralph.tui.keymap import main_bindings, read_keymap

            app.set_keymap(dict(read_keymap(written.keys, main_bindings(), written.file, whole=False).keys))

    def check(self) -> None:
        """Map the keys of all screens, and report the faults. This imports every screen, so call it when idle."""
        written = self._written
        if not written.keys:
            return
        from ralph.tui.keymap import all_bindings, read_keymap  # imports every screen

        read = read_keymap(written.keys, all_bindings(), written.file)
        self._app.set_keymap(dict(read.keys))
        self._changed()
        if read.faults:
            self._app.notify("\n".join(read.faults), title="keys", severity="warning", markup=False, timeout=12)

    def rows(self) -> Sequence[KeyRow]:
        """Return every action that a key can be mapped to."""
        from ralph.tui.keymap import MAIN, all_bindings

        mapped, rows = self._app._keymap, []
        for known in all_bindings():
            name = str(known.binding.id)
            held = ", ".join(keys.display(k) for k in mapped.get(name, known.binding.key).split(","))
            where = "" if known.scope == MAIN else name.partition(".")[0]
            rows.append(KeyRow(name, held, known.binding.description, where, name in mapped))
        return rows
