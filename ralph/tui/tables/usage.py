"""The drawing of the ledger: totals, a line of days, a bar for each group. Pure functions from a report to lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from rich.cells import cell_len
from textual.content import Content

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural, seconds
from ralph.core.llm.model_names import ref_name
from ralph.core.llm.usage import Cost, dollars, format_charge
from ralph.core.ports.usage_report import UsageReport, UsageRow, price_hint, routing, speculation
from ralph.tui.brush import fit, right
from ralph.tui.formatting import EMPTY_FILL
from ralph.tui.text import one_line

Measure = Literal["cost", "tokens"]
LEVELS = "▁▂▃▄▅▆▇█"
NAMELESS_DAY, UNKNOWN_DAY = "·", "?"

# The most days that are shown.
DAYS = 90
# Below this width in cells the columns of speed and errors are left out.
WIDE = 100
# Names of up to so many cells are not cut to make room for bars. A longer one leaves a bar of the usual length.
USUAL_NAME, USUAL_BAR = 33, 8
# A shorter bar shows nothing.
LEAST_BAR = 3


@frozen
class UsageTableRow(Data):
    """A group of the table. `part` is its cost in nano-USD or its tokens, or None if that is unknown."""

    name: str
    spending: UsageRow
    part: int | None


def rows(account: UsageReport, measure: Measure, names: Mapping[str, str]) -> tuple[UsageTableRow, ...]:
    """Return the groups: days and months latest first, other groups by size."""
    made = [UsageTableRow(names.get(s.name) or _name(account, s), s, part(s, measure)) for s in account.rows]
    if account.by in ("day", "month"):
        return tuple(sorted(made, key=lambda r: r.name, reverse=True))
    return tuple(sorted(made, key=lambda r: (-(r.part or 0), -tokens(r.spending), r.name)))


def _name(account: UsageReport, spending: UsageRow) -> str:
    """Return the name of a group; the model of a file has the name of the file."""
    return ref_name(spending.name) if account.by == "model" else spending.name


def part(spending: UsageRow, measure: Measure) -> int | None:
    return spending.cost.nano_usd if measure == "cost" else tokens(spending)


def tokens(spending: UsageRow) -> int:
    return spending.usage.input + spending.usage.output


def head(account: UsageReport) -> list[Content]:
    """Return the totals, the times, the failures and the savings."""
    total = account.total
    mark = "~" if total.usage.source == "estimated" else ""
    use = f"{plural(total.attempts, 'request')} · {mark}{total.usage.input:,}↑"
    use += f" ({total.usage.cache_read:,} cached)" if total.usage.cache_read else ""
    lines = [
        Content.assemble((f"{_money(total)}  ", "bold $step-user"), (f"{use} {mark}{total.usage.output:,}↓", "")),
    ]
    trouble = [f"{total.error_rate:.0%} failed", f"{total.retry_rate:.0%} tried again"]
    if guessed := speculation(account):
        trouble.append(guessed)
    hint = [words] if (words := price_hint(account)) else []
    for told in (_waiting(total), trouble, _savings(account), hint):
        if told:
            lines.append(Content.styled(" · ".join(told), "$muted"))
    return lines


def _waiting(total: UsageRow) -> list[str]:
    made = []
    if total.ttft_p50_ms is not None and total.ttft_p95_ms is not None:
        made.append(f"first token {seconds(total.ttft_p50_ms)}, p95 {seconds(total.ttft_p95_ms)}")
    if total.duration_p50_ms is not None and total.duration_p95_ms is not None:
        made.append(f"whole {seconds(total.duration_p50_ms)}, p95 {seconds(total.duration_p95_ms)}")
    if total.tokens_per_second is not None:
        made.append(f"{total.tokens_per_second:,.0f} tok/s")
    return made


def _savings(account: UsageReport) -> list[str]:
    made = []
    if account.cache_hits:
        made.append(f"{plural(account.cache_hits, 'cache hit')} saved {dollars(Cost(account.cache_saved, 'computed'))}")
    made += [words] if (words := routing(account)) else []
    return made


def spark(days: UsageReport, measure: Measure, width: int, height: int = 1) -> list[Content]:
    """Return a column for each calendar day up to the last request: `·` for no request, `?` for an unknown amount."""
    known = {date.fromisoformat(s.name): s for s in days.rows}
    if not known:
        return []
    last = max(known)
    count = max(1, min(width, (last - min(known)).days + 1, DAYS))
    shown = [last - timedelta(days=n) for n in reversed(range(count))]
    parts = [part(known[day], measure) if day in known else 0 for day in shown]
    most = max((p or 0 for p in parts), default=0)
    columns = [
        _column(p, most, height, day in known) * min(3, width // count) for p, day in zip(parts, shown, strict=True)
    ]
    lines = [Content.styled("".join(c[n::height] for c in columns), "$step-user") for n in range(height)]
    peak = shown[[p or 0 for p in parts].index(most)]
    told = f"{shown[0]:%d %b} to {last:%d %b %Y}" if count > 1 else f"{last:%d %b %Y}"
    told += f" · most on {peak:%d %b}: {amount(known[peak], measure)}" if most else ""
    return [*lines, Content.styled(f"{measure} by day · {told}", "$muted")]


def _column(value: int | None, most: int, height: int, used: bool) -> str:
    """Return the cells of a day from the top. Any amount is higher than none."""
    if value is None or not used:
        return (UNKNOWN_DAY if value is None else NAMELESS_DAY).rjust(height)
    level = max(1, -(-value * height * 8 // most)) if most else 1
    full, rest = divmod(level, 8)
    return ((LEVELS[rest - 1] if rest else "") + LEVELS[-1] * full).rjust(height)


def amount(spending: UsageRow, measure: Measure) -> str:
    """Return the amount in words for a person."""
    if measure == "cost":
        return _money(spending)
    return ("~" if spending.usage.source == "estimated" else "") + f"{tokens(spending):,}"


def _money(spending: UsageRow) -> str:
    words = format_charge(spending.cost, spending.usage)
    return "cost unknown" if words == "unknown" else words


def table(groups: Sequence[UsageTableRow], by: str, measure: Measure, width: int) -> tuple[Content, list[Content]]:
    """Return the heads of the columns, and a line for each group."""
    wide = width >= WIDE
    figures = [_figures(row, measure, wide) for row in groups]
    titles = (measure, "requests", "in ↑", "out ↓", *(("first", "tok/s", "failed") if wide else ()))
    if measure == "tokens":
        titles = ("tokens", "requests", "cost", "first", *(("tok/s", "failed") if wide else ()))
    sizes = [max(cell_len(t), *(cell_len(f[n]) for f in figures), 0) for n, t in enumerate(titles)]
    room = width - sum(sizes) - 2 * len(sizes) - 8  # for the names and the bars
    longest = max((cell_len(one_line(r.name)) for r in groups), default=8) + 1
    name = longest if room - longest >= USUAL_BAR else min(longest, USUAL_NAME)
    bars = room - name
    if bars < LEAST_BAR:  # without bars the share in per cent still says as much
        name, bars = max(8, room), 0
    names = _shorten([one_line(r.name) for r in groups], name)
    whole = sum(r.part or 0 for r in groups)
    most = max((r.part or 0 for r in groups), default=0)
    first = Content.styled(
        fit(by, name) + " " * (bars + 8) + "".join(f"  {right(t, s)}" for t, s in zip(titles, sizes, strict=True)),
        "$faint",
    )
    lines = []
    for row, said, cells in zip(groups, names, figures, strict=True):
        full = min(bars, max(1, round(row.part / most * bars))) if row.part else 0
        share = _share(row.part / whole) if row.part and whole else ""
        rest, fill = EMPTY_FILL if row.part is not None else (" ", "")
        lines.append(
            Content.assemble(
                (fit(said, name), ""),
                (f" {fill * full}", "$step-user"),
                (rest * (bars - full), "$bar-rest"),
                (right(share, 6) + " ", "$muted"),
                ("".join(f"  {right(c, s)}" for c, s in zip(cells, sizes, strict=True)), ""),
            )
        )
    return first, lines


def _shorten(names: Sequence[str], width: int) -> Sequence[str]:
    """Return the names; one that fits only without its provider is without it, unless it then means two rows."""
    bare = [name.partition(":")[2] for name in names]
    return [
        short if short and cell_len(name) >= width > cell_len(short) and bare.count(short) == 1 else name
        for name, short in zip(names, bare, strict=True)
    ]


def _share(part: float) -> str:
    """Return a share in per cent. A share above zero is never `0%`."""
    return "<1%" if part < 0.005 else f"{part:.0%}"


def _figures(row: UsageTableRow, measure: Measure, wide: bool) -> tuple[str, ...]:
    s = row.spending
    mark = "~" if s.usage.source == "estimated" else ""
    first = "" if s.ttft_p50_ms is None else seconds(s.ttft_p50_ms)
    speed = "" if s.tokens_per_second is None else f"{s.tokens_per_second:,.0f}"
    more = (speed, f"{s.error_rate:.0%}") if wide else ()
    if measure == "tokens":
        return (f"{mark}{tokens(s):,}", f"{s.attempts:,}", format_charge(s.cost, s.usage), first, *more)
    used = (f"{mark}{s.usage.input:,}", f"{mark}{s.usage.output:,}")
    return (format_charge(s.cost, s.usage), f"{s.attempts:,}", *used, *((first, *more) if wide else ()))
