"""The settings of a request: their valid values, parsed from the text of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind, did_you_mean

Value = float | int | str
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
THOUGHTS = ("off", "on", "auto", "adaptive", "low", "medium", "high")
# Anthropic's least budget; a smaller one is a mistake with every vendor.
LEAST_BUDGET = 1024


@frozen
class Setting(Data):
    """A setting. `says` describes its values, as the end of a sentence; `read` returns None for an invalid value."""

    says: str
    read: Callable[[str], Value | None]
    words: tuple[str, ...] = ()


def _number(low: float, high: float) -> Setting:
    def read(text: str) -> Value | None:
        try:
            value = float(text)
        except ValueError:
            return None
        if not low <= value <= high:
            return None
        return int(value) if value.is_integer() and "." not in text else value

    return Setting(f"a number from {low:g} to {high:g}", read)


def _count(low: int, what: str) -> Setting:
    def read(text: str) -> Value | None:
        digits = text.replace(",", "").replace("_", "")
        value = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 12 else -1
        return value if value >= low else None

    return Setting(what, read)


def _word(words: tuple[str, ...]) -> Setting:
    return Setting(
        f"one of {', '.join(words)}", lambda text: text.casefold() if text.casefold() in words else None, words
    )


def _thinking(text: str) -> Value | None:
    if text.casefold() in THOUGHTS:
        return text.casefold()
    return _count(LEAST_BUDGET, "").read(text)


SETTINGS: Mapping[str, Setting] = {
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "top_k": _count(1, "a whole number from 1 on"),
    "min_p": _number(0, 1),
    "seed": _count(0, "a whole number from 0 on"),
    "max_output": _count(1, "tokens, a whole number from 1 on"),
    "effort": _word(EFFORTS),
    "thinking": Setting(f"one of {', '.join(THOUGHTS)}, or tokens from {LEAST_BUDGET} on", _thinking, THOUGHTS),
    "stop": Setting("a text", lambda text: text or None),
    "presence_penalty": _number(-2, 2),
    "frequency_penalty": _number(-2, 2),
    "repeat_penalty": _number(0, 2),
}
# Synonyms from other tools.
ALSO: Mapping[str, str] = {
    "max_tokens": "max_output", "max_output_tokens": "max_output", "num_predict": "max_output",
    "reasoning_effort": "effort", "temp": "temperature",
}  # fmt: skip


def key_of(word: str) -> str:
    """Return the setting of this name. Raises `Failure(USAGE)` with the nearest name."""
    name = word.casefold().replace("-", "_")
    name = ALSO.get(name, name)
    if name in SETTINGS:
        return name
    hint = did_you_mean(name, [*SETTINGS, *ALSO]) or f"; there are {', '.join(SETTINGS)}"
    raise Failure(Kind.USAGE, f"there is no setting '{word}'{hint}")


def value_of(key: str, text: str) -> Value:
    """Return the parsed value of this setting. Raises `Failure(USAGE)`."""
    value = SETTINGS[key].read(text.strip())
    if value is None:
        raise Failure(Kind.USAGE, f"{key} is {SETTINGS[key].says}, or off; not '{text.strip()}'")
    return value
