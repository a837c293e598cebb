"""Sums in fixed forms of words, each rewritten as an expression: `increase 200 by 15%` becomes `200 + 15%`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ralph.language.expression import FunctionCall, NotAnExpression, is_trivial, parse
from ralph.language.numerals import with_digits
from ralph.rules.phrases import Phrasebook

Written = Callable[..., str | None]

_LISTS = {
    "sum": "sum", "total": "sum", "product": "product", "average": "mean", "mean": "mean", "arithmetic mean": "mean",
    "median": "median", "maximum": "max", "max": "max", "largest": "max", "biggest": "max", "greatest": "max",
    "highest": "max", "larger": "max", "bigger": "max", "greater": "max", "higher": "max", "minimum": "min",
    "min": "min", "smallest": "min", "lowest": "min", "least": "min", "smaller": "min", "lower": "min", "less": "min",
    "gcd": "gcd", "gcf": "gcd", "hcf": "gcd", "greatest common divisor": "gcd", "greatest common factor": "gcd",
    "highest common factor": "gcd", "lcm": "lcm", "least common multiple": "lcm", "lowest common multiple": "lcm",
}  # fmt: skip
_DIGITS = {"integer": 0, "whole": 0, "ten": -1, "hundred": -2, "thousand": -3, "million": -6, "tenth": 1,
           "hundredth": 2, "thousandth": 3, "cent": 2, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
           "six": 6}  # fmt: skip
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_NTH = {"fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
_BASES = {"binary": "bin", "base 2": "bin", "base-2": "bin", "hex": "hex", "hexadecimal": "hex", "base 16": "hex",
          "base-16": "hex", "octal": "oct", "base 8": "oct", "base-8": "oct"}  # fmt: skip
_MARKS = {"bin": ("0b", 2), "hex": ("0x", 16), "oct": ("0o", 8)}


def _operand(text: str, *, tight: bool) -> str | None:
    """Return the operand for a template. `tight` rejects `5 plus 3`, whose extent would be unclear."""
    text = with_digits(text.strip().lower())
    if re.fullmatch(r"[\d.,]+", text):
        return text
    if tight and " " in text:
        try:
            tree = parse(text)
        except NotAnExpression:
            return None
        if not (is_trivial(tree) or isinstance(tree, FunctionCall)):
            return None
    return f"({text})"


def _apply(template: str, *, tight: bool = True) -> Written:
    """Fill operands into the template, in parentheses unless they are plain numbers."""

    def write(*texts: str) -> str | None:
        operands = [_operand(text, tight=tight) for text in texts]
        return None if None in operands else template.format(*operands)

    return write


def _loosely(template: str) -> Written:
    """Fill operands that have words on both sides, which delimit them."""
    return _apply(template, tight=False)


def _share(template: str) -> Written:
    """Fill operands of which the first is a percentage. It gets no parentheses, because it must stay a percentage."""

    def write(percentage: str, text: str) -> str | None:
        operand = _operand(text, tight=True)
        return None if operand is None else template.format(percentage, operand)

    return write


def _swap(written: Written) -> Written:
    return lambda first, second: written(second, first)


def _write_list(name: str, items: str) -> str | None:
    members = _members(items)
    return f"{_LISTS[name.lower()]}({', '.join(members)})" if members else None


def _write_comparison(name: str, first: str, second: str) -> str | None:
    return f"{_LISTS[name.lower()]}(({first}), ({second}))"


def _members(items: str) -> Sequence[str]:
    """Return the members of a list in prose; none if a comma may be a thousands separator."""
    items = items.strip("()[] ")
    parts = re.split(r",\s+and\s+|,\s+|;\s*|\s+and\s+|\s*&\s*", items)
    if len(parts) == 1:
        parts = items.split(",")
        if all(re.fullmatch(r"\d{3}", p) for p in parts[1:]):
            return ()
    members = [_operand(p.replace(",", "") if _GROUPED.fullmatch(p) else p, tight=True) for p in parts]
    return [m for m in members if m] if None not in members and len(members) > 1 else ()


def _write_rounding(value: str, places: str) -> str | None:
    word = places.lower().split()[0]
    digits = int(word) if word.isdigit() else _DIGITS[word.rstrip("s")]
    return f"round(({value}), {digits})" if digits else f"round({value})"


def _root(degree: str, value: str) -> str | None:
    number = _NTH.get(degree.lower()) or int(re.sub(r"\D", "", degree) or 0)
    return f"root(({value}), {number})" if number else None


def _to_base(value: str, base: str) -> str:
    return f"{_BASES[base.lower()]}({value})"


def _from_base(base: str, digits: str) -> str | None:
    mark, radix = _MARKS[_BASES[base.lower()]]
    digits = digits.lower().removeprefix(mark)
    allowed = "0123456789abcdef"[:radix]
    return mark + digits if digits and all(d in allowed for d in digits) else None


def _from_either(digits: str, base: str) -> str | None:
    return _from_base(base, digits)


_BOOK = Phrasebook(
    slots={
        "a": r".{1,120}?",
        "b": r".{1,120}?",
        "p": r"-?[\w.,]+(?:[ -]\w+)? ?(?:%|percent|per cent|pct)",
        "m": r"\d{1,6}",
        "n": r"\d{1,6}",
        "word": r"\w{1,60}",
        "literal": r"0[xbo][0-9a-f]{1,60}",
        "list": "|".join(sorted(_LISTS, key=len, reverse=True)),
        "more": "larger|bigger|greater|higher|smaller|lower|less|largest|biggest|greatest|smallest|lowest",
        "base": r"binary|hexadecimal|hex|octal|base[ -](?:2|8|16)",
        "nth": r"\d{1,2}(?:st|nd|rd|th)|" + "|".join(_NTH),
        "sign": "<=|>=|<|>|!=",
        "places": r"\d{1,2} (?:decimals?|decimal places?|digits after the point|places?)|"
        r"(?:one|two|three|four|five|six) (?:decimals?|decimal places?|places?)|integer|whole number|"
        r"tens?|hundreds?|thousands?|millions?|tenths?|hundredths?|thousandths?|cents?",
        "logarithm": "log ?(?:2|10)",
    },
    parts={
        "percent": "percentage|percent|%",
        "as a": "(as|in) [a|an]",
        "into": "in|to|into|as",
        "off": "off|off of|discount on|discount off|discount from|less than",
        "numbers": "[all] [of] [the] [positive] (integers|numbers|whole numbers|natural numbers)",
        "tip": "tip|gratuity|sales tax|tax|vat|commission|service charge",
    },
)
_PERCENTAGE = _apply("percentage({}, {})")
_MORE, _LESS = _share("{1} + {0}"), _share("{1} - {0}")
_PLUS, _MINUS = _apply("{} + {}"), _apply("{} - {}")
_MULTIPLE = _loosely("{} mod {} = 0")

_PHRASES: tuple[tuple[str, Written], ...] = (
    # percentages
    ("<percent> of {a} is {b}", _swap(_PERCENTAGE)),
    ("{a} is what <percent> of {b}", _PERCENTAGE),
    ("<percent> is {a} [out] of {b}", _PERCENTAGE),
    ("{a} as (a|an) <percent> of {b}", _PERCENTAGE),
    ("{a} out of {b} <as a> <percent>", _PERCENTAGE),
    ("{a} <as a> <percent>", _loosely("percentage({}, 1)")),
    ("{a} <as a> (decimal|decimals) [number]", lambda value: None if "x" in value.lower() else value),
    ("[a|an] {p} <tip> (on|of|for) [a|an] [bill of] {a} [bill|meal|check|purchase]", _share("{} of {}")),
    ("(increase|raise) {a} by {p}", _swap(_MORE)),
    ("(decrease|reduce|lower|discount) {a} by {p}", _swap(_LESS)),
    ("{a} (increased|raised) by {p}", _swap(_MORE)),
    ("{a} (decreased|reduced|lowered|discounted) by {p}", _swap(_LESS)),
    ("add {p} to {a}", _MORE),
    ("(subtract|take) {p} (from|off|off of) {a}", _LESS),
    ("[a|an] {p} <off> {a}", _LESS),
    ("{a} (with|after|at|less|minus) [a|an] {p} (off|discount|reduction)", _swap(_LESS)),
    ("{p} more than {a}", _MORE),
    ("<percent> (increase|decrease|change|growth|drop) (from|between) {a} (to|and) {b}", _apply("change({}, {})")),
    # the four operations as commands
    ("add {a} to {b}", _swap(_PLUS)),
    ("add {a} (and|with) {b}", _PLUS),
    ("{a} added to {b}", _swap(_PLUS)),
    ("subtract {a} from {b}", _swap(_MINUS)),
    ("{a} subtracted from {b}", _swap(_MINUS)),
    ("take {a} [away] from {b}", _swap(_MINUS)),
    ("multiply {a} (by|and|with|times) {b}", _apply("{} * {}")),
    ("divide {a} by {b}", _apply("{} / {}")),
    ("difference (between|of) {a} and {b}", _apply("abs({} - {})")),
    ("quotient of {a} and {b}", _apply("{} / {}")),
    ("remainder (of|when|if|for|from) [dividing|you divide] {a} [is] (/|divided by|by) {b}", _apply("{} mod {}")),
    # of several numbers
    ("(sum of|add|add up|sum up|sum|total of) <numbers> (from|between) {m} (to|and|through) {n} [inclusive]",
     lambda m, n: f"sum_integers({m}, {n})"),
    ("sum of [the] first {n} [positive] (integers|numbers|whole numbers|natural numbers)",
     lambda n: f"sum_integers(1, {n})"),
    ("{list} [number|value] (of|between|among|from|in) [these numbers|the numbers] {a}", _write_list),
    ("add [up] {a}", lambda items: _write_list("sum", items)),
    ("which [number|one] is [the] {more} [number] {a} or {b}", _write_comparison),
    ("[is] {more} {a} or {b}", _write_comparison),
    # properties
    ("is {a} [a] prime [number] [or not]", lambda n: f"isprime({n})"),
    ("is {a} [an] even [number]", _loosely("{} mod 2 = 0")),
    ("is {a} [an] odd [number]", _loosely("{} mod 2 = 1")),
    ("is {a} [evenly] divisible by {b}", _MULTIPLE),
    ("is {a} a multiple of {b}", _MULTIPLE),
    ("is {a} a (factor|divisor) of {b}", _swap(_MULTIPLE)),
    ("is {a} a (perfect square|square number)", lambda n: f"floor(sqrt({n}))^2 = {n}"),
    ("is {a} (greater|larger|bigger|more|higher) than {b}", _loosely("{} > {}")),
    ("is {a} (less|smaller|lower|fewer) than {b}", _loosely("{} < {}")),
    ("(is|does|is it true that|true or false) {a} (equal to|equals|equal|the same as|=|==) {b}", _loosely("{} = {}")),
    ("is {a} {sign} {b}", lambda a, sign, b: f"({a}) {sign} ({b})"),
    ("(prime factors|prime factorization|prime factorisation) (of|for) {a}", lambda n: f"factors({n})"),
    ("[prime] (factorize|factorise) {a} [into primes]", lambda n: f"factors({n})"),
    # roots, logarithms, rounding, bases
    ("{nth} root of {a}", _root),
    ("(log|logarithm) base {a} of {b}", _swap(_apply("log({}, {})"))),
    ("(log|logarithm) of {a} [to|in|with] [the] base {b}", _apply("log({}, {})")),
    ("{logarithm} [of] {m}", lambda name, n: f"{name.lower().replace(' ', '')}({n})"),
    ("square of {a}", _apply("{}^2")),
    ("cube of {a}", _apply("{}^3")),
    ("(reciprocal|inverse) of {a}", _apply("1 / {}")),
    ("(double|twice|double of) {a}", _apply("2 * {}")),
    ("(triple|thrice|triple of) {a}", _apply("3 * {}")),
    ("round [off] {a} to [the] [nearest] {places}", _write_rounding),
    ("{a} [rounded] to [the] [nearest] {places}", _write_rounding),
    ("[convert] [decimal] {a} <into> {base} [notation|number]", _to_base),
    ("[convert] [the] {base} [number] {word} <into> [a] (decimal|base 10) [number]", _from_base),
    ("[convert] [the] {word} [in|from] {base} <into> (decimal|base 10)", _from_either),
    ("[convert] {literal} <into> [a] (decimal|base 10) [number]", lambda value: value),
)  # fmt: skip
_FORMS = tuple((_BOOK.phrase(text), written) for text, written in _PHRASES)


def expression(text: str) -> Iterator[str]:
    """Yield the text as expressions, most likely first; some may be invalid."""
    text = re.sub(r"(?<=[a-z])\s?[,:;](?=\s)|,(?= or )", "", text, flags=re.IGNORECASE)
    for phrase, written in _FORMS:
        groups = phrase.match(text)
        if groups and (said := written(*groups.values())):
            yield said
