"""Narrowing a list by what is typed: words anywhere, letters in order where no word is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

_WHOLE, _LETTERS = 1000.0, 100.0

Thing = TypeVar("Thing")


def score(typed: str, text: str) -> float | None:
    """How well the text answers what was typed, higher is better; None where a word is not in it at all."""
    text, total = text.casefold(), 0.0
    for word in typed.casefold().split():
        found = _word(word, text)
        if found is None:
            return None
        total += found
    return total


def narrowed(typed: str, things: Iterable[tuple[str, Thing]]) -> list[tuple[float, Thing]]:
    """(score, thing) of those whose text answers; their order is kept where they answer alike."""
    scored = [(score(typed, text), thing) for text, thing in things]
    made = [(found, thing) for found, thing in scored if found is not None]
    return sorted(made, key=lambda pair: -pair[0])


def _word(word: str, text: str) -> float | None:
    """A whole word counts more at the start of a part, and the earlier the better."""
    at = text.find(word)
    if at >= 0:
        return _WHOLE + (50.0 if at == 0 or not text[at - 1].isalnum() else 0.0) - min(at, 40)
    places = _places(word, text)
    return None if places is None else _LETTERS - min(90, places[-1] - places[0] - len(word))


def _places(word: str, text: str) -> Sequence[int] | None:
    """Where the letters stand, in order; only where they are not scattered all over."""
    made: list[int] = []
    for letter in word:
        at = text.find(letter, made[-1] + 1 if made else 0)
        if at < 0:
            return None
        made.append(at)
    return made if made and made[-1] - made[0] <= 3 * len(word) + 6 else None
