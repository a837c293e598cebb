"""The fuzzy search: a few letters choose among many texts."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

# Letters with more than this many characters between them do not match together.
GAP = 24

Rank = tuple[int, int]
Thing = TypeVar("Thing")


@lru_cache(64)
def _scatter(word: str) -> re.Pattern[str]:
    """Match the letters in this order. Each gap ends at the first possible letter, so the search never backtracks."""
    rest = "".join(rf"([^{re.escape(c)}]{{0,{GAP}}}){re.escape(c)}" for c in word[1:])
    return re.compile(re.escape(word[0]) + rest)


def rank(words: str, text: str) -> Rank | None:
    """Return the rank of a text, a smaller one for a better match, or None without a match.

    Every word must be in the text, in any case. The order is: the whole text, its beginning, the beginning of a word in
    it, the middle of a word, scattered letters.
    """
    small, parts = text.casefold(), words.casefold().split()
    if len(parts) > 1 and (phrase := " ".join(parts)) in small:
        return _rank(phrase, small)
    kind = gaps = 0
    for part in parts:
        found = _rank(part, small)
        if found is None:
            return None
        kind, gaps = kind + found[0], gaps + found[1]
    return kind, gaps


def _rank(word: str, text: str) -> Rank | None:
    at = text.find(word)
    if at == 0:
        return (0, 0) if len(word) == len(text) else (1, 0)
    if at > 0:
        begins = not text[at - 1].isalnum() or bool(re.search(rf"(?<![^\W_]){re.escape(word)}", text))
        return (2 if begins else 3), 0
    found = _scatter(word).search(text)
    return (4, sum(map(len, found.groups()))) if found else None


def narrow(words: str, things: Iterable[tuple[str, Thing]]) -> list[tuple[Rank, Thing]]:
    """Return (rank, thing) for each text that matches, the best first. Equal ranks keep their order."""
    ranked = [(rank(words, text), thing) for text, thing in things]
    made = [(found, thing) for found, thing in ranked if found is not None]
    return sorted(made, key=lambda pair: pair[0])


def best(
    words: str, items: Iterable[Thing], limit: int, *, key: Callable[[Thing], Sequence[str]] | None = None
) -> list[Thing]:
    """Return the best matches. Equal ranks keep their order.

    `key` returns several texts of an item; those after the first count less.
    """
    ranked = []
    for n, item in enumerate(items):
        texts = key(item) if key else (str(item),)
        fits = [(found[0] + late, *found[1:]) for late, text in enumerate(texts) if (found := rank(words, text))]
        if fits:
            ranked.append((min(fits), n, item))
    return [item for _, _, item in heapq.nsmallest(limit, ranked)]
