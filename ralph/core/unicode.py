"""Text from outside, made whole: bytes of any encoding, and strings with halves of surrogate pairs.

A lone surrogate is no character: UTF-8 cannot hold it, so neither a database nor a request can. Python makes them of
bytes in arguments, file names and variables that are no UTF-8, and of JSON's escapes.
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
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")
# Without a mark, text counts as UTF-16 where this share of every other byte is zero, as it is in Latin letters.
_ZEROS = 0.4
_SNIFFED = 4096


def whole(text: str) -> str:
    """The text without lone surrogates: split pairs are joined, the rest become U+FFFD."""
    if text.isascii() or not _LONE.search(text):
        return text
    joined = _PAIR.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)
    return _LONE.sub(REPLACEMENT, joined)


@frozen
class Decoded(Data):
    """Text that came as bytes. `note`: what was not as it should be, to be told; empty if nothing was."""

    text: str
    note: str = ""


class NotText(ValueError):
    """The bytes are no text in any encoding that is known here."""


def decode_text(data: bytes) -> Decoded:
    """By its byte order mark; else UTF-8; else UTF-16 without a mark; else Windows-1252, of which Latin-1 is a part.

    Text that is UTF-8 but for some bytes stays UTF-8, with U+FFFD for each of those. Raises `NotText` for binary data:
    zero bytes, and no UTF-16.
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
    """Zero bytes: the halves of Latin letters in UTF-16, or of no text at all."""
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
    """Bytes that are no UTF-8. Where other characters of it are there, it is UTF-8 with mistakes."""
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
    """A word of the command line or a variable. Python keeps bytes that are no UTF-8 as lone surrogates."""
    if not _LONE.search(text):
        return Decoded(text)
    try:
        return decode_text(os.fsencode(text))
    except (UnicodeEncodeError, NotText):
        return Decoded(whole(text), f"contains bytes that are not text, now shown as {REPLACEMENT}")
