"""A markdown document that grows: finished lines are frozen, and only a tail of bounded size is drawn again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.strip import Strip

from ralph.tui.widgets.markdown import is_loose, parse

if TYPE_CHECKING:
    from markdown_it.token import Token

    from ralph.tui.widgets.markdown import Markdown

# Measured: an open fence cut each 8 lines costs 13 ms a frame after 100,000 characters, each 30 lines 33 ms.
FENCE_LINES = 8
TABLE_ROWS = 12
LIST_ITEMS = 3
PARAGRAPH = 6000

_NUMBER = re.compile(r"\d{1,9}")
_FORMING = re.compile(r"(?:^|\n)[ \t]*(?:`{1,2}|~{1,2})\Z")


class StreamDoc:
    """Append with `feed`, draw with `render`, then read `frozen` and `tail`.

    Cut points: the end of a finished top-level block; some lines of an open fence; an item of an open list; some rows
    of an open table; a space in an endless paragraph. Colours of a long fence, the looseness of a list and the widths
    of a long table can differ at a cut, so the finished text is drawn once more as a whole.
    """

    def __init__(self, markdown: Markdown, width: int) -> None:
        self.width = width
        self.frozen: list[Strip] = []
        self.markdown = markdown
        self._source = ""
        self.tail: list[Strip] = []
        self._gap = False  # a blank line is due before what comes next
        self._head = 0  # lines of a repeated table head, which the tail does not show

    def feed(self, text: str) -> None:
        self._source += text

    @property
    def lines(self) -> list[Strip]:
        return [*self.frozen, *self.tail]

    def render(self) -> None:
        """Freeze what is finished and draw the tail."""
        source = self._source
        while True:
            tokens = parse(source)
            rest = self._cut(source, tokens)
            if rest is None or rest == source:
                break
            source = rest
        self._source = source
        # A fence's first one or two backticks would flash as text.
        if _FORMING.search(source):
            tokens = parse(_FORMING.sub("", source))
        tail = self.markdown.tokens(tokens, self.width)[self._head :]
        self.tail = [Strip.blank(0), *tail] if self._gap and self.frozen and tail else tail

    def _cut(self, source: str, tokens: list[Token]) -> str | None:
        """Freeze one run; what is left of the source, or None when the tail is short enough."""
        tops = [n for n, t in enumerate(tokens) if t.level == 0 and t.map]
        if len(tops) != 1:
            return self._cut_blocks(source, tokens, tops) if tops else None
        token = tokens[tops[0]]
        match token.type:
            case "fence":
                return self._cut_fence(_from_line(source, token), token)
            case "bullet_list_open" | "ordered_list_open":
                return self._cut_list(source, tokens)
            case "table_open":
                return self._cut_table(_from_line(source, token))
            case _:
                return self._cut_paragraph(source) if token.type == "paragraph_open" else None

    def _cut_blocks(self, source: str, tokens: list[Token], tops: list[int]) -> str:
        last = tops[-1]
        first = tops[1] if self._head else last
        self._freeze(self._draw(tokens[:first])[self._head :], gap=True)
        self._head = 0
        if first < last:
            self._freeze(self._draw(tokens[first:last]), gap=True)
        return _from_line(source, tokens[last])

    def _cut_fence(self, source: str, token: Token) -> str | None:
        lines = source.splitlines(keepends=True)
        if len(lines) <= 2 * FENCE_LINES or lines[-1].strip()[:3] in ("```", "~~~"):
            return None
        count = (len(lines) - 1) // FENCE_LINES * FENCE_LINES - FENCE_LINES
        done, rest = lines[1 : count + 1], lines[count + 1 :]
        language = token.info.split(" ")[0].strip()
        self._freeze(self.markdown.code("".join(done)[:-1], language, self.width), gap=False)
        return lines[0] + "".join(rest)

    def _cut_list(self, source: str, tokens: list[Token]) -> str | None:
        items = [n for n, t in enumerate(tokens) if t.type == "list_item_open" and t.level == 1]
        if len(items) <= LIST_ITEMS:
            return None
        first = next(t for t in tokens if t.level == 0)
        last = tokens[items[-2]]
        self._freeze(self._draw(tokens[: items[-2]]), gap=is_loose(tokens))
        rest = _from_line(source, last)
        if first.type == "bullet_list_open":
            return rest
        # A list may number all its items `1.`; what is left must go on from where this ends.
        return _NUMBER.sub(str(int(first.attrGet("start") or 1) + len(items) - 2), rest, count=1)

    def _cut_table(self, source: str) -> str | None:
        lines = source.splitlines(keepends=True)
        count = (len(lines) - 2) // TABLE_ROWS * TABLE_ROWS - TABLE_ROWS
        if count <= 0:
            return None
        self._freeze(self._draw(parse("".join(lines[: count + 2])))[self._head :], gap=False)
        self._head = 2
        return "".join(lines[:2] + lines[count + 2 :])

    def _cut_paragraph(self, source: str) -> str | None:
        """Cut where a drawn line ends, so that nothing wraps anew; not where markup is open."""
        if len(source) <= PARAGRAPH:
            return None
        end = len(source) - PARAGRAPH // 3
        for _ in range(8):
            end = source.rfind(" ", 0, end)
            if end <= 0:
                return None
            drawn = self._draw(parse(source[:end]))
            line = drawn[-1].text.strip()
            start = end - len(line)
            if len(drawn) > 1 and line and source[start:end] == line and not _open_markup(source[:start]):
                self._freeze(drawn[:-1], gap=False)
                return source[start:]
        return None

    def _draw(self, tokens: Sequence[Token]) -> list[Strip]:
        return self.markdown.tokens(tokens, self.width)

    def _freeze(self, strips: list[Strip], *, gap: bool) -> None:
        if self._gap and self.frozen and strips:
            self.frozen.append(Strip.blank(0))
        self.frozen += strips
        self._gap = gap


def _from_line(source: str, token: Token) -> str:
    start = token.map[0] if token.map else 0
    return "".join(source.splitlines(keepends=True)[start:])


def _open_markup(text: str) -> bool:
    return any(text.count(mark) % 2 for mark in ("**", "`", "~~")) or text.count("[") > text.count("]")
