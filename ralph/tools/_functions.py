"""The calculator's functions, each from exact values to a value or to a finished text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from ralph.core.llm.tool import ToolFailure
from ralph.tools._exact import (
    MAX_BITS,
    TOO_LARGE,
    Value,
    check_size,
    compute_decimal,
    decimal,
    exact_root,
    format_value,
    power,
)

Result = Value | str

MAX_FACTORIAL = 1100
MAX_FACTORED = 10**12
PI = Decimal("3.14159265358979323846264338327950288419716939937510582")
TAU = Decimal("6.28318530717958647692528676655900576839433879875021164")
E = Decimal("2.71828182845904523536028747135266249775724709369995957")


def whole(value: Value, what: str) -> int:
    """Return the value as an integer. Raises `ToolFailure`, which says what needs an integer."""
    if value != int(value):
        raise ToolFailure(f"{what} needs whole numbers")
    return int(value)


def factorial(value: Value) -> Value:
    number = whole(value, "a factorial")
    if number < 0:
        raise ToolFailure("a negative number has no factorial")
    if number > MAX_FACTORIAL:
        raise ToolFailure(TOO_LARGE)
    return Fraction(math.factorial(number))


def add(values: Sequence[Value]) -> Value:
    """Return the sum; it is approximate if one value is."""
    total: Value = Fraction(0)
    for value in values:
        total = combine(total, value, lambda a, b: a + b)
    return total


def combine(left: Value, right: Value, by: Callable[..., Value]) -> Value:
    """Apply the operation to both values as fractions, or as decimals if one value is approximate."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return check_size(by(left, right))
    return check_size(compute_decimal(lambda: decimal(by(decimal(left), decimal(right)))))


def divide(left: Value, right: Value) -> Value:
    if right == 0:
        raise ToolFailure("division by zero has no result")
    return combine(left, right, lambda a, b: a / b)


def remainder(left: Value, right: Value) -> Value:
    if right == 0:
        raise ToolFailure("division by zero has no remainder")
    return combine(left, right, lambda a, b: a - b * math.floor(a / b))


def _root(value: Value, degree: Value = Fraction(2)) -> Value:
    by = whole(degree, "a root")
    if not 1 <= by <= 100:
        raise ToolFailure("a root needs a degree from 1 to 100")
    if value < 0:
        if by % 2 == 0:
            raise ToolFailure("a negative number has no real square root" if by == 2 else "it has no real root")
        return -_root(-value, degree)
    exact = exact_root(value, by) if isinstance(value, Fraction) else None
    return exact if exact is not None else power(value, Fraction(1, by))


def _round(value: Value, places: Value = Fraction(0)) -> Value:
    """Round a value. Halves are rounded away from zero, as in school."""
    digits = whole(places, "rounding")
    if not -100 <= digits <= 100:
        raise ToolFailure("rounding needs from -100 to 100 places")
    scaled = abs(Fraction(value)) * Fraction(10) ** digits + Fraction(1, 2)
    rounded = Fraction(math.floor(scaled)) / Fraction(10) ** digits
    return -rounded if value < 0 else rounded


def _least(*values: Value) -> Value:
    return min(values, key=decimal)


def _most(*values: Value) -> Value:
    return max(values, key=decimal)


def _median(*values: Value) -> Value:
    ranked, middle = sorted(values, key=decimal), len(values) // 2
    return ranked[middle] if len(values) % 2 else divide(add(ranked[middle - 1 : middle + 1]), Fraction(2))


def _product(*values: Value) -> Value:
    total: Value = Fraction(1)
    for value in values:
        total = combine(total, value, lambda a, b: a * b)
    return total


def _comb(n: Value, k: Value, ways: Callable[[int, int], int] = math.comb) -> Value:
    total, chosen = whole(n, "counting choices"), whole(k, "counting choices")
    if total < 0 or chosen < 0:
        raise ToolFailure("counting choices needs numbers that are not negative")
    if min(chosen, total) * total.bit_length() > MAX_BITS:
        raise ToolFailure(TOO_LARGE)
    return Fraction(ways(total, chosen))


def _logarithm(value: Value, base: Value) -> Value:
    if value <= 0 or base <= 0 or base == 1:
        raise ToolFailure("a logarithm needs a number above zero, and a base above zero that is not 1")
    if isinstance(value, Fraction) and isinstance(base, Fraction):
        near = round(compute_decimal(lambda: decimal(value).ln() / decimal(base).ln()))
        if abs(near) < MAX_BITS and power(base, Fraction(near)) == value:
            return Fraction(near)
    return compute_decimal(lambda: decimal(value).ln() / decimal(base).ln())


def _log(value: Value, base: Value | None = None) -> Value:
    if base is None:
        raise ToolFailure("log needs a base: say ln(x), log10(x), log2(x) or log(x, base)")
    return _logarithm(value, base)


