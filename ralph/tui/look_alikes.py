"""Spells out letters that look like others: a person reads a name and has to see which one it is."""

from __future__ import annotations

import re
import unicodedata

# Letters of other alphabets that look like Latin ones in usual fonts (Unicode TR39, the most common of them).
_ALIKE = frozenset(
    "аеорсухіјѕԁһӏԛԝѵԍьмтнвкАВЕЗІЈКМНОРЅСТУХѴԌԚԜ"  # Cyrillic
    "αιορνυκγΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ"  # Greek
    "օսնցհոքզիւՕՍԼհ"  # Armenian
    "ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ"  # Cherokee
)
_WORD = re.compile(r"[^\W\d_]+(?:[\w.-]*\w)?")


def spell_look_alikes(text: str, *, strict: bool = False) -> str:
    """Return the text with an escape in place of each letter that may be taken for an ASCII letter.

    That is a letter of another alphabet in a word with ASCII letters, and a wide or styled form of an ASCII letter.
    `strict`: also a word that looks Latin as a whole, for a name, a host, a path or a program.
    """
    return text if text.isascii() else _WORD.sub(lambda found: _spell(found[0], strict), text)


def _spell(word: str, strict: bool) -> str:
    if word.isascii():
        return word
    letters = [c for c in word if c.isalpha()]
    mixed = any(c.isascii() for c in letters) or (strict and all(c in _ALIKE or c.isascii() for c in letters))
    return "".join(_escape(c) if _is_styled(c) or (mixed and c in _ALIKE) else c for c in word)


def _is_styled(char: str) -> bool:
    return not char.isascii() and unicodedata.normalize("NFKC", char).isascii()


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()
