"""The models of all providers as lines of one table: what each costs, holds, and how fast it was here."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal

from rich.cells import cell_len
from textual.content import Content

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
    """A provider and its list; `models` is None while it is asked, `failed` says why there is none."""

    provider: ProviderRow
    models: tuple[ModelRow, ...] | None = None
    failed: str = ""


@frozen
class ModelLine(Data):
    """One line of the table; `ref` is what choosing it means, empty for a heading."""

    ref: str
    content: Content


@frozen
class Using(Data):
    """What is in use now: role to ref, and aliases with what they stand for."""

    roles: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]

    def of(self, ref: str) -> str:
        """The roles that this ref has, `all` for all three."""
        mine = [r for r in ROLES if self.roles.get(r) == ref]
        return "all" if len(mine) == len(ROLES) else ", ".join(mine)

    def list_aliases(self, ref: str) -> list[str]:
        return [name for name, refs in self.aliases.items() if ref in refs]


def head(width: int) -> Content:
    """The heads of the columns."""
    cells = ("model", "$/M in", "$/M out", "window", "speed here", "now", "alias")
    return Content.styled(_join(cells, width), "$faint")


def lines(listed: Sequence[Listed], using: Using, typed: str, width: int) -> list[ModelLine]:
    """Providers in their order, the best answer to what was typed first; below, those that are not connected."""
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
        made += [ModelLine("", _wrap(f"{row.name}: {row.why}", width)) for row in left]
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
    """A provider's heading and its models; nothing where neither answers to what was typed."""
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
    """The columns of a line; the last one only where there is room."""
    name, given, made, window, pace, used, alias = cells
    wide = width >= WIDE
    sizes = (8, 8, 8, 15, 14) if wide else (7, 8, 7, 12, 12)
    figures = zip((given, made, window, pace), sizes, strict=False)
    tail = "".join(column(cell, room) for cell, room in figures)
    tail += "  " + fit(used, sizes[-1]) + (fit(alias, 16) if wide else "")
    return fit(name, max(12, width - cell_len(tail))) + tail


def prices(row: PriceRow | None) -> tuple[str, str]:
    """USD per million tokens in and out; `?` where nobody knows."""
    if row is None:
        return "?", "?"
    return ("free", "") if row.free else (_usd(row.input), _usd(row.output))


def _usd(text: str) -> str:
    amount = Decimal(text).normalize()
    return f"${amount:.2f}" if amount == amount.quantize(Decimal("0.01")) and amount % 1 else f"${amount:f}"


def size(window: int | None) -> str:
    """`200k`, `1M`; nothing where nobody tells."""
    if not window:
        return ""
    return f"{window / 1e6:.3g}M" if window >= 1_000_000 else f"{window / 1000:.0f}k" if window >= 1000 else str(window)


def speed(model: ModelRow) -> str:
    """What was measured here: tokens a second, and the wait for the first one."""
    pace = model.pace
    rate = "" if pace.tokens_per_second is None else f"{pace.tokens_per_second:,.0f}/s"
    first = "" if pace.first_token_s is None else seconds(pace.first_token_s * 1000)
    return " ".join(t for t in (rate, first) if t)


def detail(model: ModelRow, using: Using) -> str:
    """All that is known of one model in a line."""
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
