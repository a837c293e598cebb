"""The blocks of a markdown text in one row: each with the lists and quotes that it stands in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ralph.core.data import Data, frozen
from ralph.tui.markdown.formulas import add_formulas

BULLETS = ("• ", "◦ ", "▪ ")

# What CommonMark accepted as a definition: by label, where it leads.
References = Mapping[str, Any]
Cells = tuple[tuple[str, ...], ...]
Widths = tuple[int, ...]


@frozen
class Frame(Data):
    """An item of a list, with its mark, or a quote, which has none. `first`: what stands in it shows the mark."""

    mark: str = ""
    first: bool = False


@frozen
class Table(Data):
    """Rows of a table, the first of them its head. `widths`: what its columns need, where other rows count too."""

    cells: Cells
    aligns: tuple[str, ...]
    widths: Widths = ()
    head: bool = True


@frozen
class Leaf(Data):
    """A block that holds no other. Its inline markup is still unread.

    `gap`: a blank line goes before it, inside so many of its frames; -1 is none. `info` is a fence's language, the
    level of a heading.
    """

    kind: str
    text: str = ""
    info: str = ""
    frames: tuple[Frame, ...] = ()
    gap: int = -1
    table: Table | None = None


@dataclass(eq=False, slots=True)
class Open:
    """A list, an item or a quote, and the source line it begins in; an item with its number, a list with its air."""

    kind: str
    line: int
    number: int | None = None
    loose: bool = False


@dataclass(eq=False, slots=True)
class LeafRow:
    """A leaf where it stands: `line` is its first of the source.

    Where a leaf was cut, `start` is the first line of the whole one, and the first `openers` lines from there on are
    what makes it a fence, a table, HTML.
    """

    leaf: Leaf
    line: int
    path: tuple[Open, ...]
    start: int
    openers: int = 0


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables and strike-through; no HTML is ever interpreted.

    Its rules for inline markup are run leaf by leaf, when one is drawn: they are half the cost of a parse and more.
    """
    made = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
    add_formulas(made)
    return made.disable(["inline", "text_join"])


def read(
    text: str, known: References | None = None, lists: Sequence[tuple[int | None, bool]] = ()
) -> tuple[list[LeafRow], References]:
    """The leaves of a text, and the definitions that hold in it: those `known` before it, and its own.

    `lists`: the number of the first item, and whether the items stand apart, of lists that began before this text.
    """
    env: dict[str, Any] = {"references": dict(known or {})}
    return _Walk(lists).rows(parser().parse(text, env)), env["references"]


class _Walk:
    """One way through the tokens."""

    def __init__(self, lists: Sequence[tuple[int | None, bool]]) -> None:
        self._rows: list[LeafRow] = []
        self._path: list[Open] = []
        self._frames: list[Frame] = []
        self._lists = list(lists)

    def rows(self, tokens: Sequence[Token]) -> list[LeafRow]:
        self._blocks(tokens, 0, -1)
        return self._rows

    def _blocks(self, tokens: Sequence[Token], depth: int, gap: int) -> None:
        """The blocks of one level. Items of a tight list follow each other; all else is a blank line apart."""
        before = len(self._rows)
        for at, end in _runs(tokens):
            token = tokens[at]
            if len(self._rows) > before:
                tight = token.hidden or (token.type in _LISTS and tokens[at - 1].hidden)
                gap = -1 if tight else len(self._frames)
            self._block(tokens[at : end + 1], depth, gap)

    def _block(self, run: Sequence[Token], depth: int, gap: int) -> None:
        token, line = run[0], _line(run[0])
        match token.type:
            case "paragraph_open":
                self._leaf(line, gap, "paragraph", run[1].content)
            case "heading_open":
                self._leaf(line, gap, "heading", run[1].content, token.tag[1])
            case "fence" | "code_block":
                language = (token.info.split() or [""])[0]
                self._leaf(line, gap, "code", token.content.rstrip("\n"), language, openers=int(token.type == "fence"))
            case "bullet_list_open" | "ordered_list_open":
                self._list(run, depth, gap)
            case "blockquote_open":
                self._inside(Open("quote", line), _frame(""), run[1:-1], depth, gap)
            case "table_open":
                self._leaf(line, gap, "table", table=_table(run), openers=2)
            case "hr":
                self._leaf(line, gap, "rule")
            case "html_block":
                self._leaf(line, gap, "html", token.content.rstrip("\n"), openers=1)

    def _list(self, run: Sequence[Token], depth: int, gap: int) -> None:
        start = run[0].attrGet("start")
        number = None if run[0].type == "bullet_list_open" else 1 if start is None else int(start)
        loose = _is_loose(run)
        if self._lists:
            number, apart = self._lists.pop(0)
            if apart and not loose:
                loose = True
                for token in run:
                    token.hidden = token.hidden and token.level != run[0].level + 2
        self._path.append(Open("list", _line(run[0]), loose=loose))
        for nth, (at, end) in enumerate(_runs(run[1:-1])):
            if nth:
                gap = len(self._frames) if loose else -1
            mark = BULLETS[depth % len(BULLETS)] if number is None else f"{number}. "
            item = Open("item", _line(run[at + 1]), number)
            self._inside(item, _frame(mark, first=True), run[at + 2 : end + 1], depth + 1, gap)
            number = None if number is None else number + 1
        self._path.pop()

    def _inside(self, opened: Open, frame: Frame, tokens: Sequence[Token], depth: int, gap: int) -> None:
        before = len(self._rows)
        self._path.append(opened)
        self._frames.append(frame)
        self._blocks(tokens, depth, gap)
        if len(self._rows) == before and frame.mark:
            self._leaf(opened.line, gap, "empty")
        self._frames.pop()
        self._path.pop()

    def _leaf(
        self,
        line: int,
        gap: int,
        kind: str,
        text: str = "",
        info: str = "",
        table: Table | None = None,
        openers: int = 0,
    ) -> None:
        frames = tuple(self._frames)
        self._rows.append(LeafRow(Leaf(kind, text, info, frames, gap, table), line, tuple(self._path), line, openers))
        if any(frame.first for frame in frames):
            self._frames[:] = [_frame(frame.mark) for frame in frames]


