"""Decodes text from outside: bytes of any encoding, and strings with halves of surrogate pairs.

A lone surrogate is no character: UTF-8 cannot encode it, so neither a database nor a request can hold it. Python
creates lone surrogates from invalid UTF-8 in arguments, file names and variables, and from JSON's escapes.
"""

from __future__ import annotations

import codecs
import os
import re

from ralph.core.data import Data, frozen

REPLACEMENT = "\ufffd"
# The longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Patterns, compiled when a text needs them: most starts meet none.
_PAIR = "[\ud800-\udbff][\udc00-\udfff]"
_LONE = "[\ud800-\udfff]"
# Without a mark, text counts as UTF-16 if this share of every other byte is zero, as in Latin letters.
_ZEROS = 0.4
_SNIFFED = 4096


def whole(text: str) -> str:
    """Return the text without lone surrogates: split pairs are joined, the rest become U+FFFD."""
    if text.isascii() or not re.search(_LONE, text):
        return text
    joined = re.sub(_PAIR, lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)
    return re.sub(_LONE, REPLACEMENT, joined)


@frozen
class Decoded(Data):
    """Text decoded from bytes. `note`: a remark about invalid bytes for the person; empty if there were none."""

    text: str
    note: str = ""


class NotText(ValueError):
    """The bytes are not text in any known encoding."""


def decode_text(data: bytes) -> Decoded:
    """Decode by the byte order mark; else as UTF-8; else as UTF-16 without a mark; else as Windows-1252 (or Latin-1).

    Text that is UTF-8 except for some bytes stays UTF-8, with U+FFFD for each of those. Raises `NotText` for binary
    data: zero bytes that are no UTF-16.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_by_mark(data[len(mark) :], encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if b"\0" in data:
        return _decode_without_mark(data)
    return Decoded(text) if text is not None else _fallback(data)


def _decode_by_mark(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    if "\0" in text:
        raise NotText
    bad = text.count(REPLACEMENT) - data.decode(encoding, "ignore").count(REPLACEMENT)
    return Decoded(text, _count(bad, encoding.upper().removesuffix("-LE").removesuffix("-BE")))


def _decode_without_mark(data: bytes) -> Decoded:
    """Decode data with zero bytes: the halves of Latin letters in UTF-16, or no text at all."""
    part = data[:_SNIFFED]
    for encoding, zeros, letters in (("utf-16-le", part[1::2], part[::2]), ("utf-16-be", part[::2], part[1::2])):
        if zeros.count(0) > _ZEROS * len(zeros) and 0 not in letters:
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return Decoded(text, f"has no byte order mark and was read as {encoding.upper()}")
    raise NotText


def _fallback(data: bytes) -> Decoded:
    """Decode bytes that are not UTF-8. If other valid UTF-8 characters occur, the text is UTF-8 with mistakes."""
    mostly, kept = data.decode("utf-8", "replace"), data.decode("utf-8", "ignore")
    if not kept.isascii():
        return Decoded(mostly, _count(mostly.count(REPLACEMENT) - kept.count(REPLACEMENT), "UTF-8"))
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return Decoded(text, "is not UTF-8 and was read as Windows-1252 (Latin-1)")


def _count(bad: int, encoding: str) -> str:
    if bad <= 0:
        return ""
    places = "one place that is" if bad == 1 else f"{bad:,} places that are"
    return f"has {places} not {encoding}, now shown as {REPLACEMENT}"


def argument(text: str) -> Decoded:
    """Decode a word of the command line or a variable. Python keeps invalid UTF-8 bytes as lone surrogates."""
    if text.isascii() or not re.search(_LONE, text):
        return Decoded(text)
    try:
        return decode_text(os.fsencode(text))
    except (UnicodeEncodeError, NotText):
        return Decoded(whole(text), f"contains bytes that are not text, now shown as {REPLACEMENT}")
