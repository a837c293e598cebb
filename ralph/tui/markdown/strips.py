"""The drawing of markdown: its leaves as strips of a given width, with one blank line between blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from ralph.tui.brush import Brush, Span, like
from ralph.tui.markdown.inlines import inline, need
from ralph.tui.markdown.leaves import Frame, Leaf, References, Table, Widths, read

# At this width in cells or less, lists and quotes are not indented further, whatever their depth.
NARROW = 12
# The most characters of a fence that are coloured: pygments takes 1 ms for 2,000 characters.
MAX_HIGHLIGHT = 40_000
_BAR = ("▌ ", "faint")


class Markdown:
    """A renderer of markdown with one brush. The text must be clean already. It is never parsed as Rich markup."""

    def __init__(self, brush: Brush) -> None:
        self.brush = brush

    def strips(self, text: str, width: int) -> list[Strip]:
        """Draw a whole document, without blank lines at its end."""
        rows, references = read(text)
        return self.leaves((row.leaf for row in rows), width, references)

    def leaves(self, leaves: Iterable[Leaf], width: int, references: References) -> list[Strip]:
        return [strip for leaf in leaves for strip in self.leaf(leaf, width, references)]

    def leaf(self, leaf: Leaf, width: int, references: References, lead: str = "") -> list[Strip]:
        """Draw one leaf after the marks of its lists and quotes, below its blank line."""
        brush = self.brush
        edges, room = _edges(leaf.frames, width)
        made = self._bare(leaf, room, references)
        for first, rest in reversed(edges):
            made = brush.prefix(made, first, rest)
        if leaf.gap >= 0:
            blank = [Strip.blank(0)]
            for _, rest in reversed(edges[: leaf.gap]):
                blank = brush.prefix(blank, rest, rest)
            made = blank + made
        return brush.prefix(made, (lead, "")) if lead else made

    def room(self, leaf: Leaf, width: int) -> int:
        """Return the width in cells that the lines of a leaf have."""
        return _edges(leaf.frames, width)[1]

    def code(self, source: str, language: str, width: int) -> list[Strip]:
        """Draw lines of code on the background of code."""
        style = self.brush.rich("code")
        body = source.rstrip("\n")  # pygments drops an empty last line
        if self.brush.colours:
            content = _highlight(body, language)
        else:
            content, self.brush.plain = Content(body), True
        made = []
        blank = [Strip.blank(0)] * (len(source) - len(body))
        for strip in [*self.brush.content(content, width - 2, "code"), *blank]:
            inner = strip.extend_cell_length(width - 2, style)
            made.append(like(strip, [Segment(" ", style), *inner, Segment(" ", style)], inner.cell_length + 2))
        return made

    def _bare(self, leaf: Leaf, width: int, references: References) -> list[Strip]:
        """Draw the lines of a leaf without its marks."""
        brush = self.brush
        match leaf.kind:
            case "paragraph":
                return brush.content(inline(leaf.text, references), width)
            case "heading":
                level = int(leaf.info)
                style = "md-title" if level <= 2 else "md-heading"
                strips = brush.content(inline(leaf.text, references).stylize(style), width - level - 1)
                return brush.prefix(strips, ("#" * level + " ", "faint"))
            case "code":
                return self.code(leaf.text, leaf.info, width)
            case "html":
                return brush.content(Content(leaf.text), width, "muted")
            case "rule":
                return [brush.line(("─" * width, "faint"))]
        return self._table(leaf.table, width, references) if leaf.table else [Strip.blank(0)]

    def _table(self, table: Table, width: int, references: References) -> list[Strip]:
        rows = [[inline(cell, references) for cell in row] for row in table.cells]
        widths = _widths(table.widths or need(table.cells, references), width - 3 * (len(table.aligns) - 1))
        made: list[Strip] = []
        if table.head:
            made += self._cells(rows[0], widths, table.aligns, "md-head")
            made.append(self.brush.line(("─┼─".join("─" * w for w in widths), "faint")))
        for row in rows[1:]:
            made += self._cells(row, widths, table.aligns)
        return made

    def _cells(self, row: Sequence[Content], widths: Widths, aligns: Sequence[str], style: str = "") -> list[Strip]:
        """Draw one row of a table, with as many lines as its highest cell."""
        brush, base = self.brush, self.brush.rich()
        bar = Segment(" │ ", brush.rich("faint"))
        cells = [brush.content(c, w, style) for c, w in zip(row, widths, strict=False)]
        made: list[Strip] = []
        for y in range(max(map(len, cells), default=0)):
            segments: list[Segment] = []
            for column, cell in enumerate(cells):
                strip = cell[y] if y < len(cell) else Strip.blank(0)
                blank = widths[column] - strip.cell_length
                before = {"right": blank, "center": blank // 2}.get(aligns[column], 0)
                segments += [Segment(" " * before, base), *strip, Segment(" " * (blank - before), base), bar]
            made.append(Strip(segments[:-1]))
        return made


def _edges(frames: Sequence[Frame], width: int) -> tuple[list[tuple[Span, Span]], int]:
    """Return the prefixes of each frame for the first and the other lines of a leaf, and the remaining width."""
    made: list[tuple[Span, Span]] = []
    room = max(1, width)
    for frame in frames:
        if frame.mark:
            mark = frame.mark[:2] if room <= NARROW else frame.mark
            rest = (" " * len(mark), "")
            made.append(((mark, "muted") if frame.first else rest, rest))
            room = max(1, room - len(mark))
        else:
            made.append((_BAR, _BAR))
            room -= 2 if room > NARROW else 0
    return made, room


def _widths(need: Widths, room: int) -> Widths:
    """Return column widths that fill at most `room`: narrow columns keep their width, wide columns share the rest."""
    if sum(need) <= room:
        return need
    made = list(need)
    left, open_columns = max(room, len(need)), sorted(range(len(need)), key=lambda c: need[c])
    for place, column in enumerate(open_columns):
        share = max(1, left // (len(need) - place))
        made[column] = min(need[column], share)
        left = max(0, left - made[column])
    return tuple(made)


def _highlight(source: str, language: str) -> Content:
    # pygments and its lexers take 10 ms and more to import, and most answers have no code.
    from textual.highlight import highlight

    from ralph.tui.markdown.code import CodeColours

    if not language or len(source) > MAX_HIGHLIGHT:
        return Content(source)
    try:
        return highlight(source, language=language, theme=CodeColours)
    except Exception:  # noqa: BLE001 - border: a lexer that fails on odd code costs the colours, not the answer
        return Content(source)
