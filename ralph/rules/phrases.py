"""Forms of words, written almost as they are said: `how many {unit} [are there] (between|from) {a} (and|to) {b}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_PIECE = re.compile(r"[\[\]()|]|\{\w+\}|<[\w' ]+>|[^\s\[\]()|{}<>]+")
_ANYTHING = r".{1,60}?"


class Phrasebook:
    """Compiles phrases. `[x|y]` may be left out, `(x|y)` is one of them, `{name}` is captured, `<name>` is a part.

    `slots` give a captured name's expression, else it is any few words. `parts` are phrases used in others.
    """

    def __init__(self, slots: Mapping[str, str], parts: Mapping[str, str]) -> None:
        self._slots = slots
        self._parts = parts

    def phrase(self, text: str) -> Phrase:
        """The phrase, compiled when it is first looked for."""
        return Phrase(self, text)

    def expression(self, text: str) -> str:
        """A regular expression in which every word ends with a space, so that any of them can be left out."""
        made: list[str] = []
        for piece in _PIECE.findall(text):
            if piece in "[(":
                made.append("(?:")
            elif piece in "])":
                made.append(")?" if piece == "]" else ")")
            elif piece == "|":
                made.append("|")
            elif piece[0] == "{":
                name = piece[1:-1]
                made.append(f"(?P<{name}>(?:{self._slots.get(name, _ANYTHING)})) ")
            elif piece[0] == "<":
                made.append(f"(?:{self.expression(self._parts[piece[1:-1]])})")
            else:
                made.append(re.escape(piece) + " ")
        return "".join(made)


class Phrase:
    """One form of words."""

    def __init__(self, book: Phrasebook, text: str) -> None:
        self._book = book
        self.text = text

    def match(self, said: str) -> dict[str, str | None] | None:
        """What it captures of the whole text, without quotes or spaces around; None if the text has another form."""
        found = _compiled(self._book, self.text).fullmatch(f"{said} ")
        return found.groupdict() if found else None


@cache
def _compiled(book: Phrasebook, text: str) -> re.Pattern[str]:
    return re.compile(book.expression(text), re.IGNORECASE)
