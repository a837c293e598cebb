"""Patterns of words, written almost as spoken: `how many {unit} [are there] (between|from) {a} (and|to) {b}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from ralph.core.data import Data, frozen

_PIECE = re.compile(r"[\[\]()|]|\{\w+\}|<[\w' ]+>|[^\s\[\]()|{}<>]+")
_ANYTHING = r".{1,60}?"

# The requirements of a form: the text must have a word of each set.
_Needs = tuple[frozenset[str], ...]


@frozen
class _Form(Data):
    """A part of a phrase: its regular expression, in which every word ends with a space, and its requirements.

    Thanks to the requirements a question meets three expressions instead of all, and only these are ever compiled.
    """

    expression: str
    needs: _Needs = ()


class Phrasebook:
    """Reads phrases. `[x|y]` is optional, `(x|y)` is a choice, `{name}` is captured, and `<name>` is a part.

    `slots` give the expression of a captured name; without one the name matches a few words. `parts` are phrases that
    others include.
    """

    def __init__(self, slots: Mapping[str, str], parts: Mapping[str, str]) -> None:
        self._slots = slots
        self._parts = parts

    def phrase(self, text: str) -> Phrase:
        """Return the phrase, which is parsed on first use."""
        return Phrase(self, text)

    def form(self, text: str) -> _Form:
        """Return the form of the phrase."""
        return self._choice(iter(_PIECE.findall(text)))

    def _choice(self, pieces: Iterator[str]) -> _Form:
        """Read alternatives up to the closing bracket, or to the end."""
        choices: list[list[_Form]] = [[]]
        for piece in pieces:
            if piece in "])":
                break
            if piece == "|":
                choices.append([])
            elif piece in "[(":
                inner = self._choice(pieces)
                choices[-1].append(inner if piece == "(" else _Form(f"{inner.expression}?"))
            else:
                choices[-1].append(self._single(piece))
        return _either([_sequence(parts) for parts in choices])

    def _single(self, piece: str) -> _Form:
        name = piece[1:-1]
        if piece[0] == "{":
            return _Form(f"(?P<{name}>{self._slots.get(name, _ANYTHING)}) ")
        if piece[0] == "<" and name in self._parts:
            return self.form(self._parts[name])
        return _Form(re.escape(piece) + " ", (frozenset((piece.lower(),)),))


def _sequence(parts: Sequence[_Form]) -> _Form:
    return _Form("".join(p.expression for p in parts), tuple(need for p in parts for need in p.needs))


def _either(choices: Sequence[_Form]) -> _Form:
    expression = f"(?:{'|'.join(c.expression for c in choices)})"
    if len(choices) == 1:
        return _Form(expression, choices[0].needs)
    if any(not c.needs for c in choices):
        return _Form(expression)
    return _Form(expression, (frozenset().union(*(c.needs[0] for c in choices)),))


@lru_cache(maxsize=16)
def _words(said: str) -> frozenset[str]:
    """Return the words of a text. Cached, because every phrase meets the same text."""
    return frozenset(said.lower().split())


class Phrase:
    """One pattern of words."""

    def __init__(self, book: Phrasebook, text: str) -> None:
        self._book = book
        self.text = text

    @cached_property
    def _form(self) -> _Form:
        return self._book.form(self.text)

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """Return the compiled expression."""
        return re.compile(self._form.expression, re.IGNORECASE)

    def match(self, said: str) -> dict[str, str | None] | None:
        """Return the captures if the whole text matches, else None."""
        words = _words(said)
        if any(words.isdisjoint(need) for need in self._form.needs):
            return None
        found = self.expression.fullmatch(f"{said} ")
        return found.groupdict() if found else None
