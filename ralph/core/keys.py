"""Cleans API keys as people paste them, and detects characters that no key can contain."""

from __future__ import annotations

import re

# Invisible characters at the ends of pasted text: byte order marks, zero-width signs, direction marks, soft hyphens.
_INVISIBLE = "\ufeff\ufffe\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u00ad\u180e"
_QUOTES = "\"'`\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb\uff02\uff07"
# Patterns, compiled for the first key: a start looks for keys in a dozen variables, and most are empty.
_AROUND = rf"[\s\x00-\x20\x7f-\xa0{_INVISIBLE}{_QUOTES}]|\\[nrt]"
# Text before a key in a shell, a `.env` file or a header.
_BEFORE = (
    r"(?i:"
    r"(?:export\s+|setx?\s+|\$env:)?[A-Za-z_][A-Za-z0-9_]*(?:KEY|TOKEN)\s*=\s*"
    r"|(?:authorization|x-api-key|api-key)\s*:\s*|bearer(?:\s+|$))"
)


def bare_key(text: str) -> str:
    """Return the key without white space, invisible signs, quotes, `export NAME=` or `Bearer` at its ends.

    Empty if the text contains no key.
    """
    if not text:
        return ""
    before = None
    while text != before:
        before = text
        text = _trim(text)
        text = text[found.end() :] if (found := re.match(_BEFORE, text)) else text
        text = text.removesuffix(";")
    return text


def impossible_in(key: str) -> str:
    """Return what in the key is impossible, in words without any part of the key; empty for a possible key."""
    for sign in key:
        if "!" <= sign <= "~":
            continue
        if sign in "\r\n":
            return "a line break"
        if sign.isspace():
            return "white space"
        return f"the character U+{ord(sign):04X}"
    return ""


def _trim(text: str) -> str:
    start, end, around = 0, len(text), re.compile(_AROUND)
    while found := around.match(text, start, end):
        start = found.end()
    while end > start:
        size = 2 if text[max(start, end - 2) : end] in ("\\n", "\\r", "\\t") else 1
        if not around.fullmatch(text, end - size, end):
            break
        end -= size
    return text[start:end]
