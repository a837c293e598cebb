"""`ralph usage`: the ledger as a table, or as JSON."""

from __future__ import annotations

from typing import TextIO

from ralph.core.formatting import plural
from ralph.core.llm.usage import Cost, dollars, format_charge
from ralph.core.log.codec import dump_visible, plain
from ralph.core.ports.store import TimelineStore
from ralph.core.ports.usage_report import GroupBy, UsageReport, UsageRow, price_hint, routing, speculation
from ralph.core.sanitise import line
from ralph.headless.text_table import text_table

# The groups that a table shows, unless told otherwise.
LISTED = 50
_COLUMNS = (
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
)


async def usage(
    store: TimelineStore, out: TextIO, err: TextIO, *, by: GroupBy, limit: int | None = None, as_json: bool = False
) -> int:
    """Print usage and cost. A `limit` is the number of groups (0: all); None is 50 in a table, and all as JSON."""
    account = await store.usage.report(by, (0 if as_json else LISTED) if limit is None else limit)
    if account.left_out:
        shown = len(account.rows)
        every = plural(shown + account.left_out, by)
        print(f"ralph: the last {shown} of {every}; --limit N lists more, --limit 0 all", file=err)
    if as_json:
        print(dump_visible(plain(account)), file=out)
    elif account.total.attempts:
        _print(account, out)
    else:
        print("no request was sent to a model yet", file=out)
    return 0


def _print(account: UsageReport, out: TextIO) -> None:
    rows = [_cells(row) for row in account.rows]
    for words in (text_table((account.by, *_COLUMNS), rows, _cells(account.total)), *_remarks(account)):
        print(words, file=out)


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
