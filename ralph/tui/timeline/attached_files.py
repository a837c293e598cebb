"""What went along with a question, read off the context that was recorded: files by name, and what a pipe brought."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len

from ralph.core.formatting import plural
from ralph.tui.brush import fit
from ralph.tui.text import one_line

# As `prompt/enclosing.py` writes it: the name, how large it is, and all of it between fences.
_HEAD = re.compile(r"(?:\A|(?<=\n\n))([^\n]+) \((([\d,]+) (?:lines?|entry|entries))\):\n(`{3,})\n")
SEPARATOR = " · "


def split_context(context: str) -> tuple[str, tuple[str, ...]]:
    """What a pipe brought, and each file as `name (12 lines)`.

    Files come last. So only a row of them that goes to the end is one: what a pipe brought may look like anything.
    """
    at = 0
    while found := _HEAD.search(context, at):
        names, at = _row(context, found)
        if at == len(context):
            return context[: found.start()].removesuffix("\n\n"), names
    return context, ()


def _row(context: str, head: re.Match[str] | None) -> tuple[tuple[str, ...], int]:
    """The files from this one on, and where the last of them ends."""
    names: list[str] = []
    at = 0
    while head:
        end = _find_close(context, head)
        at = end or head.end()
        if not end:
            break
        names.append(f"{head[1].replace('`', '')} ({head[2]})")
        head = _HEAD.match(context, end + 2)
    return tuple(names), at


def _find_close(context: str, head: re.Match[str]) -> int:
    """Where its fence is closed; 0 where it is not, or only after more lines than the file has."""
    fence, most = f"\n{head[4]}", int(head[3].replace(",", ""))
    at = context.find(fence, head.end())
    while at >= 0 and context.count("\n", head.end(), at) < max(1, most):
        end = at + len(fence)
        if end == len(context) or context.startswith("\n\n", end):
            return end
        at = context.find(fence, end)
    return 0


def files_line(context: str, width: int) -> str:
    """All of it in one line; of many files as many as fit, and how many more there are."""
    piped, names = split_context(context)
    parts = [f"{plural(_lines(piped), 'line')} of context, {len(piped):,} characters"] if piped else []
    return _fitting([*parts, *map(one_line, names)], width)


def _fitting(parts: Sequence[str], width: int) -> str:
    for count in range(len(parts), 0, -1):
        rest = f"{SEPARATOR}+{len(parts) - count} more" if count < len(parts) else ""
        shown = SEPARATOR.join(parts[:count])
        if cell_len(shown + rest) <= width:
            return shown + rest
    return fit(shown, width - cell_len(rest)).rstrip() + rest


def _lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))
