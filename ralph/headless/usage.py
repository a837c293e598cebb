"""`ralph usage`: the ledger as a table, or as JSON."""

from __future__ import annotations

from typing import TextIO

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from ralph.core.llm.usage import Cost, dollars, format_charge
from ralph.core.log.codec import dump_visible, plain
from ralph.core.ports.store import TimelineStore
from ralph.core.ports.usage_report import GroupBy, UsageReport, UsageRow, price_hint, routing, speculation
from ralph.core.sanitise import line

# Wide enough that no figure is cut, whatever the terminal.
WIDTH = 140


async def usage(store: TimelineStore, out: TextIO, *, by: GroupBy, as_json: bool = False) -> int:
    """Print usage and cost."""
    account = await store.usage.report(by)
    if as_json:
        print(dump_visible(plain(account)), file=out)
    elif account.total.attempts:
        _print(account, out)
    else:
        print("no request was sent to a model yet", file=out)
    return 0


def _print(account: UsageReport, out: TextIO) -> None:
    console = Console(file=out, width=WIDTH, color_system=None, highlight=False, markup=False)
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column(account.by, overflow="fold")
    for name in (
        "requests",
        "input",
        "cached",
        "output",
        "cost",
        "ttft p50/p95",
        "time p50/p95",
        "tok/s",
        "errors",
        "retries",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for row in account.rows:
        table.add_row(*_cells(row))
    table.add_section()
    table.add_row(*_cells(account.total))
    console.print(table)
    for remark in _remarks(account):
        console.print(remark)


def _cells(row: UsageRow) -> tuple[str, ...]:
    mark = "~" if row.usage.source == "estimated" else ""
    return (
        line(row.name),
        f"{row.attempts:,}",
        f"{mark}{row.usage.input:,}",
        f"{row.usage.cache_read:,}",
        f"{mark}{row.usage.output:,}",
        format_charge(row.cost, row.usage),
        f"{_seconds(row.ttft_p50_ms)} / {_seconds(row.ttft_p95_ms)}",
        f"{_seconds(row.duration_p50_ms)} / {_seconds(row.duration_p95_ms)}",
        "" if row.tokens_per_second is None else f"{row.tokens_per_second:,.0f}",
        f"{row.error_rate:.0%}",
        f"{row.retry_rate:.0%}",
    )


def _remarks(account: UsageReport) -> list[str]:
    lines = []
    if account.cache_hits:
        saved = dollars(Cost(account.cache_saved, "computed"))
        lines.append(f"cache: {account.cache_hits} hits saved {saved}")
    return [*lines, *(words for words in (routing(account), speculation(account), price_hint(account)) if words)]


def _seconds(ms: float | None) -> str:
    return "-" if ms is None else f"{ms / 1000:.2f}s"
