"""Numbers written as words: `twenty-five`, `two million`, `one hundred and five`."""

from __future__ import annotations

import re

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_SMALL = {word: n for n, word in enumerate([*_ONES.split(), "seventeen", "eighteen", "nineteen"])}
_TENS = {
    f"{stem}ty": 10 * n for n, stem in enumerate(("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine"), 2)
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_WORD = "|".join((*_SMALL, *_TENS, "hundred", *_SCALES))
_RUN = re.compile(rf"\b(?:{_WORD})(?:(?:[\s-]+|\s+and\s+)(?:{_WORD}))*\b")
_SCALED = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s+(hundred|thousand|million|billion|trillion)\b")
_MENTION = re.compile(rf"\b(?:{_WORD})\b")
# "one half", "two thirds" and "one third" are left to the code that reads fractions.
_FRACTION = re.compile(r"[\s-]+(?:half|thirds?|quarters?|fourths?|fifths?|tenths?)\b")


def with_digits(text: str) -> str:
    """Return the text in lower case with number words as digits; words that form no number stay unchanged."""
    if not _MENTION.search(text):
        return text
    text = _RUN.sub(_in_digits, text)
    return _SCALED.sub(_scale, text)


def _in_digits(found: re.Match[str]) -> str:
    if _FRACTION.match(found.string, found.end()):
        return found[0]
    value = read(found[0])
    return found[0] if value is None else str(value)


def _scale(found: re.Match[str]) -> str:
    number, scale = found[1].replace(",", ""), {"hundred": 100, **_SCALES}[found[2]]
    whole, _, part = number.partition(".")
    digits = len(str(scale)) - 1
    if len(part) > digits:
        return found[0]
    return (whole + part.ljust(digits, "0")).lstrip("0") or "0"


def read(words: str) -> int | None:
    """Return the value of a number in words, or None for words that form none (`two three`, `twenty ten`)."""
    total, group, last = 0, 0, 10**15
    room = 10**15
    for word in re.split(r"[\s-]+", words.strip()):
        if word == "and":
            if group % 100 or not group:
                return None
            continue
        if word in _SCALES:
            scale = _SCALES[word]
            if not group or scale >= last:
                return None
            total, group, last, room = total + group * scale, 0, scale, 10**15
        elif word == "hundred":
            if not 0 < group < 10:
                return None
            group, room = group * 100, 100
        else:
            value = {**_SMALL, **_TENS}.get(word)
            if value is None or value >= room or (value == 0 and (group or total)):
                return None
            group, room = group + value, 10 if word in _TENS else 1
    return total + group
