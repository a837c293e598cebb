"""Markdown to strips: markdown-it's tokens drawn at a width, one blank line between blocks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.segment import Segment
from textual.content import Content, Span
from textual.strip import Strip

from ralph.tui.widgets.brush import Brush, like

BULLETS = ("• ", "◦ ", "▪ ")
# Below this a list or quote is not indented any further, whatever its depth.
NARROW = 12
# A fence with more text than this at once is shown without colours: pygments takes 1 ms for 2,000 characters.
MAX_HIGHLIGHT = 40_000

_SPANS = {"strong": "md-strong", "em": "md-em", "s": "md-strike", "link": "md-link"}


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables and strike-through; no HTML is ever interpreted."""
    return MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])


def parse(text: str) -> list[Token]:
    return parser().parse(text)


class Markdown:
    """Draws markdown with one brush. The text must be clean already; it is never read as Rich markup."""

    def __init__(self, brush: Brush) -> None:
        self._brush = brush

    def strips(self, text: str, width: int, *, loose: bool = False) -> list[Strip]:
        """A whole document, without blank lines at its end. `loose`: the items of its outer lists stand apart."""
        tokens = parse(text)
        if loose:
            for token in tokens:
                if token.level == 2 and token.type.startswith("paragraph"):
                    token.hidden = False
        return self.tokens(tokens, width)

    def tokens(self, tokens: Sequence[Token], width: int) -> list[Strip]:
        """A run of whole blocks."""
        return self._blocks(tokens, max(1, width), 0)

    def code(self, source: str, language: str, width: int) -> list[Strip]:
        """Lines of code on their own background."""
        style = self._brush.rich("code")
        if self._brush.colours:
            content = _highlighted(source, language)
        else:
            content, self._brush.plain = Content(source), True
        made = []
        for strip in self._brush.content(content, width - 2, "code"):
            inner = strip.extend_cell_length(width - 2, style)
            made.append(like(strip, [Segment(" ", style), *inner, Segment(" ", style)], inner.cell_length + 2))
        return made

    def _blocks(self, tokens: Sequence[Token], width: int, depth: int) -> list[Strip]:
        """The blocks of one level. Items of a tight list follow each other; all else is a blank line apart."""
        made: list[Strip] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            end = _end(tokens, at)
            drawn = self._block(tokens[at : end + 1], width, depth)
            if drawn:
                tight = token.hidden or (token.type in _LISTS and at > 0 and tokens[at - 1].hidden)
                if made and not tight:
                    made.append(Strip.blank(0))
                made += drawn
            at = end + 1
        return made

    def _block(self, run: Sequence[Token], width: int, depth: int) -> list[Strip]:
        token, brush = run[0], self._brush
        made: list[Strip] = []
        match token.type:
            case "paragraph_open":
                made = brush.content(inline(run[1]), width)
            case "heading_open":
                level = int(token.tag[1])
                style = "md-title" if level <= 2 else "md-heading"
                strips = brush.content(inline(run[1]).stylize(style), width - level - 1)
                made = brush.prefixed(strips, ("#" * level + " ", "faint"))
            case "fence" | "code_block":
                made = self.code(token.content.rstrip("\n"), token.info.split(" ")[0].strip(), width)
            case "bullet_list_open" | "ordered_list_open":
                made = self._list(run, width, depth)
            case "blockquote_open":
                inner = self._blocks(run[1:-1], width - 2 if width > NARROW else width, depth)
                made = brush.prefixed(inner, ("▌ ", "faint"), ("▌ ", "faint"))
            case "table_open":
                made = self._table(run, width)
            case "hr":
                made = [brush.line(("─" * width, "faint"))]
            case "html_block":
                made = brush.content(Content(token.content.rstrip("\n")), width, "muted")
        return made

    def _list(self, run: Sequence[Token], width: int, depth: int) -> list[Strip]:
        made: list[Strip] = []
        number = int(run[0].attrGet("start") or 1) if run[0].type == "ordered_list_open" else None
        apart = is_loose(run)
        at = 1
        while at < len(run) - 1:
            end = _end(run, at)
            mark = BULLETS[depth % len(BULLETS)] if number is None else f"{number}. "
            number = None if number is None else number + 1
            if width <= NARROW:
                mark = mark[:2]
            inner = self._blocks(run[at + 1 : end], max(1, width - len(mark)), depth + 1) or [Strip.blank(0)]
            if made and apart:
                made.append(Strip.blank(0))
            made += self._brush.prefixed(inner, (mark, "muted"))
            at = end + 1
        return made

    def _table(self, run: Sequence[Token], width: int) -> list[Strip]:
        rows: list[list[Content]] = []
        aligns: list[str] = []
        for n, token in enumerate(run):
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(inline(token))
                if len(rows) == 1:
                    aligns.append(str(run[n - 1].attrGet("style") or "").rpartition(":")[2])
        return self._grid(rows, aligns, width)

    def _grid(self, rows: list[list[Content]], aligns: list[str], width: int) -> list[Strip]:
        brush, base = self._brush, self._brush.rich()
        columns = len(aligns)
        widths = _widths(rows, columns, width - 3 * (columns - 1))
        bar = Segment(" │ ", brush.rich("faint"))
        made: list[Strip] = []
        for n, row in enumerate(rows):
            cells = [brush.content(c, w, "md-head" if n == 0 else "") for c, w in zip(row, widths, strict=False)]
            for y in range(max(map(len, cells), default=0)):
                segments: list[Segment] = []
                for column, cell in enumerate(cells):
                    strip = cell[y] if y < len(cell) else Strip.blank(0)
                    blank = widths[column] - strip.cell_length
                    before = {"right": blank, "center": blank // 2}.get(aligns[column], 0)
                    segments += [Segment(" " * before, base), *strip, Segment(" " * (blank - before), base), bar]
                made.append(Strip(segments[:-1]))
            if n == 0:
                made.append(brush.line(("─┼─".join("─" * w for w in widths), "faint")))
        return made


_LISTS = ("bullet_list_open", "ordered_list_open")


def is_loose(run: Sequence[Token]) -> bool:
    """Whether the items of a list stand apart: markdown-it hides the paragraphs of a tight one."""
    level = run[0].level + 2
    return any(t.type == "paragraph_open" and t.level == level and not t.hidden for t in run)


def first_is_loose(text: str) -> bool:
    """The same of the list that a text begins with."""
    tokens = parse(text)
    return bool(tokens) and is_loose(tokens[: _end(tokens, 0) + 1])


def inline(token: Token) -> Content:
    """The text of a paragraph, heading or cell, with its spans; a link shows its address where its text does not."""
    parts: list[str] = []
    spans: list[Span] = []
    open_spans: list[tuple[int, str, str]] = []
    at = 0
    for child in token.children or ():
        kind, _, edge = child.type.rpartition("_")
        text = ""
        if edge == "open" and kind in _SPANS:
            open_spans.append((at, _SPANS[kind], str(child.attrGet("href") or "")))
        elif edge == "close" and kind in _SPANS and open_spans:
            start, style, address = open_spans.pop()
            spans.append(Span(start, at, style))
            label = "".join(parts)[start:]
            if address and address not in (label, f"mailto:{label}"):
                text = f" ({address})"
                spans.append(Span(at, at + len(text), "muted"))
        elif child.type == "code_inline":
            text = child.content
            spans.append(Span(at, at + len(text), "md-code"))
        elif child.type in ("softbreak", "hardbreak"):
            text = " " if child.type == "softbreak" else "\n"
        elif child.type == "image":
            text = f"[image: {child.content or 'no description'}] ({child.attrGet('src')})"
            spans.append(Span(at, at + len(text), "muted"))
        else:
            text = child.content
        parts.append(text)
        at += len(text)
    return Content("".join(parts), spans)


def _end(tokens: Sequence[Token], start: int) -> int:
    """The index of the token that closes the one at `start`."""
    if tokens[start].nesting <= 0:
        return start
    level = tokens[start].level
    for at in range(start + 1, len(tokens)):
        if tokens[at].nesting < 0 and tokens[at].level == level:
            return at
    return len(tokens) - 1


def _widths(rows: list[list[Content]], columns: int, room: int) -> list[int]:
    """Column widths that fill at most `room`: narrow columns keep what they need, wide ones share the rest."""
    need = [max([1, *(r[c].cell_length for r in rows if c < len(r))]) for c in range(columns)]
    if sum(need) <= room:
        return need
    made = list(need)
    left, open_columns = max(room, columns), sorted(range(columns), key=lambda c: need[c])
    for place, column in enumerate(open_columns):
        share = max(1, left // (columns - place))
        made[column] = min(need[column], share)
        left = max(0, left - made[column])
    return made


def _highlighted(source: str, language: str) -> Content:
    # Imported late: pygments and its lexers are 10 ms and more, and most answers have no code.
    from textual.highlight import highlight

    from ralph.tui.widgets.code import CodeColours

    if not language or len(source) > MAX_HIGHLIGHT:
        return Content(source)
    try:
        return highlight(source, language=language, theme=CodeColours)
    except Exception:  # noqa: BLE001 - border: a lexer that trips over odd code costs the colours, not the answer
        return Content(source)