def _exp(value: Value) -> Value:
    if not -10_000 < value < 10_000:
        raise ToolFailure(TOO_LARGE)
    return compute_decimal(lambda: decimal(value).exp())


def _angle(compute: Callable[[float], float], *, tangent: bool = False) -> Callable[[Value], Value]:
    def of(value: Value) -> Value:
        if not -(10**9) < value < 10**9:
            raise ToolFailure("this angle is too large to be exact about")
        angle = float(decimal(value) % TAU)
        if tangent and abs(math.cos(angle)) < 1e-12:
            raise ToolFailure("the tangent is not defined at this angle")
        return _from_float(compute(angle))

    return of


def _arc(compute: Callable[[float], float], *, narrow: bool) -> Callable[[Value], Value]:
    def of(value: Value) -> Value:
        if narrow and not -1 <= value <= 1:
            raise ToolFailure("this needs a number from -1 to 1")
        return _from_float(compute(float(value)))

    return of


def _from_float(number: float) -> Decimal:
    return Decimal(0) if abs(number) < 1e-12 else Decimal(f"{number:.12g}")


def _is_prime(value: Value) -> str:
    number = whole(value, "being prime")
    return "true" if number > 1 and _factors(number) == [number] else "false"


def _factor(value: Value) -> str:
    number = whole(value, "factoring")
    if number < 2:
        raise ToolFailure("only whole numbers from 2 on have prime factors")
    return " * ".join(map(str, _factors(number)))


def _factors(number: int) -> list[int]:
    if abs(number) > MAX_FACTORED:
        raise ToolFailure(f"only numbers up to {MAX_FACTORED} are factored")
    found, prime = [], 2
    while prime * prime <= number:
        while number % prime == 0:
            found.append(prime)
            number //= prime
        prime += 1 if prime == 2 else 2
    return [*found, number] if number > 1 else found


def _change(before: Value, after: Value) -> str:
    change = divide(combine(after, before, lambda a, b: 100 * (a - b)), before if before > 0 else -before)
    return f"{format_value(change)}%"


def _sum_integers(first: Value, last: Value) -> Value:
    low, high = whole(first, "this sum"), whole(last, "this sum")
    if high < low:
        raise ToolFailure("this sum needs the smaller number first")
    return Fraction((high - low + 1) * (low + high), 2)


FUNCTIONS: Mapping[str, tuple[Callable[..., Result], int, int]] = {
    # name: function, fewest and most arguments
    "sqrt": (_root, 1, 1), "cbrt": (lambda x: _root(x, Fraction(3)), 1, 1), "root": (_root, 2, 2),
    "abs": (abs, 1, 1), "round": (_round, 1, 2), "floor": (lambda x: Fraction(math.floor(x)), 1, 1),
    "ceil": (lambda x: Fraction(math.ceil(x)), 1, 1), "min": (_least, 1, 100),
    "max": (_most, 1, 100), "sum": (lambda *x: add(x), 1, 100), "product": (_product, 1, 100),
    "mean": (lambda *x: divide(add(x), Fraction(len(x))), 1, 100), "median": (_median, 1, 100),
    "factorial": (factorial, 1, 1), "comb": (_comb, 2, 2), "perm": (lambda n, k: _comb(n, k, math.perm), 2, 2),
    "gcd": (lambda *x: Fraction(math.gcd(*(whole(v, "a common divisor") for v in x))), 2, 100),
    "lcm": (lambda *x: Fraction(math.lcm(*(whole(v, "a common multiple") for v in x))), 2, 100),
    "mod": (remainder, 2, 2), "pow": (power, 2, 2), "ln": (lambda x: _logarithm(x, E), 1, 1), "log": (_log, 1, 2),
    "log10": (lambda x: _logarithm(x, Fraction(10)), 1, 1), "log2": (lambda x: _logarithm(x, Fraction(2)), 1, 1),
    "exp": (_exp, 1, 1), "sin": (_angle(math.sin), 1, 1), "cos": (_angle(math.cos), 1, 1),
    "tan": (_angle(math.tan, tangent=True), 1, 1), "asin": (_arc(math.asin, narrow=True), 1, 1),
    "acos": (_arc(math.acos, narrow=True), 1, 1), "atan": (_arc(math.atan, narrow=False), 1, 1),
    "isprime": (_is_prime, 1, 1), "factors": (_factor, 1, 1),
    "hex": (lambda x: hex(whole(x, "hexadecimal")), 1, 1), "bin": (lambda x: bin(whole(x, "binary")), 1, 1),
    "oct": (lambda x: oct(whole(x, "octal")), 1, 1),
    "percentage": (lambda x, y: f"{format_value(divide(combine(x, Fraction(100), lambda a, b: a * b), y))}%", 2, 2),
    "change": (_change, 2, 2), "sum_integers": (_sum_integers, 2, 2),
}  # fmt: skip
