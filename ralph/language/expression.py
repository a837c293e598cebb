"""The grammar of sums: parses an expression in symbols or words into a tree.

Longer than 300 lines: scanner, grammar and tree form one recursive descent, and none of them is used alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ralph.core.data import Data, frozen
from ralph.language.numerals import with_digits

MAX_LENGTH = 2000
MAX_DEPTH = 30
MAX_TOKENS = 300  # a sum of this many tokens can be as deep a tree, and Python recurses into it

CONSTANTS = frozenset(("pi", "e", "tau"))
FUNCTIONS = frozenset(
    ("sqrt", "cbrt", "root", "abs", "round", "floor", "ceil", "min", "max", "sum", "mean", "median", "product",
     "factorial", "comb", "perm", "gcd", "lcm", "mod", "pow", "ln", "log", "log10", "log2", "exp", "sin", "cos", "tan",
     "asin", "acos", "atan", "isprime", "factors", "hex", "bin", "oct", "percentage", "change", "sum_integers")
)  # fmt: skip
# Functions of one number, which need no parentheses: square root of 2.
_LOOSE = frozenset(("sqrt", "cbrt", "abs", "factorial", "ln", "log10", "log2", "exp", "sin", "cos", "tan"))
_SYNONYMS = {"average": "mean", "avg": "mean", "nthroot": "root", "modulo": "mod", "is_prime": "isprime",
             "fact": "factorial", "ceiling": "ceil", "choose": "comb", "ncr": "comb", "npr": "perm"}  # fmt: skip


class NotAnExpression(ValueError):
    """The text is not an expression; the message names the obstacle."""


@frozen
class Number(Data):
    """`text` is a literal without separators: `2340`, `0.5`, `1e6`, `0xff`."""

    text: str


@frozen
class Constant(Data):
    name: str


@frozen
class FunctionCall(Data):
    name: str
    arguments: tuple[Node, ...]


@frozen
class Prefix(Data):
    sign: str
    operand: Node


@frozen
class Postfix(Data):
    """`%`, `!` or `°`."""

    sign: str
    operand: Node


@frozen
class Binary(Data):
    sign: str
    left: Node
    right: Node


Node = Number | Constant | FunctionCall | Prefix | Postfix | Binary


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"(?P<number>0x[0-9a-f]+|0b[01]+|0o[0-7]+|(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+(?![\w.]))?)"
    r"|(?P<word>[a-z][a-z0-9_]*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^%!(),=<>°√])"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d.]|,\d)")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}-\d{1,2}-\d{4}|\d{4}/\d{1,2}/\d{1,2}")

_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "⋅": "*", "·": "*", "∗": "*", "²": "^2 ", "³": "^3 ",
                        "π": " pi ", "½": "1/2", "[": "(", "]": ")", "≤": "<=", "≥": ">=", "≠": "!="})  # fmt: skip
_WORDS: dict[str, str] = {
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "multiplied with": "*", "divided by": "/",
    "over": "/", "to the power of": "^", "to the power": "^", "raised to the power of": "^", "raised to": "^",
    "squared": "^2", "cubed": "^3", "percent": "%", "per cent": "%", "pct": "%", "modulo": " mod ", "modulus": " mod ",
    "the square root of": " sqrt ", "square root of": " sqrt ", "the cube root of": " cbrt ", "cube root of": " cbrt ",
    "sqrt of": " sqrt ", "the factorial of": " factorial ", "factorial of": " factorial ", "degrees": "°", "deg": "°",
    "degree": "°", "half of": "1/2 of ", "half": "1/2 of ", "one half of": "1/2 of ", "a third of": "1/3 of ",
    "one third of": "1/3 of ", "two thirds of": "2/3 of ", "a quarter of": "1/4 of ", "one quarter of": "1/4 of ",
    "three quarters of": "3/4 of ", "a fifth of": "1/5 of ", "one fifth of": "1/5 of ", "a tenth of": "1/10 of ",
    "one tenth of": "1/10 of ", "the absolute value of": " abs ", "absolute value of": " abs ",
    "the sine of": " sin ", "sine of": " sin ", "sin of": " sin ", "the cosine of": " cos ", "cosine of": " cos ",
    "cos of": " cos ", "the tangent of": " tan ", "tangent of": " tan ", "tan of": " tan ",
    "the natural log of": " ln ", "natural log of": " ln ", "natural logarithm of": " ln ", "ln of": " ln ",
}  # fmt: skip
_PHRASE = re.compile(r"\b(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")\b")
_POWER_WORD = re.compile(r"\b(?:raised )?to the (\d{1,4})(?:st|nd|rd|th)(?: power)?\b")
_BETWEEN_X = re.compile(r"(?<=[\d).%])\s*(?<!\b0)x\s*(?=[-\d(.])")
_POSTFIX_FACTORIAL = re.compile(r"\b(\d+) factorial\b")
_CHOOSE = re.compile(r"\b(\d+) choose (\d+)\b")


def parse(text: str) -> Node:
    """Return the tree of an expression. Raises only `NotAnExpression`, and runs in linear time."""
    if len(text) > MAX_LENGTH:
        raise NotAnExpression(f"it is longer than {MAX_LENGTH} characters")
    if _DATE.search(text):
        raise NotAnExpression("it contains a date")
    tokens = _tokens(_in_symbols(text.translate(_SIGNS).lower()))
    if not tokens:
        raise NotAnExpression("it is empty")
    if len(tokens) > MAX_TOKENS:
        raise NotAnExpression(f"it has more than {MAX_TOKENS} numbers and signs")
    return _Parser(tokens).whole()


def _in_symbols(text: str) -> str:
    text = with_digits(text)
    text = _POWER_WORD.sub(r"^\1", text)
    text = _POSTFIX_FACTORIAL.sub(r"\1!", text)
    text = _CHOOSE.sub(r"comb(\1, \2)", text)
    text = _PHRASE.sub(lambda found: _WORDS[found[0]], text)
    return _BETWEEN_X.sub(" * ", text)


def _tokens(text: str) -> list[_Token]:
    """Return the tokens. A comma groups thousands, but directly inside a function's parentheses separates arguments."""
    made: list[_Token] = []
    calls: list[bool] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        grouped = None if calls and calls[-1] else _THOUSANDS.match(text, at)
        found = grouped or _TOKEN.match(text, at)
        if not found:
            raise NotAnExpression(f"'{text[at : at + 12]}' is not understood")
        kind = "number" if grouped else str(found.lastgroup)
        word = found[0].replace(",", "") if grouped else found[0]
        if word == "(":
            calls.append(bool(made) and made[-1].text in FUNCTIONS)
        elif word == ")" and calls:
            calls.pop()
        made.append(_Token(kind, _SYNONYMS.get(word, word), at, found.end()))
        at = found.end()
    return made


