"""A long answer cut into parts that are drawn one by one, so that no frame draws 100,000 characters."""

from __future__ import annotations

import re
from dataclasses import replace

from ralph.core.data import Data, frozen

# 1,000 characters take about 1.8 ms to draw; one part should stay well under a frame.
PART_CHARS = 4000
PART_LINES = 60
TABLE_LINES = 200

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(?:[-*+]|(\d{1,9})([.)]))( |$)")
_RULE = re.compile(r" {0,3}\|?[ :|-]*-[ :|-]*\|?[ ]*$")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*\S.*$", re.MULTILINE)


@frozen
class Part(Data):
    """Markdown that stands for itself. `gap`: a blank line goes before it. `hide`: first drawn lines to leave out.

    `loose`: its lists belong to one whose items stand apart.
    """

    text: str
    gap: bool = False
    hide: int = 0
    loose: bool = False


def split(text: str) -> tuple[Part, ...]:
    """The parts of a text; joined, they show what the whole shows. Link definitions go with every part."""
    if len(text) <= 2 * PART_CHARS:
        return (Part(text),)
    parts = _Splitter().split(text)
    definitions = "\n".join(_DEFINITION.findall(text))
    if definitions and len(definitions) < PART_CHARS:
        return tuple(replace(p, text=f"{p.text}\n\n{definitions}") for p in parts)
    return tuple(parts)


class _Splitter:
    """One pass over the lines; knows only what can hold a cut: fences, lists, tables, blank lines."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.lines: list[str] = []
        self.size = 0
        self.gap = False
        self.hide = 0
        self.fence: re.Match[str] | None = None
        self.fence_at = 0  # where in `lines` its contents begin
        self.table: list[str] = []
        self.blank = True  # the line before was blank
        self.list_kind = ""  # the mark of the open list's items
        self.list_from = 0
        self.number = 0
        self.cut_lists: dict[int, list[int]] = {}  # first line of a list that was cut to its parts

    def split(self, text: str) -> list[Part]:
        source = text.split("\n")
        for at, line in enumerate(source):
            if self.fence:
                self._in_fence(line)
            else:
                self._outside(line, at)
        self._close(gap=False)
        return self._loosened(source)

    def _in_fence(self, line: str) -> None:
        assert self.fence  # noqa: S101 - the caller has looked
        opened, mark = self.fence[0], self.fence[1]
        bare = line.strip()
        closes = len(bare) >= len(mark) and not bare.strip(mark[0])
        # Never between the fence and its first line, nor beside a blank one: either would show a line more or less.
        inside = bare and len(self.lines) > self.fence_at and self.lines[-1].strip()
        if not closes and inside and self._full() and not opened.startswith(" "):
            self._add(mark)
            self._close(gap=False)
            self._add(opened)
            self.fence_at = 1
        self._add(line)
        if closes:
            self.fence = None

    def _outside(self, line: str, at: int) -> None:
        item = _ITEM.match(line)
        if item:
            line = self._at_item(item, at) + line[item.end() :]
        elif line.strip() and not line.startswith((" ", "\t")):
            self.list_kind = "" if self.blank else self.list_kind
            if self.blank and self._full():
                self._close(gap=True)
        self._at_table(line)
        self.fence = _FENCE.match(line)
        if self.fence and not line.startswith(" ") and self._full():
            self._close(gap=True)
        self._add(line)
        self.fence_at = len(self.lines)
        self.blank = not line.strip()

    def _at_item(self, item: re.Match[str], at: int) -> str:
        """The mark of an item at the left edge. A very long list is cut here, and then numbered on."""
        kind = item[2] or item[0][0]
        if kind == self.list_kind:
            self.number += 1
            if self._full(2):
                self.cut_lists.setdefault(self.list_from, []).append(len(self.parts))
                self._close(gap=False)
                return f"{self.number}{item[2]}{item[3]}" if item[1] else item[0]
        else:
            self.list_kind, self.list_from = kind, at
            self.number = int(item[1] or 0)
            if self.blank and self._full():
                self._close(gap=True)
        return item[0]

    def _at_table(self, line: str) -> None:
        if "|" not in line:
            self.table = []
        elif not self.table and _RULE.match(line) and self.lines and "|" in self.lines[-1]:
            self.table = [self.lines[-1], line]
        elif self.table and len(self.lines) > TABLE_LINES:
            head = self.table
            self._close(gap=False)
            self.lines, self.hide = list(head), 2

    def _add(self, line: str) -> None:
        self.lines.append(line)
        self.size += len(line) + 1

    def _full(self, times: int = 1) -> bool:
        return self.size > PART_CHARS * times or len(self.lines) > PART_LINES * times

    def _close(self, *, gap: bool) -> None:
        """End this part; `gap` is for the next one."""
        if any(line.strip() for line in self.lines):
            self.parts.append(Part("\n".join(self.lines), self.gap and bool(self.parts), self.hide))
        self.gap = gap
        self.lines, self.size, self.hide = [], 0, 0

    def _loosened(self, source: list[str]) -> list[Part]:
        """Whether the items of a list stand apart is known at its end only, and holds for all of its parts."""
        made = list(self.parts)
        for first, cuts in self.cut_lists.items():
            from ralph.tui.widgets.markdown import first_is_loose  # the parser: 19 ms, for such a list only

            if first_is_loose("\n".join(source[first:])):
                for cut in cuts:
                    made[cut] = replace(made[cut], loose=True)
                    made[cut + 1] = replace(made[cut + 1], loose=True, gap=True)
        return made
