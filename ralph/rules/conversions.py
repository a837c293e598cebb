"""Recognises questions that convert an amount from one unit to another."""

from __future__ import annotations

import re

from ralph.language import quantities, units
from ralph.rules.phrases import Phrasebook
from ralph.rules.plan import Match, one

_MAX_LENGTH = 180
_BOOK = Phrasebook(
    slots={"unit": r".{1,40}?", "quantity": r".{1,80}?", "body": r".{1,160}"},
    parts={
        "what is": "what is|what's|what are|whats|how much is|how much are|calculate|give me|show me",
        "in": "(are|is) [there] [in]|in|equal|equals|[does it take to] (make|makes) [up]|does|fit in|go into",
    },
)
_ASKED = _BOOK.phrase("[convert|change|turn|express|translate|<what is> [the (equivalent|value) of]] {body}")
_COUNTED = _BOOK.phrase("(how many|how much|number of) {unit} <in> {quantity} [have|make|equal|contain|last]")
_INTO = re.compile(
    r" (?:(?:converted |equal |expressed |measured )?(?:in|to|into|as)|(?:equals|is|=) how many|=|equals)(?= )",
    re.IGNORECASE,
)
_TAIL = re.compile(r" (?:equal to|make|equal)$", re.IGNORECASE)


def match(text: str) -> Match | None:
    """Return one `convert` call if the whole text is an amount and the target unit."""
    if len(text) > _MAX_LENGTH:
        return None
    counted = _COUNTED.match(text)
    if counted and (found := _call(counted["quantity"] or "", counted["unit"] or "")):
        return found
    asked = _ASKED.match(text)
    body = (asked or {}).get("body") or text
    made = (_call(body[: into.start()], _TAIL.sub("", body[into.end() :].strip())) for into in _INTO.finditer(body))
    return next((found for found in made if found), None)


def _call(quantity: str, unit: str) -> Match | None:
    amount = quantities.read(quantity)
    if amount is None or units.in_dimension(unit, amount.dimension) is None:
        return None
    written = re.sub(r"^(?:an?|one)\s+", "1 ", quantity.strip(), flags=re.IGNORECASE)
    return one("compute", "a conversion of units", "convert", quantity=written, to=unit.strip())
