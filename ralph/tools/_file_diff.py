"""What a person sees of a change before a yes: a line of facts and a unified diff."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.formatting import plural
from ralph.tools._file_text import decode
from ralph.tools._write_paths import WritePlace

MAX_LINES = 400
MAX_LINE = 400
_CONTEXT = 3
_MATCHED_LINES = 3000


def describe_change(place: WritePlace, before: bytes | None, after: bytes, unread: bool) -> str:
    """Return the preview of a change. `unread`: the model has not read the file in this timeline."""
    old, new = None if before is None else decode(before), decode(after)
    facts = [f"makes the folder {folder.rstrip('/')}" for folder in place.folders]
    if before is None:
        facts.append(f"makes the file {place.path}")
    elif old is None:
        facts.append(f"replaces {place.path}, which is not text ({len(before)} bytes)")
    else:
        facts.append(f"changes {place.path}")
    if place.mode is not None and place.mode & 0o111:
        facts.append(f"the file can be run (mode {place.mode:04o})")
    if unread and before is not None:
        facts.append("the model has not read this file in this timeline")
    if new is None:
        return f"{'; '.join(facts)}; the new content is not text ({len(after)} bytes)"
    rows, added, removed = _diff(_lines(old.plain if old else ""), _lines(new.plain))
    facts.append(f"+{added} −{removed} lines" if before is not None else plural(added, "line"))
    source = "/dev/null" if before is None else f"a/{place.path}"
    return "\n".join(["; ".join(facts), f"--- {source}", f"+++ b/{place.path}", *_cut(rows)])


def _lines(text: str) -> list[str]:
    """Return the lines; a last line without a newline says so."""
    parts = text.split("\n")
    return parts[:-1] if parts[-1] == "" else [*parts[:-1], f"{parts[-1]}\n\\ No newline at end of file"]


def _diff(old: list[str], new: list[str]) -> tuple[list[str], int, int]:
    """Return the rows of a unified diff, and how many lines are added and removed."""
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    tail = next((n for n in range(most - head) if old[-1 - n] != new[-1 - n]), most - head)
    first = max(0, head - _CONTEXT)
    end = max(0, tail - _CONTEXT)
    left, right = old[first : len(old) - end], new[first : len(new) - end]
    rows: list[str] = []
    added = removed = 0
    for group in _groups(left, right):
        (_, a, _, b, _), (_, _, c, _, d) = group[0], group[-1]
        rows.append(f"@@ -{_span(first + a, c - a)} +{_span(first + b, d - b)} @@")
        for tag, i, j, k, m in group:
            if tag == "equal":
                rows += [f" {line}" for line in left[i:j]]
                continue
            rows += [f"-{line}" for line in left[i:j]] + [f"+{line}" for line in right[k:m]]
            removed, added = removed + j - i, added + m - k
    return [part for row in rows for part in row.split("\n")], added, removed


def _groups(left: list[str], right: list[str]) -> Sequence[Sequence[tuple[str, int, int, int, int]]]:
    if max(len(left), len(right)) > _MATCHED_LINES:
        return [[("replace", 0, len(left), 0, len(right))]]
    from difflib import SequenceMatcher  # late: most turns write nothing

    return list(SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(_CONTEXT))


def _span(start: int, count: int) -> str:
    return f"{start + 1 if count else start},{count}"


def _cut(rows: list[str]) -> list[str]:
    shown = [row if len(row) <= MAX_LINE else f"{row[:MAX_LINE]}… ({len(row)} characters)" for row in rows[:MAX_LINES]]
    return [*shown, f"… and {len(rows) - MAX_LINES} more lines of the diff"] if len(rows) > MAX_LINES else shown
