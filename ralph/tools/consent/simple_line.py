"""Reads a shell line that is one simple command, which every shell reads in the same way."""

from __future__ import annotations

import re

SIGNS = frozenset(";&|<>$`(){}*?~\\\n")
# Words of the shell that are no programs, though they stand where one does.
KEYWORDS = frozenset(
    ["!", "[[", "{", "}", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
     "select", "then", "time", "until", "while"]
)  # fmt: skip
_PREFIX = re.compile(r"[A-Za-z_]\w*\+?=")


def read_simple(line: str) -> tuple[str, ...] | None:
    """Return the words of the command; None if the line is more than one simple command, or has a prefix `NAME=…`."""
    if SIGNS.intersection(line) or any((ord(c) < 32 and c != "\t") or ord(c) == 127 for c in line):
        return None
    words = _split(line)
    if not words or words[0] in KEYWORDS or _PREFIX.match(words[0]):
        return None
    return words


def _split(line: str) -> tuple[str, ...] | None:
    """Return the words without their quotes; None for an open quote, a comment, or a class of a glob."""
    words: list[str] = []
    word: str | None = None
    quote = ""
    for char in line:
        if quote:
            quote, word = ("", word) if char == quote else (quote, (word or "") + char)
        elif char in "'\"":
            quote, word = char, word or ""
        elif char in " \t":
            words += [] if word is None else [word]
            word = None
        elif char == "[" or (char == "#" and word is None) or char.isspace():
            return None
        else:
            word = (word or "") + char
    if quote:
        return None
    return (*words, *([] if word is None else [word]))
