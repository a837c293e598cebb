"""Normalises a question: uniform quotes and spaces, no greetings; splits it if it asks for several things."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_LENGTH = 1000
MAX_PARTS = 5
_MAX_SPLIT_LENGTH = 500

_PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u2009": " ",
                        "\u202f": " ", "‑": "-", "…": " ", "？": "?", "\ufeff": None})  # fmt: skip

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BEFORE = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|so|well|now|and|also|then|please|pls|ralph|thanks|quickly|just|quick question|"
    r"can you|could you|would you|will you|can you please|could you please|i(?:'d| would) like (?:you )?to "
    r"(?:know|see)|"
    r"i (?:want|need) to know|i want you to|i need you to|tell me|let me know|do you know|can i (?:know|see)|"
    r"i wonder|may i ask)(?:\s*[,:!]\s*|\s+))",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:[\s,]+(?:please|pls|thanks|thank you|thx|for me)|,\s*ralph)$|[\s?]+$|(?<![\d)!])!+$|(?<=[^.\s])[.;:,]+$",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\s*[?;]+\s+|(?<![\d)])!+\s+|\.\s+|,?\s+and\s+|,\s+", re.IGNORECASE)


def plain(prompt: str) -> str | None:
    """Return the question on one line without courtesies; None for text that no rule should read."""
    if len(prompt) > MAX_LENGTH or "<context>" in prompt or "```" in prompt:
        return None
    if _CONTROL.search(prompt):
        return None
    return trim_courtesies(re.sub(r"\s*\n\s*", "; ", prompt.translate(_PLAIN).strip()))


def trim_courtesies(text: str) -> str:
    """Return the text without leading greetings and trailing thanks and punctuation; case and inner words stay."""
    text = " ".join(text.split())
    while found := _BEFORE.match(text):
        text = text[found.end() :]
    while found := _AFTER.search(text[-24:]):
        text = text[: max(0, len(text) - 24) + found.start()]
    return text.strip()


def cuts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the text may split into two questions: (end of the first, start of the second)."""
    if len(text) <= _MAX_SPLIT_LENGTH:
        found = [joint.span() for joint in _JOINT.finditer(text)]
        if len(found) <= MAX_PARTS:
            yield from found


def words(text: str) -> frozenset[str]:
    """Return the set of words of a list in prose."""
    return frozenset(text.split())