@lru_cache(maxsize=256)
def _frame(mark: str, *, first: bool = False) -> Frame:
    """Thousands of items have the same few marks."""
    return Frame(mark, first)


def pieces(rows: Sequence[LeafRow], lines: int, chars: int, need: Callable[[Cells], Widths]) -> list[LeafRow]:
    """The same, code, HTML and tables cut where they have more lines or characters; joined they show the same."""
    made: list[LeafRow] = []
    for row in rows:
        if row.leaf.table:
            made += _cut_table(row, row.leaf.table, lines, need)
        elif row.leaf.kind in ("code", "html"):
            made += _cut_lines(row, lines, chars)
        else:
            made.append(row)
    return made


def _cut_lines(row: LeafRow, lines: int, chars: int) -> Iterator[LeafRow]:
    text = row.leaf.text
    if text.count("\n") < lines and len(text) <= chars:
        yield row
        return
    # The lines of HTML that was cut before are behind the one that opens it, as those of a fence always are.
    shift = row.line - row.start + (row.openers if row.leaf.kind == "code" else 0)
    group: list[str] = []
    size = at = 0
    whole = text.split("\n")
    for n, line in enumerate(whole):
        group.append(line)
        size += len(line) + 1
        if len(group) == lines or size > chars or n == len(whole) - 1:
            yield _piece(row, at, row.start + shift + at, text="\n".join(group))
            at, group, size = n + 1, [], 0


def _cut_table(row: LeafRow, table: Table, lines: int, need: Callable[[Cells], Widths]) -> Iterator[LeafRow]:
    head, body = table.cells[:1], table.cells[1:]
    if len(body) <= lines and not table.widths:
        yield row
        return
    groups = [head + body[at : at + lines] for at in range(0, max(1, len(body)), lines)]
    widths = tuple(map(max, zip(*(need(cells) for cells in groups), table.widths or need(head), strict=True)))
    for n, cells in enumerate(groups):
        made = replace(table, cells=cells, widths=widths, head=table.head and not n)
        yield _piece(row, n, row.start + 2 + n * lines, table=made)


def _piece(row: LeafRow, nth: int, line: int, **change: Any) -> LeafRow:
    """The first piece stands where the whole stood; the others have no gap and no marks."""
    if not nth:
        return LeafRow(replace(row.leaf, **change), row.line, row.path, row.start, row.openers)
    frames = tuple(replace(f, first=False) for f in row.leaf.frames)
    return LeafRow(replace(row.leaf, frames=frames, gap=-1, **change), line, row.path, row.start, row.openers)


_LISTS = ("bullet_list_open", "ordered_list_open")


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The first and last token of each block of a level."""
    at = 0
    while at < len(tokens):
        end = at
        if tokens[at].nesting > 0:
            level = tokens[at].level
            end = next(
                (n for n in range(at + 1, len(tokens)) if tokens[n].nesting < 0 and tokens[n].level == level),
                len(tokens) - 1,
            )
        yield at, end
        at = end + 1


def _is_loose(run: Sequence[Token]) -> bool:
    """Whether the items of a list stand apart: markdown-it hides the paragraphs of a tight one."""
    level = run[0].level + 2
    return any(t.type == "paragraph_open" and t.level == level and not t.hidden for t in run)


def _table(run: Sequence[Token]) -> Table:
    rows: list[list[str]] = []
    aligns: list[str] = []
    for n, token in enumerate(run):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
            if len(rows) == 1:
                aligns.append(str(run[n - 1].attrGet("style") or "").rpartition(":")[2])
    return Table(tuple(map(tuple, rows)), tuple(aligns))
