"""The tool that converts an amount to another unit, by exact factors."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, ToolCall, ToolFailure
from ralph.language import quantities, units
from ralph.language.quantities import Quantity
from ralph.language.units import Unit
from ralph.tools._arguments import check_arguments
from ralph.tools._exact import decimal, format_value, places

_SPEC = ToolSpec(
    "convert",
    "Converts an amount between units of length, mass, temperature, volume, area, speed, time, energy, power, "
    "pressure, force, frequency, angle, data and data rate. No currencies. A result that was rounded comes after ≈.",
    {
        "type": "object",
        "properties": {
            "quantity": {"type": "string", "description": "the amount with its unit: 10 km, 5 ft 10 in, 72 °F"},
            "to": {"type": "string", "description": "the unit to convert into: miles, cm, °C"},
        },
        "required": ["quantity", "to"],
        "additionalProperties": False,
    },
)
_DECIMAL_BYTES = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte")


def convert(quantity: str, to: str) -> str:
    """Return `10 km ≈ 6.21371 miles`, with the assumptions about unclear units. Raises `ToolFailure`."""
    amount = quantities.read(quantity)
    if amount is None:
        raise ToolFailure(f"'{quantity[:60]}' is not an amount with a known unit")
    unit = units.in_dimension(to, amount.dimension)
    if unit is None:
        raise ToolFailure(f"'{to[:60]}' is not a known unit")
    amount = _fluid(amount, unit)
    if unit.dimension != amount.dimension:
        raise ToolFailure(
            f"{quantity} cannot be turned into {to}: one is a measure of {amount.dimension}, the other of "
            f"{unit.dimension}"
        )
    if amount.dimension == "temperature" and amount.base < 0:
        raise ToolFailure(f"{quantity} is below absolute zero")
    value = (amount.base - unit.offset) / unit.factor
    sign, number = _number(value, rough=amount.rough or unit.rough)
    notes = _notes(amount, unit)
    if amount.dimension == "temperature":
        quantity, to = f"{format_value(amount.parts[0][0])} {amount.parts[0][1].name}", unit.name
    return f"{quantity} {sign} {number} {to}{f' ({notes})' if notes else ''}"


def _fluid(amount: Quantity, unit: Unit) -> Quantity:
    """Return ounces as fluid ounces if they are converted to a volume."""
    fluid = units.find("fluid ounce")
    if unit.dimension == "volume" and fluid and [u.name for _, u in amount.parts] == ["ounce"]:
        return Quantity(((amount.parts[0][0], fluid),))
    return amount


def _number(value: Fraction, *, rough: bool) -> tuple[str, str]:
    exact = format_value(value)
    if not rough and not exact.startswith("≈") and len(exact) <= 20:
        return "=", exact
    return "≈", places(decimal(value), 6)


def _notes(amount: Quantity, unit: Unit) -> str:
    notes = [*amount.notes, *((unit.note,) if unit.note else ())]
    names = {unit.name, *(u.name for _, u in amount.parts)}
    if len(names) > 1 and names <= set(_DECIMAL_BYTES):
        notes.append("decimal units; 1 KiB is 1024 bytes")
    return ", ".join(dict.fromkeys(notes))


@frozen
class Convert(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "none"

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str:
        given = check_arguments(self.spec, arguments)
        return convert(given["quantity"].strip(), given["to"].strip())


TOOL = Convert()
