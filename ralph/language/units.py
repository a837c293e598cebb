"""The units of measure: their names, and exact factors to one base unit per dimension."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache

from ralph.core.data import Data, frozen


@frozen
class Unit(Data):
    """A unit. `value * factor + offset` is the amount in the base unit. `note` is the assumption about an unclear name.

    `rough`: the factor itself is rounded (it contains π).
    """

    name: str
    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)
    note: str = ""
    rough: bool = False


# dimension: rows of `names | factor [| note]`; the first name is the unit's own. Exact by definition, unless noted.
_ROWS: Mapping[str, str] = {
    "length": """
        inch, inches, in | 0.0254
        foot, feet, ft | 0.3048
        yard, yards, yd, yds | 0.9144
        mile, miles, mi | 1609.344
        nautical mile, nautical miles, nmi | 1852
        angstrom, angstroms, Å | 1e-10
        micron, microns | 1e-6
        light-year, light-years, light year, light years, ly | 9460730472580800
        astronomical unit, astronomical units, au, AU | 149597870700
        fathom, fathoms | 1.8288
        furlong, furlongs | 201.168""",
    "mass": """
        tonne, tonnes, metric ton, metric tons, t | 1e6
        pound, pounds, lb, lbs | 453.59237
        ounce, ounces, oz | 28.349523125
        stone, stones, st | 6350.29318
        ton, tons, short ton, short tons, US ton, US tons | 907184.74 | US tons of 2000 lb
        long ton, long tons, imperial ton, imperial tons | 1016046.9088
        carat, carats, ct | 0.2""",
    "volume": """
        cubic meter, cubic meters, cubic metre, cubic metres, m³ | 1000
        cubic centimeter, cubic centimeters, cubic centimetre, cubic centimetres, cm³, cc | 0.001
        cubic foot, cubic feet, ft³ | 28.316846592
        cubic inch, cubic inches, in³ | 0.016387064
        cubic yard, cubic yards, yd³ | 764.554857984
        gallon, gallons, gal, US gallon, US gallons | 3.785411784 | US gallons
        quart, quarts, qt, qts | 0.946352946 | US quarts
        pint, pints, pt | 0.473176473 | US pints
        cup, cups | 0.2365882365 | US cups
        fluid ounce, fluid ounces, fl oz, fl. oz, floz | 0.0295735295625 | US fluid ounces
        tablespoon, tablespoons, tbsp | 0.01478676478125 | US tablespoons
        teaspoon, teaspoons, tsp | 0.00492892159375 | US teaspoons
        imperial gallon, imperial gallons, UK gallon, UK gallons | 4.54609
        imperial pint, imperial pints, UK pint, UK pints | 0.56826125
        barrel of oil, barrels of oil, oil barrel, oil barrels | 158.987294928""",
    "area": """
        square meter, square meters, square metre, square metres, sq m, m² | 1
        square kilometer, square kilometers, square kilometre, square kilometres, sq km, km² | 1e6
        square centimeter, square centimeters, square centimetre, square centimetres, sq cm, cm² | 1e-4
        square millimeter, square millimeters, square millimetre, square millimetres, mm² | 1e-6
        square foot, square feet, sq ft, sqft, ft² | 0.09290304
        square inch, square inches, sq in, in² | 0.00064516
        square yard, square yards, sq yd, yd² | 0.83612736
        square mile, square miles, sq mi, mi² | 2589988.110336
        acre, acres | 4046.8564224
        hectare, hectares, ha | 1e4""",
    "speed": """
        meter per second, meters per second, metre per second, metres per second, m/s | 1
        kilometer per hour, kilometers per hour, kilometres per hour, kilometers an hour, km/h, kmh, kph, kmph | 1/3.6
        mile per hour, miles per hour, miles an hour, mph | 0.44704
        foot per second, feet per second, ft/s, fps | 0.3048
        knot, knots, kn, kt, kts | 1852/3600""",
    "time": """
        minute, minutes, min, mins | 60
        hour, hours, h, hr, hrs | 3600
        day, days, d | 86400
        week, weeks, wk, wks | 604800
        fortnight, fortnights | 1209600
        year, years, yr, yrs | 31536000 | years of 365 days""",
    "energy": """
        calorie, calories, cal | 4.184 | small calories, 1000 to the kilocalorie
        kilocalorie, kilocalories, kcal, Calorie, Calories, food calorie, food calories | 4184
        watt hour, watt hours, watt-hour, watt-hours, Wh | 3600
        kilowatt hour, kilowatt hours, kilowatt-hour, kilowatt-hours, kWh | 3600000
        British thermal unit, British thermal units, BTU, BTUs | 1055.05585262
        electronvolt, electronvolts, electron volt, electron volts, eV | 1.602176634e-19""",
    "power": """
        horsepower, hp | 745.69987158227022 | mechanical horsepower
        metric horsepower, PS | 735.49875""",
    "pressure": """
        bar, bars | 100000
        millibar, millibars, mbar | 100
        atmosphere, atmospheres, atm | 101325
        pound per square inch, pounds per square inch, psi, PSI | 6894.757293168361
        millimeter of mercury, millimeters of mercury, mmHg | 133.322387415
        torr | 101325/760""",
    "force": """
        newton, newtons, N | 1
        pound-force, lbf, pounds of force | 4.4482216152605
        kilogram-force, kgf | 9.80665""",
    "data": """
        kibibyte, kibibytes, KiB | 8192
        mebibyte, mebibytes, MiB | 8388608
        gibibyte, gibibytes, GiB | 8589934592
        tebibyte, tebibytes, TiB | 8796093022208""",
    "data rate": """
        bit per second, bits per second, bps, bit/s | 1
        kilobit per second, kilobits per second, kbps, kbit/s | 1000
        megabit per second, megabits per second, Mbps, Mbit/s, Mb/s | 1e6
        gigabit per second, gigabits per second, Gbps, Gbit/s, Gb/s | 1e9
        kilobyte per second, kilobytes per second, kB/s, KB/s | 8000
        megabyte per second, megabytes per second, MB/s, MBps | 8e6
        gigabyte per second, gigabytes per second, GB/s, GBps | 8e9""",
    "angle": """
        radian, radians, rad, rads | 1
        degree, degrees, deg, ° | pi/180
        gradian, gradians, gon | pi/200
        arcminute, arcminutes, minute of arc, minutes of arc | pi/10800
        arcsecond, arcseconds, second of arc, seconds of arc | pi/648000
        turn, turns, revolution, revolutions, full circle | pi*2""",
}  # fmt: skip

# dimension, names, symbol, factor of the base unit, prefixes
_PREFIXED = (
    ("length", ("meter", "metre"), "m", "1", "k d c m µ n"),
    ("mass", ("gram", "gramme"), "g", "1", "k m µ"),
    ("volume", ("liter", "litre"), "l", "1", "h d c m µ"),
    ("volume", ("liter", "litre"), "L", "1", "h d c m µ"),
    ("time", ("second", "sec"), "s", "1", "m µ n"),
    ("energy", ("joule",), "J", "1", "k M G"),
    ("power", ("watt",), "W", "1", "m k M G"),
    ("pressure", ("pascal",), "Pa", "1", "h k M"),
    ("frequency", ("hertz",), "Hz", "1", "k M G"),
    ("data", ("byte",), "B", "8", "k M G T P"),
    ("data", ("bit",), "bit", "1", "k M G T"),
)
_PREFIXES = {"k": ("kilo", 3), "h": ("hecto", 2), "d": ("deci", -1), "c": ("centi", -2), "m": ("milli", -3),
             "µ": ("micro", -6), "n": ("nano", -9), "M": ("mega", 6), "G": ("giga", 9), "T": ("tera", 12),
             "P": ("peta", 15)}  # fmt: skip
_ZERO_C = Fraction("273.15")
_TEMPERATURES = {
    Unit("°C", "temperature", Fraction(1), _ZERO_C): ("celsius", "centigrade", "C", "c"),
    Unit("°F", "temperature", Fraction(5, 9), _ZERO_C - 32 * Fraction(5, 9)): ("fahrenheit", "farenheit", "F", "f"),
    Unit("K", "temperature", Fraction(1)): ("kelvin", "kelvins", "K"),
}
_OTHER_SYMBOLS = {"KB": "kB", "Mb": "Mbit", "Gb": "Gbit", "Tb": "Tbit", "um": "µm", "μm": "µm", "us": "µs", "ug": "µg",
                  "mcg": "µg", "kilo": "kg", "kilos": "kg", "kgs": "kg", "bytes": "byte", "hertz": "Hz"}  # fmt: skip
# To 40 digits; units based on π are marked as rough.
_PI = Fraction("3.141592653589793238462643383279502884197")
_POWERS = re.compile(r"\b(mm|cm|m|km|ft|in|yd|mi)\^?([23])\b")
_DEGREES = re.compile(r"^(?:degrees?|deg\.?|°)\s*(?=[a-zA-Z])", re.IGNORECASE)


def find(name: str) -> Unit | None:
    """Return the unit of this name or symbol. Case matters only between symbols (MB, Mb), not in names."""
    name = with_powers(name.strip())
    bare = _DEGREES.sub("", name)
    for known in (name, bare):
        unit = _by_symbol().get(known) or (_by_name().get(known.lower()) if len(known) > 1 else None)
        if unit and (known == name or unit.dimension == "temperature"):
            return unit
    return None


def in_dimension(name: str, dimension: str) -> Unit | None:
    """Return the unit of this name in a dimension: an ounce of a volume is a fluid ounce."""
    unit = find(name)
    if unit and unit.name == "ounce" and dimension == "volume":
        return find("fluid ounce")
    return unit


def with_powers(text: str) -> str:
    """Return the text with `m2` and `m^2` as `m²`."""
    return _POWERS.sub(lambda m: m[1] + "²³"[int(m[2]) - 2], text)


@cache
def _by_symbol() -> dict[str, Unit]:
    known = dict(_all())
    return known | {other: known[name] for other, name in _OTHER_SYMBOLS.items()}


@cache
def _by_name() -> dict[str, Unit]:
    """Return the units by lower-case name; of two equal names (MB and Mb) the first listed one wins: bytes."""
    names: dict[str, Unit] = {}
    for name, unit in _all():
        names.setdefault(name.lower(), unit)
    return names


def _all() -> Iterator[tuple[str, Unit]]:
    for dimension, rows in _ROWS.items():
        for row in rows.strip().splitlines():
            names, factor, *note = (cell.strip() for cell in row.split("|"))
            first, *others = (name.strip() for name in names.split(","))
            rough = "pi" in factor or first in ("horsepower", "pound per square inch", "millimeter of mercury")
            unit = Unit(first, dimension, _factor(factor), note=note[0] if note else "", rough=rough)
            yield from ((name, unit) for name in (first, *others))
    for dimension, bases, symbol, factor, prefixes in _PREFIXED:
        yield from _with_prefixes(dimension, bases, symbol, Fraction(factor), prefixes)
    for unit, words in _TEMPERATURES.items():
        yield from ((word, unit) for word in (unit.name, *words))


def _with_prefixes(
    dimension: str, names: tuple[str, ...], symbol: str, factor: Fraction, prefixes: str
) -> Iterator[tuple[str, Unit]]:
    for sign, (prefix, exponent) in {"": ("", 0), **{p: _PREFIXES[p] for p in prefixes.split()}}.items():
        unit = Unit(prefix + names[0], dimension, factor * Fraction(10) ** exponent)
        yield sign + symbol, unit
        for name in names:
            yield prefix + name, unit
            yield f"{prefix}{name}s", unit


def _factor(text: str) -> Fraction:
    if "pi" in text:
        return _PI * 2 if text == "pi*2" else _PI / Fraction(text.partition("/")[2])
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or 1)
