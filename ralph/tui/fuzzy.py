"""Which of many texts are meant by a few letters."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

# Letters that lie further apart than this in a text were not meant together.
GAP = 24

Rank = tuple[int, int]
Thing = TypeVar("Thing")


@lru_cache(64)
def _scatter(word: str) -> re.Pattern[str]:
    """The letters in this order. Each gap ends at the first letter that may end it, so the search never goes back."""
    rest = "".join(rf"([^{re.escape(c)}]{{0,{GAP}}}){re.escape(c)}" for c in word[1:])
    return re.compile(re.escape(word[0]) + rest)


def rank(words: str, text: str) -> Rank | None:
    """How well a text fits, the smaller the better; None where it does not. Every word must be in it, in any case.

    In this order: the whole text, its beginning, the beginning of a word in it, the middle of one, its letters.
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
    """(rank, thing) of those whose text fits, the best first; their order is kept where they fit alike."""
    ranked = [(rank(words, text), thing) for text, thing in things]
    made = [(found, thing) for found, thing in ranked if found is not None]
    return sorted(made, key=lambda pair: pair[0])


def best(
    words: str, items: Iterable[Thing], limit: int, *, key: Callable[[Thing], Sequence[str]] | None = None
) -> list[Thing]:
    """Those that fit best, in their order where they fit alike. `key` gives more than one text of an item to look at;
    those after the first count less."""
    ranked = []
    for n, item in enumerate(items):
        texts = key(item) if key else (str(item),)
        fits = [(found[0] + late, *found[1:]) for late, text in enumerate(texts) if (found := rank(words, text))]
        if fits:
            ranked.append((min(fits), n, item))
    return [item for _, _, item in heapq.nsmallest(limit, ranked)]
