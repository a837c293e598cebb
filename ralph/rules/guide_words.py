"""Reduces a question about ralph to concepts: stems without small words, and one name for synonyms."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ralph.rules.guide_spelling import correct, write_out
from ralph.rules.guide_subjects import EVERYBODYS, FAINT, SHARED
from ralph.rules.guide_vocabulary import ASKS, ONLY_WHOLE, PARTED, PHRASES, SAME, SMALL

_TOKEN = re.compile(
    r"--?[a-z][a-z-]+|/[a-z]+\b|(?:ctrl|alt|shift)\+\w+|\$?[a-z_][a-z0-9_]*(?:[.'-][a-z0-9_]+)*|\d+(?:\.\d+)?|[~≥↑↓]"
)
_VOWEL = re.compile(r"[aeiouy]")


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Apply Porter's first steps: remove plural, -ed and -ing, a doubled last letter and a silent e."""
    if len(word) < 4 or not word.replace("-", "").isalpha():
        return word
    if word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ly") and len(word) > 6:
        word = word[:-2]
    for suffix in ("ing", "ed"):
        bare = word.removesuffix(suffix)
        if bare != word and len(bare) > 2 and _VOWEL.search(bare):
            word = bare[:-1] if bare[-1] == bare[-2] and bare[-1] not in "lsz" else bare
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


_NAME = {
    form: group.split()[0]
    for group in SAME
    for word in group.split()
    for form in ((word,) if word in ONLY_WHOLE else (word, stem(word)))
}
# What a misspelt word may mean: only words as they are written, because a stem fits too much.
_SPELT = frozenset(word + end for group in SAME for word in group.split() for end in ("", "s"))
# Words that are right as they are, though another is near: `exist` is not `exits`.
_ORDINARY = (SMALL, ASKS, FAINT, EVERYBODYS, SHARED)
_PARTS = frozenset(verb for verb, _ in PARTED)


def _by_first_word() -> dict[str, list[tuple[list[str], str]]]:
    """Return the phrases by their first word, the longest first."""
    found: dict[str, list[tuple[list[str], str]]] = {}
    for name, ways in PHRASES:
        for way in ways.split(", "):
            first, *rest = (stem(word) for word in way.split())
            found.setdefault(first, []).append((rest, name))
    for ways_of_word in found.values():
        ways_of_word.sort(key=lambda way: -len(way[0]))
    return found


_STARTS = _by_first_word()


class Wording(NamedTuple):
    """The concepts of a text in order, its question words (where, why), and the small words around them."""

    concepts: tuple[str, ...]
    asks: frozenset[str]
    small: frozenset[str]


def read(text: str) -> Wording:
    """Return the wording of a text."""
    plain = write_out(text.lower().replace("\u2019", "'"))
    said = [_right(token.removesuffix("'s")) for token in _TOKEN.findall(plain)]
    roots = [stem(word) for word in said]
    found: dict[str, None] = {}
    asks: set[str] = set()
    small: set[str] = set()
    at = 0
    while at < len(said):
        length, name = _phrase(roots, at)
        if not length:
            length, name = _read_parted(said, at)
        word = said[at]
        if not length and (word in SMALL or word in ASKS):
            length = 1
        elif not length:
            length, name = 1, _NAME.get(word) or _NAME.get(roots[at], roots[at])
        if name:
            found[name] = None
        elif word in ASKS:
            asks.add(ASKS[word])
        else:
            small.update(said[at : at + length])
        at += length
    return Wording(tuple(found), frozenset(asks), frozenset(small))


@lru_cache(maxsize=4096)
def _right(word: str) -> str:
    """Return the word without a slip of the fingers."""
    root = stem(word)
    known = word in _NAME or root in _NAME or any(word in group or root in group for group in _ORDINARY)
    return word if known else correct(word, _SPELT)


def _read_parted(said: list[str], at: int) -> tuple[int, str]:
    """Read `turn this off`: the object may stand between the parts, and is read next."""
    after = said[at + 1 : at + 6] if said[at] in _PARTS else ()
    return next(((1, name) for word in after if (name := PARTED.get((said[at], word)))), (0, ""))


def _phrase(roots: list[str], at: int) -> tuple[int, str]:
    """Return how many words from here on form a phrase, and its name; 0 for no phrase."""
    for rest, name in _STARTS.get(roots[at], ()):
        if roots[at + 1 : at + 1 + len(rest)] == rest:
            return 1 + len(rest), name
    return 0, ""


def ways_to_say(concept: str) -> list[tuple[str, ...]]:
    """Return the sets of word beginnings for a concept. A text about the concept contains all of one set."""
    found: set[tuple[str, ...]] = {
        (stem(word),) for group in SAME if group.split()[0] == concept for word in group.split()
    }
    found |= {tuple(map(stem, way.split())) for name, ways in PHRASES if name == concept for way in ways.split(", ")}
    found |= {parts for parts, name in PARTED.items() if name == concept}
    return [tuple(word.rstrip("y") for word in way) for way in found | {(concept,)}]
