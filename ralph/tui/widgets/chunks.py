"""A long answer cut into parts that are drawn one by one, so that no frame draws 100,000 characters."""

from __future__ import annotations

import re
from dataclasses import dataclass

# 1,000 characters take about 1.8 ms to draw; one part should stay well under a frame.
PART_CHARS = 4000
PART_LINES = 60
TABLE_LINES = 200

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(?:[-*+]|(\d{1,9})([.)]))(?: |$)")
_RULE = re.compile(r" {0,3}\|?[ :|-]*-[ :|-]*\|?[ ]*$")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*\S.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """Markdown that stands for itself. `gap`: a blank line goes before it. `hide`: drawn lines to leave out."""

    text: str
    gap: bool = False
    hide: int = 0


def split(text: str) -> tuple[Part, ...]:
    """The parts of a text; joined, they show what the whole shows. Link definitions go with every part."""
    if len(text) <= 2 * PART_CHARS:
        return (Part(text),)
    parts = _Splitter().split(text)
    definitions = "\n".join(_DEFINITION.findall(text))
    if definitions and len(definitions) < PART_CHARS:
        return tuple(Part(f"{p.text}\n\n{definitions}", p.gap, p.hide) for p in parts)
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
        self.table: list[str] = []
        self.number = 0
        self.blank = True  # the line before was blank

    def split(self, text: str) -> list[Part]:
        for line in text.split("\n"):
            if self.fence:
                self._in_fence(line)
            else:
                self._outside(line)
        self._close(gap=False)
        return self.parts

    def _in_fence(self, line: str) -> None:
        assert self.fence  # noqa: S101 - the caller has looked
        mark = self.fence[1]
        self._add(line)
        if line.strip() and not line.strip().strip(mark[0]) and len(line.strip()) >= len(mark):
            self.fence = None
        elif self._full() and not self.fence[0].startswith(" "):
            self._add(mark)
            self._close(gap=False)
            self._add(self.fence[0])

    def _outside(self, line: str) -> None:
        item = _ITEM.match(line)
        if item:
            self._at_item(item)
            if item[1]:
                line = f"{self.number}{item[2]}{line[item.end(2) :]}"
        elif line.strip() and not line.startswith((" ", "\t")):
            self.number = 0 if self.blank else self.number
            if self.blank and self._full():
                self._close(gap=True)
        self._at_table(line)
        self.fence = _FENCE.match(line)
        self._add(line)
        self.blank = not line.strip()

    def _at_item(self, item: re.Match[str]) -> None:
        """An item at the left edge: number it as the whole list would, and cut here if the part is very long."""
        first = not self.number
        if item[1]:
            self.number = int(item[1]) if first else self.number + 1
        else:
            self.number = 1
        if self.lines and (self._full(2) or (self.blank and first and self._full())):
            self._close(gap=self.blank)

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
