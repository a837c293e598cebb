"""The rest of a markdown source without its first lines, as a text that parses as it did within the whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field, replace

from ralph.core.data import Data, frozen
from ralph.tui.markdown.leaves import LeafRow, Open, References, Widths, read

# The text of each item and quote that continues, in place of its beginning. It is an empty heading: the next line
# begins a block of its own, and the list stays as tight as it was.
_FILLER = "#"
_QUOTE = re.compile(r" {0,3}> ?")
_ITEM = re.compile(r"( *(?:[-+*]|\d{1,9}[.)]))( +|$)(.*)")


@frozen
class Rest(Data):
    """A source, and the facts about it that the cut removed.

    `fill` is the number of leaves that only stand for removed text. `lists` are the numbers and the looseness of its
    first lists. `inside` is true if its first leaf was cut and its opening line was repeated. `widths` are those of the
    columns of its table.
    """

    source: str = ""
    fill: int = 0
    lists: tuple[tuple[int | None, bool], ...] = ()
    gap: int = -1
    inside: bool = False
    widths: Widths = ()
    known: References = field(default_factory=dict)

    def rows(self, source: str) -> tuple[list[LeafRow], References]:
        """Return the leaves of the source, which may have grown, and all definitions."""
        rows, references = read(source, self.known, self.lists)
        rows = rows[self.fill :]
        if rows:
            rows[0].leaf = replace(rows[0].leaf, gap=self.gap)
        if rows and self.inside:
            self._go_on(rows[0])
        return rows, references

    def _go_on(self, row: LeafRow) -> None:
        """Remove the repeated opening of a leaf that was cut."""
        leaf = row.leaf
        if leaf.table:
            row.leaf = replace(leaf, table=replace(leaf.table, head=False, widths=self.widths))
        elif leaf.kind == "html":
            row.leaf = replace(leaf, text=leaf.text.partition("\n")[2])
            row.line += 1


def rest(lines: Sequence[str], row: LeafRow, references: References) -> Rest | None:
    """Return the rest from this row on, or None if its lists and quotes cannot be opened again."""
    path = [o for o in row.path if o.kind != "list" and o.line < row.line]
    leads = _leads(lines, path)
    if leads is None:
        return None
    inside = row.line > row.start
    skeleton = _skeleton(leads)
    before = "".join(map(_behind, leads))
    if inside:
        for at in range(row.start, row.start + row.openers):
            opener = _inner(lines[at], path, leads, at)
            if opener is None:
                return None
            skeleton.append(before + opener)
    return Rest(
        source="\n".join([*skeleton, *lines[row.line :]]),
        fill=len(path),
        lists=_lists(row),
        gap=row.leaf.gap,
        inside=inside,
        widths=row.leaf.table.widths if row.leaf.table else (),
        known=_keep_settled(references, row.line),
    )


def rest_of_text(lines: Sequence[str], row: LeafRow, at: int, references: References) -> Rest | None:
    """Return the rest of the last paragraph from its character `at` on, or None."""
    path = [o for o in row.path if o.kind != "list"]
    leads = _leads(lines, path)
    if leads is None:
        return None
    nth = row.leaf.text.count("\n", 0, at)
    left = row.leaf.text[at:].partition("\n")[0].rstrip()
    # Keep the source text: the last line may end in blanks that the next piece needs.
    first = lines[row.line + nth]
    first = "".join(map(_behind, leads)) + first[len(first.rstrip()) - len(left) :]
    source = "\n".join([*_skeleton(leads), first, *lines[row.line + nth + 1 :]])
    return Rest(source, len(path), _lists(row, whole=True), known=_keep_settled(references, row.line))


def _leads(lines: Sequence[str], path: Sequence[Open]) -> list[str] | None:
    """Return the opening of each item and quote of a path, with the blanks before its content, or None."""
    made: list[str] = []
    for opened in path:
        inner = _inner(lines[opened.line], path[: len(made)], made, opened.line)
        lead = None if inner is None else _lead(inner, opened)
        if lead is None:
            return None
        made.append(lead)
    return made


def _inner(line: str, path: Sequence[Open], leads: Sequence[str], at: int) -> str | None:
    """Return a line without the prefixes of the items and quotes around it, or None if a prefix is missing."""
    for opened, lead in zip(path, leads, strict=True):
        if opened.kind == "quote":
            mark = _QUOTE.match(line)
            if mark is None:
                return None
            line = line[mark.end() :]
        elif opened.line == at:
            line = line[len(lead) :]
        elif line[: len(lead)].strip():
            return None
        else:
            line = line[len(lead) :]
    return line


def _lead(text: str, opened: Open) -> str | None:
    if opened.kind == "quote":
        return "> " if _QUOTE.match(text) else None
    found = _ITEM.match(text)
    if found is None:
        return None
    # CommonMark counts more than four blanks as one blank and indented code.
    blanks = len(found[2]) if found[3] and len(found[2]) <= 4 else 1
    return found[1] + " " * blanks


def _behind(lead: str) -> str:
    """Return the prefix of the later lines of an item or quote."""
    return lead if lead.startswith(">") else " " * len(lead)


def _skeleton(leads: Sequence[str]) -> list[str]:
    return ["".join(map(_behind, leads[:n])) + lead + _FILLER for n, lead in enumerate(leads)]


def _lists(row: LeafRow, *, whole: bool = False) -> tuple[tuple[int | None, bool], ...]:
    """Return, for each list that began before a row, the number of its first item in the rest, and its looseness."""
    return tuple(
        (row.path[n + 1].number, opened.loose)
        for n, opened in enumerate(row.path)
        if opened.kind == "list" and (whole or opened.line < row.line)
    )


def _keep_settled(references: References, line: int) -> References:
    """Return the definitions above a line. Later definitions may still be incomplete."""
    return {label: {**at, "map": (-1, 0)} for label, at in references.items() if at["map"][1] <= line}
