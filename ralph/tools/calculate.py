"""The tool that computes: sums, percentages, powers, roots and the like, exactly where possible."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, ToolCall, ToolFailure
from ralph.language import expression as language
from ralph.tools._arguments import check_arguments
from ralph.tools._exact import MAX_DIGITS, TOO_LARGE, Value, check_size, decimal, format_value, power
from ralph.tools._functions import FUNCTIONS, PI, TAU, E, Result, combine, divide, factorial, remainder

_SPEC = ToolSpec(
    "calculate",
    "Computes an expression, exactly where possible. Write 17% of 2340, 200 + 15%, (3 + 4)^2, sqrt(2), 5!, 10 mod 3, "
    "sin(30°), log(8, 2), round(2/3, 2), mean(1, 2, 3), isprime(97), factors(84), hex(255), 2^10 > 1000. "
    "Functions: " + ", ".join(sorted(FUNCTIONS)) + ". Angles are in radians unless ° follows. An answer that was "
    "rounded begins with ≈.",
    {
        "type": "object",
        "properties": {"expression": {"type": "string", "description": "what to compute, without an = at the end"}},
        "required": ["expression"],
        "additionalProperties": False,
    },
)
_COMPARE = {"=": operator.eq, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt,
            "<=": operator.le, ">=": operator.ge}  # fmt: skip
_OPERATIONS: Mapping[str, Callable[[Value, Value], Value]] = {
    "+": lambda a, b: combine(a, b, operator.add), "-": lambda a, b: combine(a, b, operator.sub),
    "*": lambda a, b: combine(a, b, operator.mul), "of": lambda a, b: combine(a, b, operator.mul),
    "/": divide, "mod": remainder, "^": lambda a, b: check_size(power(a, b)),
}  # fmt: skip
_POSTFIX: Mapping[str, Callable[[Value], Value]] = {
    "!": factorial, "%": lambda a: divide(a, Fraction(100)), "°": lambda a: combine(a, PI / 180, operator.mul)
}  # fmt: skip
_CONSTANTS = {"pi": PI, "e": E, "tau": TAU}


def compute(text: str) -> str:
    """Return the result as shown. Raises `ToolFailure`, also for a result that is too large or does not exist."""
    try:
        tree = language.parse(text)
    except language.NotAnExpression as error:
        raise ToolFailure(f"this expression cannot be computed: {error}") from None
    result = _value(tree)
    return result if isinstance(result, str) else format_value(check_size(result))


def _value(node: language.Node) -> Result:
    match node:
        case language.Number(text):
            value: Result = _number(text)
        case language.Constant(name):
            value = _CONSTANTS[name]
        case language.Prefix(sign, operand):
            value = combine(Fraction(0), _real(operand), lambda a, b: a - b if sign == "-" else a + b)
        case language.Postfix(sign, operand):
            value = _POSTFIX[sign](_real(operand))
        case language.FunctionCall(name, arguments):
            value = _call(name, [_real(a) for a in arguments])
        case language.Binary(sign, left, right) if sign in _COMPARE:
            value = _compare(sign, _real(left), _real(right))
        case language.Binary(sign, left, right):
            before = _real(left)
            value = _OPERATIONS[sign](before, _change(sign, before, right))
    return value


def _change(sign: str, whole: Value, node: language.Node) -> Value:
    """Return the right operand. After + and - a percentage refers to the left operand: 200 + 15% is 230."""
    value = _real(node)
    if sign in "+-" and isinstance(node, language.Postfix) and node.sign == "%":
        return combine(whole, value, operator.mul)
    return value


def _compare(sign: str, left: Value, right: Value) -> str:
    difference = combine(left, right, operator.sub)
    if isinstance(difference, Decimal) and abs(difference) <= abs(decimal(right)) * Decimal("1e-30"):
        difference = Decimal(0)
    return "true" if _COMPARE[sign](difference, 0) else "false"


def _real(node: language.Node) -> Value:
    value = _value(node)
    if isinstance(value, str):
        raise ToolFailure(f"'{value[:40]}' is a text and cannot be computed with")
    return value


def _number(text: str) -> Value:
    if text[:2] in ("0x", "0b", "0o"):
        return check_size(Fraction(int(text, 0)))
    exponent = text.partition("e")[2]
    if len(text) > MAX_DIGITS or (exponent and abs(int(exponent[:9])) > MAX_DIGITS):
        raise ToolFailure(TOO_LARGE)
    return check_size(Fraction(text))


def _call(name: str, arguments: list[Value]) -> Result:
    function, fewest, most = FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise ToolFailure(f"{name} takes {wanted} arguments; it got {len(arguments)}")
    result = function(*arguments)
    return result if isinstance(result, str) else check_size(result)


@frozen
class Calculate(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "none"

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str:
        return compute(check_arguments(self.spec, arguments)["expression"])


TOOL = Calculate()
