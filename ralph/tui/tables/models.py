"""The models of all providers as lines of one table: prices, window, and the speed measured here."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal

from rich.cells import cell_len
from textual.content import Content

from ralph.commands._connecting import how_to_connect
from ralph.core.data import Data, frozen
from ralph.core.formatting import plural, seconds
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.rows import ModelRow, ProviderRow
from ralph.tui import fuzzy
from ralph.tui.brush import column, fit
from ralph.tui.text import one_line

ROLES = ("route", "tool", "format")
WIDE = 110


@frozen
class Listed(Data):
    """A provider and its models. `models` is None until the provider answers. `failed` says why there is no list."""

    provider: ProviderRow
    models: tuple[ModelRow, ...] | None = None
    failed: str = ""


@frozen
class ModelLine(Data):
    """One line of the table. `ref` is the model that the line chooses, or "" for a heading."""

    ref: str
    content: Content


@frozen
class Using(Data):
    """The present choices: the ref of each role, and the refs of each alias."""

    roles: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]

    def of(self, ref: str) -> str:
        """Return the roles that use this ref, or `all` for all three."""
        mine = [r for r in ROLES if self.roles.get(r) == ref]
        return "all" if len(mine) == len(ROLES) else ", ".join(mine)

    def list_aliases(self, ref: str) -> list[str]:
        return [name for name, refs in self.aliases.items() if ref in refs]


def head(width: int) -> Content:
    """Return the heads of the columns."""
    cells = ("model", "$/M in", "$/M out", "window", "speed here", "now", "alias")
    return Content.styled(_join(cells, width), "$faint")


def lines(listed: Sequence[Listed], using: Using, typed: str, width: int) -> list[ModelLine]:
    """Return the lines: providers in order, best matches of `typed` first, then the providers not connected."""
    groups: list[tuple[fuzzy.Rank, list[ModelLine]]] = []
    if found := _aliases(using, typed, width):
        groups.append(found)
    for one in listed:
        if one.provider.configured and (found := _group(one, using, typed, width)):
            groups.append(found)
    groups.sort(key=lambda g: g[0])
    made = [line for _, group in groups for line in group]
    loose = [one.provider for one in listed if not one.provider.configured]
    left = [row for row in loose if fuzzy.rank(typed, row.name) is not None]
    if left:
        made.append(ModelLine("", Content.styled("not connected", "bold $muted")))
        made += [ModelLine("", _wrap(f"{row.name}: {how_to_connect(row)}", width)) for row in left]
    return made


def _aliases(using: Using, typed: str, width: int) -> tuple[fuzzy.Rank, list[ModelLine]] | None:
    named = [(f"{name} {' '.join(refs)}", (name, refs)) for name, refs in using.aliases.items()]
    found = fuzzy.narrow(typed, named)
    if not found:
        return None
    heading = ModelLine("", Content.styled("aliases", "bold $step-user"))
    rows = [
        ModelLine(name, Content(f"  {one_line(name)}" + fit(f"  → {', '.join(refs)}", width - 20)))
        for _, (name, refs) in found
    ]
    return found[0][0], [heading, *rows]


def _group(one: Listed, using: Using, typed: str, width: int) -> tuple[fuzzy.Rank, list[ModelLine]] | None:
    """Return the heading of a provider and its models with the best rank, or None if nothing matches `typed`."""
    heading = ModelLine("", _heading(one, width))
    if not one.models:
        found = fuzzy.rank(typed, one.provider.name)
        return None if found is None else (found, [heading])
    texts = [(f"{m.ref} {' '.join(using.list_aliases(m.ref))}", m) for m in one.models]
    shown = fuzzy.narrow(typed, texts)
    if not shown:
        return None
    return shown[0][0], [heading, *(ModelLine(m.ref, _row(m, one.provider, using, width)) for _, m in shown)]


def _heading(one: Listed, width: int) -> Content:
    row = one.provider
    name = (row.name, "bold $step-user")
    if one.failed:
        return Content("\n").join([Content.assemble(name, (" · ! no list", "$text-warning")), _wrap(one.failed, width)])
    listed = "loading the list …" if one.models is None else "lists no model"
    state = plural(len(one.models), "model") if one.models else listed
    told = [
        row.why,
        "server on this machine" if row.local and row.name != "builtin" and "machine" not in row.why else "",
        state,
    ]
    made = Content.assemble(name, (f" · {' · '.join(one_line(t) for t in told if t)}", "$muted"))
    if row.breakers:
        made = Content.assemble(made, (f" · ! paused after failures: {', '.join(row.breakers)}", "$text-warning"))
    return made


def _row(model: ModelRow, provider: ProviderRow, using: Using, width: int) -> Content:
    name = ModelRef.parse(model.ref).model
    shut = any(b.partition(" (")[0] == name for b in provider.breakers)
    mark = "! " if shut else "  "
    used = using.of(model.ref)
    cells = (
        mark + one_line(name), *prices(model.price), size(model.window), speed(model), used,
        ", ".join(using.list_aliases(model.ref)),
    )  # fmt: skip
    return Content.styled(_join(cells, width), "bold" if used else "")


def _join(cells: Sequence[str], width: int) -> str:
    """Return the columns of a line. A narrow line leaves the last column out."""
    name, given, made, window, pace, used, alias = cells
    wide = width >= WIDE
    sizes = (8, 8, 8, 15, 14) if wide else (7, 8, 7, 12, 13)
    figures = zip((given, made, window, pace), sizes, strict=False)
    tail = "".join(column(cell, room) for cell, room in figures)
    tail += "  " + fit(used, sizes[-1]) + (fit(alias, 16) if wide else "")
    return fit(name, max(12, width - cell_len(tail))) + tail


def prices(row: PriceRow | None) -> tuple[str, str]:
    """Return USD per million tokens, in and out, or `?` if the price is unknown."""
    if row is None:
        return "?", "?"
    return ("free", "") if row.free else (_usd(row.input), _usd(row.output))


def _usd(text: str) -> str:
    amount = Decimal(text).normalize()
    return f"${amount:.2f}" if amount == amount.quantize(Decimal("0.01")) and amount % 1 else f"${amount:f}"


def size(window: int | None) -> str:
    """Return `200k` or `1M`, or "" if the window is unknown."""
    if not window:
        return ""
    return f"{window / 1e6:.3g}M" if window >= 1_000_000 else f"{window / 1000:.0f}k" if window >= 1000 else str(window)


def speed(model: ModelRow) -> str:
    """Return the speed measured here: tokens per second, and the time to the first token."""
    pace = model.pace
    rate = "" if pace.tokens_per_second is None else f"{pace.tokens_per_second:,.0f}/s"
    first = "" if pace.first_token_s is None else seconds(pace.first_token_s * 1000)
    return " ".join(t for t in (rate, first) if t)


def detail(model: ModelRow, using: Using) -> str:
    """Return the facts about one model in one line."""
    given, made = prices(model.price)
    cost = "free" if given == "free" else "price unknown" if given == "?" else f"{given} in, {made} out a million"
    pace = model.pace
    rate = "" if pace.tokens_per_second is None else f"{pace.tokens_per_second:,.0f} tok/s"
    first = "" if pace.first_token_s is None else f"first token {seconds(pace.first_token_s * 1000)}"
    measured = ", ".join(t for t in (rate, first) if t) or "not measured here yet"
    window = f"window {model.window:,}" if model.window else "window unknown"
    retires = f"retires {model.retires}" if model.retires else ""
    also = f"also {', '.join(using.list_aliases(model.ref))}" if using.list_aliases(model.ref) else ""
    return one_line(" · ".join(t for t in (model.ref, cost, window, measured, retires, also) if t))


def _wrap(text: str, width: int) -> Content:
    found = textwrap.wrap(one_line(text), max(20, width - 2), initial_indent="  ", subsequent_indent="  ")
    return Content.styled("\n".join(found), "$muted")
