"""A question made plain: one kind of quote and space, no greetings, and its parts where it asks for several things."""

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
    """The question on one line without politeness around it; None for what no rule should look at."""
    if len(prompt) > MAX_LENGTH or "<context>" in prompt or "```" in prompt:
        return None
    if _CONTROL.search(prompt):
        return None
    return trim_courtesies(re.sub(r"\s*\n\s*", "; ", prompt.translate(_PLAIN).strip()))


def trim_courtesies(text: str) -> str:
    """Without greetings before, and thanks and punctuation after; case and inner words stay."""
    text = " ".join(text.split())
    while found := _BEFORE.match(text):
        text = text[found.end() :]
    while found := _AFTER.search(text[-24:]):
        text = text[: max(0, len(text) - 24) + found.start()]
    return text.strip()


def cuts(text: str) -> Iterator[tuple[int, int]]:
    """Where the text may fall into two questions: (end of the one, start of the other)."""
    if len(text) <= _MAX_SPLIT_LENGTH:
        found = [joint.span() for joint in _JOINT.finditer(text)]
        if len(found) <= MAX_PARTS:
            yield from found


def words(text: str) -> frozenset[str]:
    """The set of words of a list in prose."""
    return frozenset(text.split())
