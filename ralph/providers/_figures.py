"""Checks the token counts and costs of a server. An impossible figure is not believed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ralph.core.llm.usage import NANO, Usage
from ralph.providers._unicode import pair_halves

# No request has more tokens or costs more dollars than this: the largest windows have ten million tokens.
MOST_TOKENS = 100_000_000
MOST_DOLLARS = 100_000

Path = str | tuple[str, ...]
_MISSING = object()


class Figures:
    """Reads one usage report. `doubtful` maps a token class to the impossible value that the server reported."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self.doubtful: dict[str, str] = {}

    def count(self, class_: str, *paths: Path) -> int | None:
        """Return the greatest count under these names, each a key or a path of keys; None if there is none.

        Whole numbers are read, also as floats and as text. Any other value is kept as doubtful, unless another of the
        names has a count.
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
        """Return nano-dollars under the first of these names that states an amount; None if none does."""
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
        """Return the counts as usage, with no part greater than its whole; None if neither whole is known."""
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
    """The sum of an answer's usage reports: the greatest count of each class, and the greatest cost."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.raw: Mapping[str, Any] | None = None
        self.cost: int | None = None
        self.doubtful: dict[str, str] = {}

    def add(self, figures: Figures, usage: Usage | None, raw: Mapping[str, Any] | None, cost: int | None) -> None:
        """Add one report. The `raw` of the last report with anything new is kept."""
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
    """Merge two reports of one answer: the greater count of each class, since the answer grew between the reports.

    A later zero or a smaller figure is ignored.
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
    """Return a token count; None for a value that is negative, broken, too large or of another type."""
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
    """Return an amount in nano-dollars, rounded half-even; None for an amount that no request can cost."""
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
    """Return a figure in the form in which a note shows it."""
    text = pair_halves(str(value))
    return text if len(text) <= 40 else f"{text[:39]}…"
