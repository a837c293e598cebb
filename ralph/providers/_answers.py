"""Builds answers from tool results by template: a call and its output become a sentence of markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ralph.core.llm.messages import CallPart, ResultPart


class Made(NamedTuple):
    """A call of this turn and its result."""

    call: CallPart
    result: ResultPart


def answer(results: Sequence[Made]) -> str:
    """Return all results in order as markdown; short results share a line."""
    told = [_describe(made) for made in results]
    parts: list[str] = []
    for text in dict.fromkeys(told):
        short = "\n" not in text and len(text) < 120
        if parts and short and "\n" not in parts[-1] and not parts[-1].startswith(("#", "-", "`")):
            parts[-1] += f" {text}"
        else:
            parts.append(text)
    return "\n\n".join(parts)


def _describe(made: Made) -> str:
    output = made.result.output.strip()
    told = _FAILED if made.result.error else _TOLD.get(made.call.name, _plainly)
    return told(made.call.arguments, output)


def _describe_failure(arguments: Mapping[str, Any], output: str) -> str:
    expression = str(arguments.get("expression", ""))
    return f"{escape_markdown(expression)} has no answer here: {output}." if expression else _sentence(output)


def _describe_calculation(arguments: Mapping[str, Any], output: str) -> str:
    expression = str(arguments.get("expression", "")).strip()
    for pattern, told in _SUMS:
        found = pattern.fullmatch(expression)
        if found:
            return told(found, output)
    if output in ("true", "false"):
        return f"{'Yes' if output == 'true' else 'No'}: {escape_markdown(expression)} is {output}."
    note = " (angles in radians)" if re.search(r"\b(?:sin|cos|tan)\b(?![^)]*°)", expression) else ""
    return f"{escape_markdown(expression)} {_is(output)}{note}."


def _is(output: str) -> str:
    return f"is about {output[1:].strip()}" if output.startswith("≈") else f"is {escape_markdown(output)}"


def _plainly(_: Mapping[str, Any], output: str) -> str:
    return output if "\n" in output else _sentence(output)


def _sentence(text: str) -> str:
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    if first.isalpha() and first.islower():  # the name of a file stays as it is written
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "`", ":")) else f"{text}."


def escape_markdown(expression: str) -> str:
    """Escape the signs that markdown would interpret, such as `*`."""
    return expression.replace(" * ", " × ").replace("*", "×")


def _prime(found: re.Match[str], output: str) -> str:
    return f"{'Yes' if output == 'true' else 'No'}: {found[1]} is {'' if output == 'true' else 'not '}a prime number."


def _parity(found: re.Match[str], output: str) -> str:
    even = (found[2] == "0") == (output == "true")
    yes = "Yes" if output == "true" else "No"
    return f"{yes}: {found[1]} is {'even' if even else 'odd'}."


def _divisible(found: re.Match[str], output: str) -> str:
    yes = output == "true"
    return f"{'Yes' if yes else 'No'}: {found[1]} is {'' if yes else 'not '}divisible by {found[2]}."


def _equal(found: re.Match[str], output: str) -> str:
    yes = output == "true"
    return (
        f"{'Yes' if yes else 'No'}: {escape_markdown(found[1])} is {'' if yes else 'not '}{escape_markdown(found[2])}."
    )


_NAMES = {"mean": "average", "max": "largest", "min": "smallest", "gcd": "greatest common divisor",
          "lcm": "least common multiple", "sum": "sum", "product": "product", "median": "median"}  # fmt: skip
_BASES = {"hex": "hexadecimal", "bin": "binary", "oct": "octal"}

_SUMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], str]], ...] = (
    (re.compile(r"isprime\((.+)\)"), _prime),
    (re.compile(r"factors\((.+)\)"), lambda m, out: f"The prime factors of {m[1]}: {escape_markdown(out)}."),
    (re.compile(r"(-?\d+) mod 2 = ([01])"), _parity),
    (re.compile(r"(.+) mod (.+) = 0"), _divisible),
    (re.compile(r"([^=<>!]+) = ([^=<>!]+)"), _equal),
    (re.compile(r"percentage\((.+), 1\)"), lambda m, out: f"{m[1].replace(' / ', '/')} {_is(out)}."),
    (re.compile(r"percentage\((.+), (.+)\)"), lambda m, out: f"{m[1]} {_is(out)} of {m[2]}."),
    (re.compile(r"change\((.+), (.+)\)"), lambda m, out: f"The change from {m[1]} to {m[2]} {_is(out)}."),
    (re.compile(r"sum_integers\((.+), (.+)\)"), lambda m, out: f"The sum of the integers from {m[1]} to {m[2]} "
     f"{_is(out)}."),
    (re.compile(r"(hex|bin|oct)\((.+)\)"), lambda m, out: f"{m[2]} in {_BASES[m[1]]} is {out}."),
    (re.compile(r"round\((.+), (-?\d+)\)"), lambda m, out: f"{escape_markdown(m[1])} rounded to {_places(int(m[2]))} "
     f"{_is(out)}."),
    (re.compile(r"round\(([^,]+)\)"), lambda m, out: f"{escape_markdown(m[1])} rounded to a whole number {_is(out)}."),
    (re.compile(rf"({'|'.join(_NAMES)})\((.+)\)"), lambda m, out: f"The {_NAMES[m[1]]} of {m[2]} {_is(out)}."),
)  # fmt: skip


def _places(count: int) -> str:
    if count < 0:
        return f"the nearest {10**-count}"
    return f"{count} decimal place{'' if count == 1 else 's'}"


def _describe_conversion(_: Mapping[str, Any], output: str) -> str:
    return _sentence(output.replace(" ≈ ", " is about ").replace(" = ", " is "))


_FAILED = _describe_failure
_TOLD: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "calculate": _describe_calculation,
    "convert": _describe_conversion,
}
