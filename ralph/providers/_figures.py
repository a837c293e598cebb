"""Figures of a server, believed only where they can be true: counts of tokens, and costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ralph.core.llm.usage import NANO, Usage
from ralph.providers._unicode import pair_halves

# No request reads or writes more tokens, or costs more dollars, than this: windows end at ten million tokens.
MOST_TOKENS = 100_000_000
MOST_DOLLARS = 100_000

Path = str | tuple[str, ...]
_MISSING = object()


class Figures:
    """Reads one report of usage. `doubtful`: what it said of a class that cannot be true, by the class."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self.doubtful: dict[str, str] = {}

    def count(self, class_: str, *paths: Path) -> int | None:
        """The greatest count under any of these names, each a key or a path of keys; None where there is none.

        Whole numbers are read, also as floats and as text. Whatever else stands there is kept as doubtful, unless
        another of the names has a count.
        """
        found: int | None = None
        odd = ""
        for path in paths:
            value = _at(self._raw, path)
            if value is _MISSING or value is None:
                continue
            read = tokens(value)
            if read is None:
                odd = odd or _quote(value)
            elif found is None or read > found:
                found = read
        if found is None and odd:
            self.doubtful[class_] = odd
        return found

    def has(self, path: Path) -> bool:
        return _at(self._raw, path) not in (_MISSING, None)

    def cost(self, *paths: Path, per_dollar: int = 1) -> int | None:
        """Nano-dollars under the first of these names that states an amount; None where none does."""
        for path in paths:
            value = _at(self._raw, path)
            if value is _MISSING or value is None or isinstance(value, Mapping):
                continue
            nano = nano_dollars(value, per_dollar)
            if nano is not None:
                self.doubtful.pop("cost", None)
                return nano
            self.doubtful.setdefault("cost", _quote(value))
        return None

    def usage(
        self,
        read: int | None,
        out: int | None,
        *,
        cached: int | None = None,
        written: int | None = None,
        reasoning: int | None = None,
    ) -> Usage | None:
        """The counts as the house's usage, parts no greater than their wholes; None where neither whole is known."""
        if read is None and out is None:
            return None
        for class_, value in (("input", read), ("output", out)):
            if value is None:
                self.doubtful.setdefault(class_, "")
        whole, made = read or 0, out or 0
        hit = self._within("cache_read", cached or 0, whole)
        put = self._within("cache_write", written or 0, whole - hit)
        return Usage(whole, hit, put, made, self._within("reasoning", reasoning or 0, made), "reported")

    def _within(self, class_: str, part: int, whole: int) -> int:
        if part > whole and ("output" if class_ == "reasoning" else "input") not in self.doubtful:
            self.doubtful[class_] = f"{part} of {whole}"
        return min(part, whole)


class Tally:
    """What the reports of one answer say together: the greatest count of each class, and the greatest cost."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.raw: Mapping[str, Any] | None = None
        self.cost: int | None = None
        self.doubtful: dict[str, str] = {}

    def add(self, figures: Figures, usage: Usage | None, raw: Mapping[str, Any] | None, cost: int | None) -> None:
        """One report more. `raw` is kept of the last that said anything new."""
        before, self.usage = self.usage, merge_usage(self.usage, usage)
        if raw is not None and (self.raw is None or self.usage != before or (cost or 0) > (self.cost or 0)):
            self.raw = raw
        self.doubtful |= figures.doubtful
        for class_ in ("input", "output"):
            if self.usage is not None and getattr(self.usage, class_):
                self.doubtful.pop(class_, None)
        if cost is not None:
            self.cost = max(cost, self.cost or 0)
            self.doubtful.pop("cost", None)


def merge_usage(before: Usage | None, now: Usage | None) -> Usage | None:
    """Two reports of one answer: of each class the greater count, since both were counted while it grew.

    A zero or a smaller figure that comes later says nothing.
    """
    if before is None or now is None:
        return now or before
    return Usage(
        max(before.input, now.input),
        max(before.cache_read, now.cache_read),
        max(before.cache_write, now.cache_write),
        max(before.output, now.output),
        max(before.reasoning, now.reasoning),
        "reported",
    )


def tokens(value: Any) -> int | None:
    """A count of tokens; None for what is none: negative, broken, beyond all bounds, of another type."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        number = _decimal(value)
        if number is None or number != number.to_integral_value():
            return None
        value = int(number)
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= MOST_TOKENS else None


def nano_dollars(value: Any, per_dollar: int = 1) -> int | None:
    """An amount as nano-dollars, rounded half-even; None for what is no amount that a request can cost."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    amount = _decimal(str(value))
    if amount is None or not 0 <= amount <= MOST_DOLLARS * per_dollar:
        return None
    return round(amount * NANO / per_dollar)


def _decimal(text: str) -> Decimal | None:
    if len(text) > 40:
        return None
    try:
        number = Decimal(text.strip().replace("_", "x"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < 30 else None


def _at(data: Any, path: Path) -> Any:
    for name in (path,) if isinstance(path, str) else path:
        data = data.get(name, _MISSING) if isinstance(data, Mapping) else _MISSING
    return data


def _quote(value: Any) -> str:
    """A figure as a note shows it."""
    text = pair_halves(str(value))
    return text if len(text) <= 40 else f"{text[:39]}…"
