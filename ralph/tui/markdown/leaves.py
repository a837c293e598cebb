"""The leaf blocks of a markdown text in a flat list: each leaf has the lists and quotes around it."""

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

# The definitions that CommonMark accepted: label to address and title.
References = Mapping[str, Any]
Cells = tuple[tuple[str, ...], ...]
Widths = tuple[int, ...]


@frozen
class Frame(Data):
    """An item of a list with its mark, or a quote without one. `first`: the leaf shows the mark."""

    mark: str = ""
    first: bool = False


@frozen
class Table(Data):
    """The rows of a table, the head first. `widths`: the cells that its columns need, if other rows count too."""

    cells: Cells
    aligns: tuple[str, ...]
    widths: Widths = ()
    head: bool = True


@frozen
class Leaf(Data):
    """A block that holds no other block. Its inline markup is not parsed yet.

    `gap`: a blank line goes before the leaf, inside that many of its frames; -1 is no blank line. `info` is the
    language of a fence or the level of a heading.
    """

    kind: str
    text: str = ""
    info: str = ""
    frames: tuple[Frame, ...] = ()
    gap: int = -1
    table: Table | None = None


@dataclass(eq=False, slots=True)
class Open:
    """A list, an item or a quote, and the source line on which it begins.

    `number` is the number of an item. `loose` is true for a list with blank lines between its items.
    """

    kind: str
    line: int
    number: int | None = None
    loose: bool = False


@dataclass(eq=False, slots=True)
class LeafRow:
    """A leaf and its place: `line` is its first source line.

    If a leaf was cut, `start` is the first line of the whole leaf. The first `openers` lines from `start` make the leaf
    a fence, a table or HTML.
    """

    leaf: Leaf
    line: int
    path: tuple[Open, ...]
    start: int
    openers: int = 0


@cache
def parser() -> MarkdownIt:
    """Return the parser: CommonMark with tables and strike-through. It never interprets HTML.

    The rules for inline markup run later, when a leaf is drawn: they are more than half the cost of a parse.
    """
    made = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
    add_formulas(made)
    return made.disable(["inline", "text_join"])


def read(
    text: str, known: References | None = None, lists: Sequence[tuple[int | None, bool]] = ()
) -> tuple[list[LeafRow], References]:
    """Return the leaves of a text, and its definitions: the `known` ones from before the text, and its own.

    `lists` describes the lists that began before this text: the number of the first item, and whether the list is
    loose.
    """
    env: dict[str, Any] = {"references": dict(known or {})}
    return _Walk(lists).rows(parser().parse(text, env)), env["references"]


class _Walk:
    """One walk through the tokens."""

    def __init__(self, lists: Sequence[tuple[int | None, bool]]) -> None:
        self._rows: list[LeafRow] = []
        self._path: list[Open] = []
        self._frames: list[Frame] = []
        self._lists = list(lists)

    def rows(self, tokens: Sequence[Token]) -> list[LeafRow]:
        self._blocks(tokens, 0, -1)
        return self._rows

    def _blocks(self, tokens: Sequence[Token], depth: int, gap: int) -> None:
        """Walk the blocks of one level. Items of a tight list follow each other; a blank line separates others."""
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
    """Return a cached frame: thousands of items share a few marks."""
    return Frame(mark, first)


def pieces(rows: Sequence[LeafRow], lines: int, chars: int, need: Callable[[Cells], Widths]) -> list[LeafRow]:
    """Return the rows with long code, HTML and tables cut into pieces. The joined pieces show the same as the whole."""
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
    # Lines of HTML that was cut before come after its opening line, as the lines of a fence always do.
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
    """Return one piece of a row. The first piece has the place of the whole; the others have no gap and no marks."""
    if not nth:
        return LeafRow(replace(row.leaf, **change), row.line, row.path, row.start, row.openers)
    frames = tuple(replace(f, first=False) for f in row.leaf.frames)
    return LeafRow(replace(row.leaf, frames=frames, gap=-1, **change), line, row.path, row.start, row.openers)


_LISTS = ("bullet_list_open", "ordered_list_open")


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the indexes of the first and the last token of each block of a level."""
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
    """Return whether a list is loose. markdown-it hides the paragraphs of a tight list."""
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
