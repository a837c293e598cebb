"""The parts of a long answer. They are drawn one by one, so no frame draws 100,000 characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from ralph.core.data import Data, frozen
from ralph.tui.text import clean

if TYPE_CHECKING:
    from ralph.tui.markdown.leaves import Leaf, References

# 1,000 characters take about 1.8 ms to draw. One part should take much less than a frame.
PART_CHARS = 4000
PART_LINES = 60
# The weight of a newline in characters: 60 short lines fill a part as 4,000 characters of one paragraph do.
_LINE = PART_CHARS // PART_LINES
# The weight of a full part: 60 lines of 35 characters.
_FULL = PART_CHARS * 3 // 2
# The number of answers whose leaves are kept. One draw hardly ever needs more long answers.
_READ = 8
# Characters that take two cells: Hangul, Chinese, Japanese, full-width forms, most pictographs. The pattern is compiled
# for the first text that needs it, so no start waits for it.
_WIDE = "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\U0001f300-\U0003fffd]+"


@frozen
class Part(Data):
    """One of `of` parts of a text. Joined, the parts show the same as the whole, because the whole is parsed at once.

    The parse happens when the first part is drawn, once, at about 0.6 ms for 1,000 characters: a reopened timeline has
    thousands of answers that nobody looks at. So the number of parts is an estimate, and a part may be empty.
    """

    text: str
    at: int = 0
    of: int = 1

    def leaves(self) -> tuple[Sequence[Leaf], References]:
        """Return the leaves of this part, and the definitions of the whole text."""
        groups, references = _read(clean(self.text), self.of)
        return groups[self.at], references

    def source(self) -> str:
        """Return the source text of this part."""
        if self.of == 1:
            return self.text
        return "\n".join(_source(leaf) for leaf in self.leaves()[0])

    def lines(self, width: int) -> int:
        """Return the estimated number of lines at `width` cells, without a parse."""
        start, end = (len(self.text) * n // self.of for n in (self.at, self.at + 1))
        return about_lines(self.text[start:end], width)


def about_lines(text: str, width: int) -> int:
    """Return the estimated number of lines of a text at `width` cells."""
    room = max(20, width)
    if text.isascii():
        return sum(1 + len(line) // room for line in text.split("\n"))
    return sum(1 + (2 * len(line) - len(re.sub(_WIDE, "", line))) // room for line in text.split("\n"))


def split(text: str) -> tuple[Part, ...]:
    """Return the parts of a text."""
    if len(text) <= 2 * PART_CHARS:
        return (Part(text),)
    of = -(-_weight(text) // _FULL)
    return tuple(Part(text, n, of) for n in range(of))


@lru_cache(maxsize=_READ)
def _read(text: str, of: int) -> tuple[tuple[tuple[Leaf, ...], ...], References]:
    """Return the leaves of a text in `of` groups of about the same weight."""
    from ralph.tui.markdown.inlines import need  # a late import with the parser: 19 ms
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
