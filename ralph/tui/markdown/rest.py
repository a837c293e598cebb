"""What is left of a markdown source when its first lines are taken away: text that still reads as it did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field, replace

from ralph.core.data import Data, frozen
from ralph.tui.markdown.leaves import LeafRow, Open, References, Widths, read

# Stands in each item and quote that is taken up again, where its beginning was. An empty heading: whatever follows
# begins a block of its own, and the list stays as tight as it was.
_FILLER = "#"
_QUOTE = re.compile(r" {0,3}> ?")
_ITEM = re.compile(r"( *(?:[-+*]|\d{1,9}[.)]))( +|$)(.*)")


@frozen
class Rest(Data):
    """A source, and what it cannot tell of itself.

    `fill`: leaves that are only there to stand for what is gone. `lists`: the numbers and the air of its first lists.
    `inside`: its first leaf is one that was cut, whose opening line is there again. `widths`: of its table's columns.
    """

    source: str = ""
    fill: int = 0
    lists: tuple[tuple[int | None, bool], ...] = ()
    gap: int = -1
    inside: bool = False
    widths: Widths = ()
    known: References = field(default_factory=dict)

    def rows(self, source: str) -> tuple[list[LeafRow], References]:
        """The leaves of the source, which may have grown, and the definitions that hold."""
        rows, references = read(source, self.known, self.lists)
        rows = rows[self.fill :]
        if rows:
            rows[0].leaf = replace(rows[0].leaf, gap=self.gap)
        if rows and self.inside:
            self._go_on(rows[0])
        return rows, references

    def _go_on(self, row: LeafRow) -> None:
        """A leaf that was cut shows what opens it no more."""
        leaf = row.leaf
        if leaf.table:
            row.leaf = replace(leaf, table=replace(leaf.table, head=False, widths=self.widths))
        elif leaf.kind == "html":
            row.leaf = replace(leaf, text=leaf.text.partition("\n")[2])
            row.line += 1


def rest(lines: Sequence[str], row: LeafRow, references: References) -> Rest | None:
    """What is left from this row on; None if its lists and quotes cannot be taken up again."""
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
    """What is left of the last paragraph from a character of it on."""
    path = [o for o in row.path if o.kind != "list"]
    leads = _leads(lines, path)
    if leads is None:
        return None
    nth = row.leaf.text.count("\n", 0, at)
    left = row.leaf.text[at:].partition("\n")[0].rstrip()
    # As it stands in the source: its last line may end in blanks that the next piece needs.
    first = lines[row.line + nth]
    first = "".join(map(_behind, leads)) + first[len(first.rstrip()) - len(left) :]
    source = "\n".join([*_skeleton(leads), first, *lines[row.line + nth + 1 :]])
    return Rest(source, len(path), _lists(row, whole=True), known=_keep_settled(references, row.line))


def _leads(lines: Sequence[str], path: Sequence[Open]) -> list[str] | None:
    """What opens each item and quote of a path, with the blanks up to what stands in it."""
    made: list[str] = []
    for opened in path:
        inner = _inner(lines[opened.line], path[: len(made)], made, opened.line)
        lead = None if inner is None else _lead(inner, opened)
        if lead is None:
            return None
        made.append(lead)
    return made


def _inner(line: str, path: Sequence[Open], leads: Sequence[str], at: int) -> str | None:
    """A line without what belongs to the items and quotes around it."""
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
    # As CommonMark counts: more than four blanks are one, and the rest is indented code.
    blanks = len(found[2]) if found[3] and len(found[2]) <= 4 else 1
    return found[1] + " " * blanks


def _behind(lead: str) -> str:
    """What stands before the later lines of an item or quote."""
    return lead if lead.startswith(">") else " " * len(lead)


def _skeleton(leads: Sequence[str]) -> list[str]:
    return ["".join(map(_behind, leads[:n])) + lead + _FILLER for n, lead in enumerate(leads)]


def _lists(row: LeafRow, *, whole: bool = False) -> tuple[tuple[int | None, bool], ...]:
    """Of each list that began before a row: the number of its first item that is left, and whether it is loose."""
    return tuple(
        (row.path[n + 1].number, opened.loose)
        for n, opened in enumerate(row.path)
        if opened.kind == "list" and (whole or opened.line < row.line)
    )


def _keep_settled(references: References, line: int) -> References:
    """The definitions above a line. The others may be half a line yet."""
    return {label: {**at, "map": (-1, 0)} for label, at in references.items() if at["map"][1] <= line}
