"""A long answer cut into parts that are drawn one by one, so that no frame draws 100,000 characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from ralph.core.data import Data, frozen
from ralph.tui.text import clean

if TYPE_CHECKING:
    from ralph.tui.markdown.leaves import Leaf, References

# 1,000 characters take about 1.8 ms to draw; one part should stay well under a frame.
PART_CHARS = 4000
PART_LINES = 60
# A line costs something for itself: 60 short ones fill a part as 4,000 characters of one paragraph do.
_LINE = PART_CHARS // PART_LINES
# What a part weighs: 60 lines of 35 characters.
_FULL = PART_CHARS * 3 // 2
# Answers whose leaves are kept. More than this many long ones are hardly ever drawn in one go.
_READ = 8
# Characters that take two cells: Hangul, Chinese, Japanese, full-width forms, most pictographs.
# Compiled at the first text that needs it: no start waits for that.
_WIDE = "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\U0001f300-\U0003fffd]+"


@frozen
class Part(Data):
    """One of `of` parts of a text; joined, they show what the whole shows, because it is read as a whole.

    That happens when the first of them is drawn (about 0.6 ms for 1,000 characters, once): a reopened timeline has
    thousands of answers that nobody looks at. So how many parts there are is a guess, and one may be empty.
    """

    text: str
    at: int = 0
    of: int = 1

    def leaves(self) -> tuple[Sequence[Leaf], References]:
        """What this part shows, and the definitions of the whole."""
        groups, references = _read(clean(self.text), self.of)
        return groups[self.at], references

    def source(self) -> str:
        """The text that this part shows."""
        if self.of == 1:
            return self.text
        return "\n".join(_source(leaf) for leaf in self.leaves()[0])

    def lines(self, width: int) -> int:
        """About how many lines it takes; nothing is read for that."""
        start, end = (len(self.text) * n // self.of for n in (self.at, self.at + 1))
        return about_lines(self.text[start:end], width)


def about_lines(text: str, width: int) -> int:
    """About how many lines a text takes."""
    room = max(20, width)
    if text.isascii():
        return sum(1 + len(line) // room for line in text.split("\n"))
    return sum(1 + (2 * len(line) - len(re.sub(_WIDE, "", line))) // room for line in text.split("\n"))


def split(text: str) -> tuple[Part, ...]:
    """The parts of a text."""
    if len(text) <= 2 * PART_CHARS:
        return (Part(text),)
    of = -(-_weight(text) // _FULL)
    return tuple(Part(text, n, of) for n in range(of))


@lru_cache(maxsize=_READ)
def _read(text: str, of: int) -> tuple[tuple[tuple[Leaf, ...], ...], References]:
    """The leaves of a text in so many groups of about the same weight."""
    from ralph.tui.markdown.inlines import need  # with the parser: 19 ms, for the first answer only
    from ralph.tui.markdown.leaves import pieces, read

    rows, references = read(text)
    if of == 1:
        return (tuple(row.leaf for row in rows),), references
    leaves = [row.leaf for row in pieces(rows, PART_LINES, PART_CHARS, partial(need, references=references))]
    weights = [_weight(_source(leaf)) + _LINE for leaf in leaves]
    groups: list[list[Leaf]] = [[] for _ in range(of)]
    whole, before = sum(weights), 0
    for leaf, weight in zip(leaves, weights, strict=True):
        groups[before * of // whole].append(leaf)
        before += weight
    return tuple(map(tuple, groups)), references


def _weight(text: str) -> int:
    return len(text) + _LINE * text.count("\n")


def _source(leaf: Leaf) -> str:
    if not leaf.table:
        return leaf.text
    cells = leaf.table.cells if leaf.table.head else leaf.table.cells[1:]
    return "\n".join(" | ".join(row) for row in cells)