# How tightly an operator binds: left, right. `of` binds looser than * and /, so 3/4 of 20 is (3/4) of 20.
_BINDING = {"=": (5, 6), "==": (5, 6), "!=": (5, 6), "<": (5, 6), ">": (5, 6), "<=": (5, 6), ">=": (5, 6),
            "+": (20, 21), "-": (20, 21), "of": (25, 24), "*": (30, 31), "/": (30, 31), "mod": (30, 31),
            "^": (51, 50), "**": (51, 50)}  # fmt: skip
_PREFIX_BINDING = 40
COMPARISONS = frozenset(("=", "==", "!=", "<", ">", "<=", ">="))


class _Parser:
    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._expression(0)
        if self._at < len(self._tokens):
            raise NotAnExpression(f"'{self._tokens[self._at].text}' is not expected there")
        return node

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at].text if at < len(self._tokens) else ""

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise NotAnExpression("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise NotAnExpression(f"a '{sign}' is missing")
        self._at += 1

    def _expression(self, least: int) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotAnExpression("it is nested too deeply")
        node = self._operand()
        while True:
            sign = self._peek()
            if sign in ("!", "°") or (sign == "%" and not self._is_modulo()):
                self._at += 1
                node = Postfix(sign, node)
                continue
            sign = "mod" if sign == "%" else sign
            if sign not in _BINDING or _BINDING[sign][0] < least:
                break
            self._at += 1
            right = self._expression(_BINDING[sign][1])
            node = _binary("^" if sign == "**" else sign, node, right, self._depth)
        self._depth -= 1
        return node

    def _operand(self) -> Node:
        token = self._next()
        if token.kind == "number":
            return Number(token.text)
        if token.text == "(":
            inside = self._expression(0)
            self._expect(")")
            return inside
        if token.text in ("+", "-"):
            return Prefix(token.text, self._expression(_PREFIX_BINDING))
        if token.text in CONSTANTS:
            return Constant(token.text)
        return self._function("sqrt" if token.text == "√" else token.text)

    def _function(self, name: str) -> Node:
        if name in FUNCTIONS and self._peek() == "(":
            return self._call(name)
        if name in _LOOSE:
            return self._loose(name)
        raise NotAnExpression(f"'{name}' is not understood")

    def _call(self, name: str) -> Node:
        self._expect("(")
        arguments = [self._expression(0)]
        while self._peek() == ",":
            self._at += 1
            arguments.append(self._expression(0))
        self._expect(")")
        return FunctionCall(name, tuple(arguments))

    def _loose(self, name: str) -> Node:
        """Parse `square root of 16`: without parentheses nothing may follow, since the extent would be unclear."""
        operand = self._expression(_PREFIX_BINDING)
        if self._peek() not in ("", ")", ",", "=", "==", "<", ">", "<=", ">="):
            raise NotAnExpression(f"it is not clear how far '{name}' reaches; parentheses would say so")
        return FunctionCall(name, (operand,))

    def _is_modulo(self) -> bool:
        """Return whether `%` means modulo: in `10 % 3` and `10%3`, not in `17% of`; space on one side is unclear."""
        if self._at + 1 >= len(self._tokens):
            return False
        before, sign, after = self._tokens[self._at - 1 : self._at + 2]
        if after.kind == "sign" and after.text != "(":
            return False
        if after.text in _BINDING:
            return False
        if (sign.start > before.end) != (after.start > sign.end):
            raise NotAnExpression("it is not clear whether '%' means percent or modulo")
        return True


def _binary(sign: str, left: Node, right: Node, depth: int) -> Node:
    share = isinstance(left, Postfix) and left.sign == "%"
    if sign == "of":
        fraction = isinstance(left, Binary) and left.sign == "/" and isinstance(left.left, Number)
        if not (share or (fraction and isinstance(getattr(left, "right", None), Number))):
            raise NotAnExpression("'of' needs a percentage or a fraction before it")
    if sign in "+-" and share and isinstance(right, Postfix) and right.sign == "%":
        raise NotAnExpression("it is not clear what these percentages are of")
    if sign in COMPARISONS and depth > 1:
        raise NotAnExpression("a comparison can only be the whole")
    if any(isinstance(n, Binary) and n.sign in COMPARISONS for n in (left, right)):
        raise NotAnExpression("only one comparison is understood")
    return Binary(sign, left, right)


def is_trivial(node: Node) -> bool:
    """Return whether the expression is a bare number or constant, with nothing to compute."""
    while isinstance(node, Prefix):
        node = node.operand
    if isinstance(node, Postfix) and node.sign in "%°":
        return True
    return isinstance(node, Number | Constant)


def show(node: Node) -> str:
    """Return the expression in symbols; a share inside a sum gets parentheses to be unambiguous."""
    match node:
        case Number(text) | Constant(text):
            return text
        case FunctionCall(name, arguments):
            return f"{name}({', '.join(map(show, arguments))})"
        case Prefix(sign, operand):
            return sign + _show(operand, _PREFIX_BINDING)
        case Postfix(sign, operand):
            return _show(operand, 60) + sign
        case Binary(sign, left, right):
            tight, loose = _BINDING[sign]
            before = _show(left, 60 if sign == "^" else tight)
            if sign == "of":
                before = before.replace(" / ", "/")
            after = _show(right, loose if sign == "^" else tight + 1)
            return f"{before}{sign}{after}" if sign == "^" else f"{before} {sign} {after}"


def _show(node: Node, least: int) -> str:
    text = show(node)
    if isinstance(node, Binary):
        keep = _BINDING[node.sign][0] >= least and node.sign != "of"
        return text if keep else f"({text})"
    return f"({text})" if isinstance(node, Prefix) and least > _PREFIX_BINDING else text
