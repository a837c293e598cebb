"""An app whose keys come from the configuration where they are written there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from ralph.config.model import Written
from ralph.core.data import Data, frozen
from ralph.core.face import KeyRow
from ralph.tui import keys
from ralph.tui.themed import ThemedApp
from ralph.tui.widgets.status import KeyLine


@frozen
class WrittenKeys(Data):
    """`ui.keys` of this file."""

    file: Path = Path()
    keys: Mapping[str, Written] = field(default_factory=dict)


class KeyedApp(ThemedApp):
    """What is wrong in the keymap is told in a notice, never fatal."""

    written_keys = WrittenKeys()

    def use_keys(self, written: WrittenKeys) -> None:
        """Before the first paint: those of the timeline and the prompt. Nothing is told yet."""
        if written.keys:
            from ralph.tui.keymap import main_bindings, read_keymap

            self.written_keys = written
            self.set_keymap(dict(read_keymap(written.keys, main_bindings(), written.file, whole=False).keys))

    def check_keys(self) -> None:
        """When there is time: those of all screens, and what was left out."""
        written = self.written_keys
        if not written.keys:
            return
        from ralph.tui.keymap import all_bindings, read_keymap  # with every screen

        read = read_keymap(written.keys, all_bindings(), written.file)
        self.set_keymap(dict(read.keys))
        for line in self.query(KeyLine):
            line.show(keys.footer(self))
        if read.faults:
            self.notify("\n".join(read.faults), title="keys", severity="warning", markup=False, timeout=12)

    def key_rows(self) -> Sequence[KeyRow]:
        """Every action that a key can be mapped to."""
        from ralph.tui.keymap import MAIN, all_bindings

        rows = []
        for known in all_bindings():
            name = str(known.binding.id)
            held = ", ".join(keys.display(k) for k in self._keymap.get(name, known.binding.key).split(","))
            where = "" if known.scope == MAIN else name.partition(".")[0]
            rows.append(KeyRow(name, held, known.binding.description, where, name in self._keymap))
        return rows
