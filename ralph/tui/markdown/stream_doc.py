"""A growing markdown document: finished lines are frozen, and only a tail of limited size is parsed again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, chain, takewhile
from typing import TYPE_CHECKING

from ralph.tui.markdown.formulas import open_at, open_in
from ralph.tui.markdown.inlines import inline, need
from ralph.tui.markdown.leaves import Cells, Leaf, LeafRow, References, Widths, pieces
from ralph.tui.markdown.rest import Rest, rest, rest_of_text

if TYPE_CHECKING:
    from textual.strip import Strip

    from ralph.tui.markdown.strips import Markdown

# The source is cut when its tail has more characters or lines than `TAIL`, down to `KEEP` of each. A parse of 24 items
# takes 0.8 ms a frame. The drawn lines of each leaf are kept.
TAIL, KEEP = (1500, 24), (500, 8)
# The lines of code or HTML, or rows of a table, in one leaf. Each frame colours the last leaf of a fence.
PIECE = 8
PIECE_CHARS = 1000
# A paragraph of more characters is cut at the end of a drawn line: 1,000 characters take about 1.8 ms to draw.
PARAGRAPH = 1200
# The number of places to try for one cut. If none fits, the tail must grow by this factor before the next try.
TRIES, PATIENCE = 6, 1.5

_FORMING = re.compile(r"(?:^|\n)[ \t>]*(?:`{1,2}|~{1,2})\Z")
_MARKS = ("*", "`", "~~")


class StreamDoc:
    """A growing document. Append with `feed`, draw with `render`, then read `frozen` and `tail`.

    Nothing is frozen while the whole text is a tail. After that, these parts can differ from the final text, which is
    parsed as a whole: the colours of a long fence, the blank lines of a list, the widths of a long table, the address
    of a reference that is defined later, and an endless paragraph that a later line under it makes a heading.
    """

    def __init__(self, markdown: Markdown, width: int, lead: str = "") -> None:
        self.width = width
        self.markdown = markdown
        self.frozen: list[Strip] = []
        self.tail: list[Strip] = []
        self.same = 0  # the number of first lines that the last `render` did not change
        self._lead = lead
        self._source = ""
        self._rest = Rest()
        self._patience = 0.0
        self._references: References = {}
        self._drawn: dict[Leaf, list[Strip]] = {}
        self._needed: dict[Cells, Widths] = {}

    def feed(self, text: str) -> None:
        self._source += text

    @property
    def lines(self) -> list[Strip]:
        return [*self.frozen, *self.tail]

    def render(self) -> None:
        """Freeze the finished lines, and draw the tail."""
        # The first one or two backticks of a fence would flash as text.
        source = _FORMING.sub("", self._source)
        before, shown = len(self.frozen), self.tail
        held = self._source[len(source) :]
        rows = self._read(source)
        while (_over(source, TAIL) or _endless(rows)) and len(source) > self._patience:
            lines = source.split("\n")
            cut = self._cut_paragraph(lines, rows) if _endless(rows) else self._cut(lines, rows)
            self._patience = 0.0 if cut else PATIENCE * len(source)
            if cut is None:
                break
            self._rest, rows = cut
            source = self._rest.source
            self._source = source + held
        self.tail = self._draw(rows)
        self._drawn = {row.leaf: self._drawn[row.leaf] for row in rows}
        now = chain(self.frozen[before:], self.tail)
        self.same = before + sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], zip(shown, now, strict=False)))

    def _read(self, source: str) -> list[LeafRow]:
        rows, references = self._rest.rows(source)
        if _drop_places(references) != _drop_places(self._references):
            self._drawn = {leaf: strips for leaf, strips in self._drawn.items() if not (leaf.table or "[" in leaf.text)}
            self._needed.clear()
        self._references = references
        return self._pieces(rows)

    def _pieces(self, rows: Sequence[LeafRow]) -> list[LeafRow]:
        return pieces(rows, PIECE, PIECE_CHARS, self._need)

    def _need(self, cells: Cells) -> Widths:
        found = self._needed.get(cells)
        if found is None:
            found = self._needed[cells] = need(cells, self._references)
        return found

    def _cut(self, lines: Sequence[str], rows: list[LeafRow]) -> tuple[Rest, list[LeafRow]] | None:
        """Freeze the first rows if the rest still parses as before. Return the rest and its rows, or None."""
        for at in _places(lines, rows):
            left = rest(lines, rows[at], self._references)
            after = self._pieces(left.rows(left.source)[0]) if left else []
            if left and [row.leaf for row in after] == [row.leaf for row in rows[at:]]:
                self.frozen += self._draw(rows[:at])
                return left, after
        return None

    def _cut_paragraph(self, lines: Sequence[str], rows: list[LeafRow]) -> tuple[Rest, list[LeafRow]] | None:
        """Cut the last paragraph at the end of a drawn line, so that no text wraps again. Return as `_cut` does."""
        last = rows[-1]
        start = self._line_start(last.leaf)
        left = rest_of_text(lines, last, start, self._references) if start else None
        after = left.rows(left.source)[0] if left else []
        if left is None or [row.leaf.text for row in after] != [last.leaf.text[start:]]:
            return None
        head = self._leaf(replace(last.leaf, text=last.leaf.text[:start].rstrip()))
        self.frozen += self._draw(rows[:-1]) + head
        return left, after

    def _line_start(self, leaf: Leaf) -> int:
        """Return the start of a drawn line near the end of a long paragraph, or 0 if there is no good place."""
        text, room = leaf.text, self.markdown.room(leaf, self.width - len(self._lead))
        end = len(text) - PARAGRAPH // 3
        for _ in range(TRIES):
            space = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
            end = space if space > end - PARAGRAPH // 10 else end - 1  # some languages have no spaces
            drawn = self.markdown.leaf(Leaf(leaf.kind, text[:end]), room, self._references)
            start = self._find_line(text, end, drawn[-1].text.rstrip())
            if len(drawn) > 1 and start and self._splits(text, start):
                return start
        return 0

    def _find_line(self, text: str, end: int, line: str) -> int:
        """Return the start of the text up to `end` that shows `line`, or 0. Markup makes a text longer."""
        start = end - len(line)
        least = max(0, end - 4 * len(line))
        while start > least:
            if text[start:end] == line or inline(text[start:end], self._references).plain == line:
                return start
            start = max(text.rfind(" ", 0, start - 1), text.rfind("\n", 0, start - 1)) + 1
        return 0

    def _splits(self, text: str, at: int) -> bool:
        """Return whether both sides have the markup of the whole, and no markup is open between them."""
        left, right, whole = (inline(part, self._references) for part in (text[:at], text[at:], text))
        open_mark = any(text.count(mark, 0, at) % 2 for mark in _MARKS) or text.count("[", 0, at) > text.count(
            "]", 0, at
        )
        open_mark = open_mark or open_in(text, at)
        return not open_mark and whole.plain.endswith(right.plain) and whole.plain.startswith(left.plain.rstrip())

    def _draw(self, rows: Sequence[LeafRow]) -> list[Strip]:
        made: list[Strip] = []
        for row in rows:
            strips = self._drawn.get(row.leaf)
            if strips is None:
                strips = self._drawn[row.leaf] = self._leaf(row.leaf)
            made += strips
        return made

    def _leaf(self, leaf: Leaf) -> list[Strip]:
        return self.markdown.leaf(leaf, self.width - len(self._lead), self._references, self._lead)


def _places(lines: Sequence[str], rows: Sequence[LeafRow]) -> list[int]:
    """Return the indexes of rows at which the rest may begin: the one that leaves `KEEP`, then those before it.

    The last leaf may become a part of the leaf before it, so both stay in the rest, except pieces of one leaf.
    """
    if len(rows) < 2:
        return []
    most = len(rows) - (1 if rows[-1].line > rows[-1].start else 2)
    left = list(accumulate((len(line) + 1 for line in reversed(lines)), initial=0))
    best = most
    for at in range(most, 0, -1):
        count = len(lines) - rows[at].line
        if count > KEEP[1] or left[count] > KEEP[0]:
            break
        best = at
    return [
        at
        for at in range(best, max(0, best - TRIES), -1)
        if rows[at].line > rows[at - 1].line and not open_at(lines, rows[at].line)
    ]


def _endless(rows: Sequence[LeafRow]) -> bool:
    return bool(rows) and rows[-1].leaf.kind == "paragraph" and len(rows[-1].leaf.text) > PARAGRAPH


def _over(source: str, most: tuple[int, int]) -> bool:
    return len(source) > most[0] or source.count("\n") > most[1]


def _drop_places(references: References) -> dict[str, tuple[str, str]]:
    """Return the targets of references without their positions."""
    return {label: (at["href"], at["title"]) for label, at in references.items()}
