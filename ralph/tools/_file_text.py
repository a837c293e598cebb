"""The text of a file that a tool changes: its encoding, byte order mark and line ends are kept."""

from __future__ import annotations

import codecs
from collections import Counter

from ralph.core.data import Data, frozen

# Line ends of a file with several kinds are matched line by line, up to this many changed lines.
_MATCHED_LINES = 3000
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@frozen
class FileText(Data):
    """The text of a file as it is, with its own line ends and without its mark."""

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    @property
    def plain(self) -> str:
        """Return the text with `\\n` as its only line end."""
        return self.text.replace("\r\n", "\n")

    def encode(self, text: str) -> bytes:
        """Return the bytes of another text in this file's encoding and with its mark. Raises `UnicodeEncodeError`."""
        return self.mark + text.removeprefix("\ufeff").encode(self.encoding)


def decode(data: bytes) -> FileText | None:
    """Return the text of a file; None if it is binary or in another encoding."""
    mark, encoding = next((pair for pair in _MARKS if data.startswith(pair[0])), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else FileText(text, encoding, mark)


def keep_line_ends(old: str, new: str) -> str:
    """Return `new`, whose line ends are `\\n`, with the line ends of `old`.

    In a file with both kinds an unchanged line keeps its own, and a new one gets the kind that most lines have.
    """
    crlf = old.count("\r\n")
    if not crlf:
        return new
    if crlf == old.count("\n"):
        return new.replace("\n", "\r\n")
    before, after = _lines(old), new.split("\n")
    usual = Counter(end for _, end in before if end).most_common(1)[0][0]
    ends = [usual] * len(after)
    for start, first, count in _same([line for line, _ in before], after):
        for step in range(count):
            ends[first + step] = before[start + step][1] or usual
    return "".join(line + end for line, end in zip(after[:-1], ends, strict=False)) + after[-1]


def keep_final_newline(old: str, new: str) -> str:
    """Return `new` with a newline at its end if and only if `old` has one; an empty text has no custom."""
    if not old or not new:
        return new
    return new if new.endswith("\n") and old.endswith("\n") else new.rstrip("\n") + "\n" * old.endswith("\n")


def _lines(text: str) -> list[tuple[str, str]]:
    """Return each line with its end; the last one has none."""
    parts = text.split("\n")
    rows = [(part.removesuffix("\r"), "\r\n" if part.endswith("\r") else "\n") for part in parts[:-1]]
    return [*rows, (parts[-1], "")]


def _same(old: list[str], new: list[str]) -> list[tuple[int, int, int]]:
    """Return runs of equal lines as (first in `old`, first in `new`, how many)."""
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    tail = next((n for n in range(most - head) if old[-1 - n] != new[-1 - n]), most - head)
    found = [(0, 0, head), (len(old) - tail, len(new) - tail, tail)]
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(map(len, middle)) <= _MATCHED_LINES:
        from difflib import SequenceMatcher  # late: most turns write nothing

        matcher = SequenceMatcher(None, *middle, autojunk=False)
        found += [(head + a, head + b, size) for a, b, size in matcher.get_matching_blocks()]
    return found
