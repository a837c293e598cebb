"""Amounts with units as people write them: `10 km`, `5 ft 10 in`, `half a mile`, `1 hour and 30 minutes`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from ralph.core.data import Data, frozen
from ralph.language import units
from ralph.language.numerals import with_digits
from ralph.language.units import Unit

MAX_LENGTH = 120


@frozen
class Quantity(Data):
    """The parts of a quantity as written, all of one dimension."""

    parts: tuple[tuple[Fraction, Unit], ...]

    @property
    def dimension(self) -> str:
        return self.parts[0][1].dimension

    @property
    def base(self) -> Fraction:
        """Return the amount in the base unit of its dimension."""
        return sum((amount * unit.factor + unit.offset for amount, unit in self.parts), start=Fraction(0))

    @property
    def rough(self) -> bool:
        return any(unit.rough for _, unit in self.parts)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(unit.note for _, unit in self.parts if unit.note)


_NUMBER = r"[-+−]?\s?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?|\.\d{1,30})"
_PART = re.compile(
    rf"\s*(?:,\s*|and\s+)?(?P<number>{_NUMBER})(?P<over>/\d{{1,9}})?\s*(?P<unit>[^\d,+]+?)(?=\s*(?:,|\band\b)?\s*[\d.]|\s*$)"
)
_ARTICLE = re.compile(r"(?:an?|one|1|per)\s+(?=\S)", re.IGNORECASE)
_HALF = re.compile(r"(?:(?:a |one )?half (?:an?\s|of an?\s)?|1/2 (?:of )?(?:an?\s)?)", re.IGNORECASE)
_FEET_INCHES = re.compile(r"(\d{1,3})\s?'\s?(\d{1,2}(?:\.\d+)?)\s?(?:\"|'')?$")


def read(text: str) -> Quantity | None:
    """Return the quantity that the whole text states, or None."""
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    text = units.with_powers(_FEET_INCHES.sub(r"\1 ft \2 in", text))
    half, article = _HALF.match(text), _ARTICLE.match(text)
    if half and (unit := units.find(text[half.end() :])):
        return Quantity(((Fraction(1, 2), unit),))
    if article and (unit := units.find(text[article.end() :])):
        return Quantity(((Fraction(1), unit),))
    parts = list(_parts(_digits(text)))
    if not parts or None in parts:
        return None
    found = Quantity(tuple(p for p in parts if p))
    several = len(parts) > 1
    if several and (len({u.dimension for _, u in found.parts}) > 1 or found.dimension == "temperature"):
        return None
    return found


def _digits(text: str) -> str:
    """Return the text with number words as digits; other words keep their case, which matters for units."""
    lower = text.lower()
    digits = with_digits(lower)
    return text if digits == lower else digits


def _parts(text: str) -> Iterator[tuple[Fraction, Unit] | None]:
    at = 0
    while at < len(text.rstrip()):
        found = _PART.match(text, at)
        unit = units.find(found["unit"]) if found else None
        if not found or not unit or (found["over"] or "/1").strip("/0") == "":
            yield None
            return
        number = Fraction(re.sub(r"[,\s]", "", found["number"]).replace("−", "-"))
        yield number / int((found["over"] or "/1")[1:]), unit
        at = found.end()
