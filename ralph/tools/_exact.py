"""Numbers that stay exact as long as possible: fractions, and decimals if no fraction is possible."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, Overflow, localcontext
from fractions import Fraction

from ralph.core.llm.tool import ToolFailure

# A Decimal is always approximate.
Value = Fraction | Decimal

MAX_DIGITS = 3000
MAX_BITS = int(MAX_DIGITS * 3.33)
PRECISION = 50
SHOWN_DIGITS = 12
MAX_PLACES = 30
_CONTEXT = Context(prec=PRECISION, Emax=20_000, Emin=-20_000, rounding=ROUND_HALF_EVEN, traps=[Overflow])
TOO_LARGE = f"the result would take more than {MAX_DIGITS} digits, which is over this calculator's limit"


def check_size(value: Value) -> Value:
    """Return the value if its size can be shown. Raises `ToolFailure`."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ToolFailure("the result is not a finite number")
        if abs(value.adjusted()) > MAX_DIGITS:
            raise ToolFailure(TOO_LARGE)
    elif value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise ToolFailure(TOO_LARGE)
    return value


def decimal(value: Value) -> Decimal:
    """Return the value to 50 digits."""
    if isinstance(value, Decimal):
        return value
    with localcontext(_CONTEXT):
        return Decimal(value.numerator) / Decimal(value.denominator)


def power(base: Value, exponent: Value) -> Value:
    """Return `base ^ exponent`, exact for whole exponents; the size is checked before the computation."""
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and isinstance(base, Fraction):
        return _whole_power(base, exponent.numerator)
    if base == 0:
        if exponent < 0:
            raise ToolFailure("zero cannot be raised to a negative power: that divides by zero")
        return Fraction(0)
    if base < 0:
        raise ToolFailure("a negative number has no real power with this exponent")
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and 2 <= exponent.denominator <= 3:
        exact = exact_root(base, exponent.denominator)
        if exact is not None:
            return _whole_power(exact, exponent.numerator)
    return compute_decimal(lambda: decimal(base) ** decimal(exponent))


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    if base == 0 and exponent < 0:
        raise ToolFailure("zero cannot be raised to a negative power: that divides by zero")
    if base in (0, 1, -1):
        return Fraction(base ** (exponent % 2 + 2)) if exponent else Fraction(1)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    # The smallest number of this many bits is 2^(bits - 1).
    if max(1, bits - 1) * abs(exponent) > MAX_BITS:
        raise ToolFailure(TOO_LARGE)
    return base**exponent


def exact_root(value: Fraction, degree: int) -> Fraction | None:
    """Return the root of this degree if it is a fraction, else None. `value` is not negative."""
    above, below = _integer_root(value.numerator, degree), _integer_root(value.denominator, degree)
    return None if above is None or below is None else Fraction(above, below)


def _integer_root(number: int, degree: int) -> int | None:
    if number < 2:
        return number
    root = 1 << -(-number.bit_length() // degree)
    while True:  # Newton's steps fall until they reach the root
        nearer = ((degree - 1) * root + number // root ** (degree - 1)) // degree
        if nearer >= root:
            break
        root = nearer
    return root if root**degree == number else None


def compute_decimal(compute: Callable[[], Decimal]) -> Decimal:
    """Return the result of `compute` with 50 digits. Raises `ToolFailure` for errors of the decimals."""
    try:
        with localcontext(_CONTEXT):
            return +compute()
    except Overflow:
        raise ToolFailure(TOO_LARGE) from None
    except DecimalException:
        raise ToolFailure("this has no real result") from None


def format_value(value: Value) -> str:
    """Format a value for a person: whole numbers and exact decimals unchanged, others to 12 digits after a `≈`."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return str(value.numerator)
        exact = _terminating(value)
        if exact is not None:
            return exact
        return f"≈ {_round_decimal(decimal(value))}"
    text = _round_decimal(value)
    # A root or logarithm that is short after 50 digits of work is exactly that number.
    short = len(text.replace("-", "").replace(".", "").strip("0")) <= SHOWN_DIGITS // 2 and "e" not in text
    return text if short else f"≈ {text}"


def _terminating(value: Fraction) -> str | None:
    below, places = value.denominator, 0
    while below % 10 == 0:
        below, places = below // 10, places + 1
    for prime in (2, 5):
        while below % prime == 0 and places <= MAX_PLACES:
            below, places = below // prime, places + 1
    if below != 1 or places > MAX_PLACES:
        return None
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:].rstrip('0')}"


def places(value: Decimal, digits: int) -> str:
    """Format the value to this many significant digits, or to two decimals if that is more."""
    return _round_decimal(value, max(digits, value.adjusted() + 3) if value else digits)


def _round_decimal(value: Decimal, digits: int = SHOWN_DIGITS) -> str:
    with localcontext(_CONTEXT) as context:
        context.prec = digits
        value = +value
    if value == 0:
        return "0"
    if -7 < value.adjusted() < 15:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{value.normalize():e}".partition("e")
    return f"{mantissa}e{int(exponent)}"
