"""The keys of vim in the prompt, for `ui.vim: on`. The prompt keeps its own text and undo.

Esc does the first of these that applies: close the list, end insert mode, drop a partial command, stop a turn. A second
Esc within `TWICE_S` of leaving insert mode does nothing, because people press Esc twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from ralph.tui.double_press import TWICE_S
from ralph.tui.prompt.vim_motions import MOTIONS, Place, first, span, to_word_end

Mode = Literal["insert", "normal"]
# A count, an operator, another count, and a motion or a command.
_COMMAND = re.compile(r"([1-9]\d*)?([dcy])?([1-9]\d*)?(.*)")
_SAME: Mapping[str, str] = {"backspace": "h", "space": "l"}
_MEANT: Mapping[str, tuple[str, str]] = {
    "x": ("d", "l"), "X": ("d", "h"), "D": ("d", "$"), "C": ("c", "$"), "s": ("c", "l"), "S": ("c", "c"),
}  # fmt: skip


class VimText(Protocol):
    """The part of the prompt that the keys of vim use."""

    @property
    def lines(self) -> Sequence[str]: ...

    @property
    def place(self) -> Place: ...

    @property
    def listing(self) -> bool:
        """Whether a list of completions is open."""
        ...

    def go(self, place: Place) -> None: ...

    def read(self, start: Place, end: Place) -> str: ...

    def take(self, start: Place, end: Place) -> str:
        """Delete the text and return it. A folded paste is one piece."""
        ...

    def put(self, text: str, place: Place) -> None: ...

    def action_undo(self) -> None: ...

    def action_earlier(self) -> None: ...

    def action_later(self) -> None: ...


class VimKeys:
    """The keys of vim. `now` returns seconds. `changed` is called when the mode or the partial command changes."""

    def __init__(self, text: VimText, now: Callable[[], float], changed: Callable[[], None]) -> None:
        self.mode: Mode = "insert"
        self._text = text
        self._now = now
        self._changed = changed
        self._left = float("-inf")
        self._begun = ""  # the partial command: digits, an operator, digits, g or r
        self._kept, self._by_lines = "", False

    @property
    def shown(self) -> str:
        """The mode and the partial command for the status line: `NORMAL 2d`."""
        return f"{self.mode.upper()} {self._begun}".strip()

    def insert(self) -> None:
        """Enter insert mode: letters are text."""
        self.mode, self._begun = "insert", ""
        self._changed()

    def press(self, key: str, character: str | None) -> bool:
        """Press a key. Return whether vim used it; the prompt handles any other key."""
        if key == "escape":
            return self._escape()
        if self.mode == "insert":
            return False
        key = _SAME.get(key, character if character and character.isprintable() else "")
        if not key:
            self._begin("")
            return False
        if not self._begun and key in "/:?" and not any(self._text.lines):
            if key != "?":
                self.insert()
            return False  # a slash command or help
        self._type(key)
        return True

    def _escape(self) -> bool:
        if self._text.listing:
            return False
        if self.mode == "insert":
            self.mode, self._left = "normal", self._now()
            row, column = self._text.place
            self._text.go((row, max(0, column - 1)))
            self._changed()
            return True
        if self._begun:
            self._begin("")
            return True
        again, self._left = self._now() - self._left < TWICE_S, float("-inf")
        return again

    def _begin(self, begun: str) -> None:
        self._begun = begun
        self._changed()

    def _type(self, key: str) -> None:
        """Add a key to the command, and run the command once it is whole."""
        whole = self._begun + key
        found = _COMMAND.fullmatch(whole)
        count, operator, more, rest = found.groups() if found else (None, None, None, "")
        if found and (not rest or rest == "g" or (rest == "r" and not operator)):
            self._begin(whole)
            return
        self._begin("")
        times = int(count or 1) * int(more or 1)
        if not operator and rest in _MEANT:
            operator, rest = _MEANT[rest]
        if operator:
            self._operate(operator, rest, times, given=bool(count or more))
        elif rest in MOTIONS:
            self._move(rest, times, given=bool(count))
        else:
            self._edit(rest, times)
        self._hold()

    def _hold(self) -> None:
        """Keep the cursor on a character in normal mode."""
        row, column = self._text.place
        last = max(0, len(self._text.lines[row]) - 1)
        if self.mode == "normal" and column > last:
            self._text.go((row, last))

    def _move(self, key: str, times: int, *, given: bool) -> None:
        if key in "jk":  # by visible rows; from the first or last row, through the history
            for _ in range(times):
                (self._text.action_later if key == "j" else self._text.action_earlier)()
            return
        times = len(self._text.lines) if key == "G" and not given else times
        self._text.go(MOTIONS[key].go(self._text.lines, self._text.place, times))

    def _operate(self, operator: str, key: str, times: int, *, given: bool) -> None:
        lines, at = self._text.lines, self._text.place
        if key == operator:
            self._whole_lines(operator, at[0], min(len(lines), at[0] + times) - 1)
        elif key in MOTIONS and MOTIONS[key].reach == "lines":
            times = len(lines) if key == "G" and not given else times
            rows = sorted((at[0], MOTIONS[key].go(lines, at, times)[0]))
            self._whole_lines(operator, rows[0], rows[1])
        elif key in MOTIONS:
            found = to_word_end(lines, at, times) if operator + key == "cw" else span(lines, at, key, times)
            if found[0] != found[1] or key not in "hb":  # a motion that goes nowhere cancels the command
                self._between(operator, *found)

    def _between(self, operator: str, start: Place, end: Place) -> None:
        taken = self._text.read(start, end) if operator == "y" else self._text.take(start, end)
        if taken:
            self._kept, self._by_lines = taken, False
        if operator == "y":
            self._text.go(start)
        elif operator == "c":
            self.insert()

    def _whole_lines(self, operator: str, top: int, bottom: int) -> None:
        lines = self._text.lines
        start, end = (top, 0), (bottom, len(lines[bottom]))
        self._kept, self._by_lines = self._text.read(start, end), True
        if operator == "c":
            self._text.take(start, end)
            self.insert()
        elif operator == "d":
            if bottom + 1 < len(lines):
                end = (bottom + 1, 0)
            elif top:
                start = (top - 1, len(lines[top - 1]))
            self._text.take(start, end)
            self._text.go(first(self._text.lines, min(top, len(self._text.lines) - 1)))

    def _edit(self, key: str, times: int) -> None:
        row, column = self._text.place
        line = self._text.lines[row]
        match key:
            case "i" | "a" | "I" | "A":
                places = {"i": column, "a": min(len(line), column + 1), "I": first([line], 0)[1], "A": len(line)}
                self._text.go((row, places[key]))
                self.insert()
            case "o" | "O":
                self._text.put("\n", (row, len(line) if key == "o" else 0))
                self._text.go((row + (key == "o"), 0))
                self.insert()
            case "p" | "P":
                self._put(times, before=key == "P")
            case "u":
                for _ in range(times):
                    self._text.action_undo()
            case _ if key.startswith("r") and column + times <= len(line):
                self._text.take((row, column), (row, column + times))
                self._text.put(key[1:] * times, (row, column))
                self._text.go((row, column + times - 1))

    def _put(self, times: int, *, before: bool) -> None:
        row, column = self._text.place
        line = self._text.lines[row]
        if not self._kept:
            return
        if self._by_lines:
            text = "\n".join([self._kept] * times)
            self._text.put(f"{text}\n" if before else f"\n{text}", (row, 0 if before else len(line)))
            self._text.go(first(self._text.lines, row if before else row + 1))
        else:
            self._text.put(self._kept * times, (row, column if before else min(len(line), column + 1)))
            row, column = self._text.place
            self._text.go((row, max(0, column - 1)))
