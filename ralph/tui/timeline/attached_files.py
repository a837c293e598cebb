"""The attachments of a question, read from its recorded context: the names of files, and the input of a pipe."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len

from ralph.core.formatting import plural
from ralph.tui.brush import fit
from ralph.tui.text import one_line

# The head of a file, as `workflows/attached.py` writes it: its name, its size, and the opening fence.
_HEAD = re.compile(r"(?:\A|(?<=\n\n))([^\n]+) \((([\d,]+) (?:lines?|entry|entries))\):\n(`{3,})\n")
SEPARATOR = " · "


def split_context(context: str) -> tuple[str, tuple[str, ...]]:
    """Return the input of a pipe, and each file as `name (12 lines)`.

    Files come last, so only a run of files up to the end counts: the input of a pipe may look like anything.
    """
    at = 0
    while found := _HEAD.search(context, at):
        names, at = _row(context, found)
        if at == len(context):
            return context[: found.start()].removesuffix("\n\n"), names
    return context, ()


def _row(context: str, head: re.Match[str] | None) -> tuple[tuple[str, ...], int]:
    """Return the names of the files from this head on, and the end of the last file."""
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
    """Return the position after the closing fence of a file, or 0 if no fence closes it within its number of lines."""
    fence, most = f"\n{head[4]}", int(head[3].replace(",", ""))
    at = context.find(fence, head.end())
    while at >= 0 and context.count("\n", head.end(), at) < max(1, most):
        end = at + len(fence)
        if end == len(context) or context.startswith("\n\n", end):
            return end
        at = context.find(fence, end)
    return 0


def files_line(context: str, width: int) -> str:
    """Return the attachments in one line: as many names as fit, and the number of the others."""
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
