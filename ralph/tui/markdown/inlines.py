"""The conversion of inline markup to styled text: emphasis, code, links, images."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content, Span

from ralph.tui.markdown.leaves import Cells, References, Widths, parser

if TYPE_CHECKING:
    from markdown_it.token import Token

_SPANS = {"strong": "md-strong", "em": "md-em", "s": "md-strike", "link": "md-link"}
# Cells of plain words and `code`: their width needs no parse. Most cells match, and parsing each would be most of the
# cost of a long table.
_SIMPLE = re.compile(r"(?:[^\\`*_~\[\]<&!\n]|`[^`\s](?:[^`\n]*[^`\s])?`(?!`))*")


def inline(text: str, references: References) -> Content:
    """Return the styled text of a paragraph, heading or cell. A link shows its address if its text does not."""
    children: list[Token] = []
    parser().inline.parse(text, parser(), {"references": references}, children)
    return _join(children)


def need(cells: Cells, references: References) -> Widths:
    """Return the widths in cells that the columns of these rows need to wrap nothing."""
    columns = len(cells[0]) if cells else 0
    return tuple(max([1, *(_width(row[c], references) for row in cells if c < len(row))]) for c in range(columns))


def _width(cell: str, references: References) -> int:
    return cell_len(cell.replace("`", "")) if _SIMPLE.fullmatch(cell) else inline(cell, references).cell_length


def _join(children: Sequence[Token]) -> Content:
    parts: list[str] = []
    spans: list[Span] = []
    open_spans: list[tuple[int, str, str]] = []
    at = 0
    for child in children:
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
