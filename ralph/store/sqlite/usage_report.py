"""Analytics over the ledger: tokens, money, waiting and failures, by day, month, model, provider, timeline or step.

The figures come from the sums that the database keeps (`migrations/0010_sums.sql`) and not from the attempts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ralph.core.llm.usage import COST_STATUSES, SOURCES, Cost, Usage
from ralph.core.ports.usage_report import GroupBy, UsageReport, UsageRow
from ralph.store.sqlite.database import Database
from ralph.store.sqlite.percentiles import Percentiles, Times, read_groups, read_percentiles, read_total

W = TypeVar("W", bound=str)

# The table of sums, and the name of the group that a sum belongs to.
_GROUPS: Mapping[GroupBy, tuple[str, str]] = {
    "day": ("day", "day"),
    "month": ("day", "substr(day, 1, 7)"),
    "model": ("day", "provider || ':' || model"),
    "provider": ("day", "provider"),
    "timeline": ("timeline", "timeline"),
    "step": ("day", "role"),
}
_TOKENS = ("input", "cache_read", "cache_write", "output", "reasoning")
_MONEY = ("attempts", "costs", "nano_usd_high", "nano_usd_low", *(f"cost_{status}" for status in COST_STATUSES))
_FIGURES = (
    *(f"{name}_{half}" for name in _TOKENS for half in ("high", "low")),
    *(f"tokens_{source}" for source in SOURCES),
    *_MONEY,
    *("decode_us", "decoded_high", "decoded_low", "failures", "first_token_times", "answer_times"),
)
_ATTEMPTS = 1 + _FIGURES.index("attempts")  # after the name
# Tables of times, and the place of their number in a row.
_MEASURED = (("first_token_times", -2), ("answer_times", -1))
# Up to this share of the attempts, their own rows are read for percentiles: each takes four times as long as a time.
FEW = 0.25
_SUMS = ", ".join(f"sum({name})" for name in _FIGURES)
# Ordered by first use. There is one sum for each timeline, and grouping them would only take time.
_SPENDING = f"SELECT {{name}} AS name, {_SUMS} FROM sums_by_day WHERE attempts > 0 GROUP BY name ORDER BY min(first)"
_BY_TIMELINE = f"SELECT timeline, {', '.join(_FIGURES)} FROM sums_by_timeline WHERE attempts > 0 ORDER BY first"

# Tries after a failed one, by the partial index of failed ones. Rounds of tools and the answer after a guess also
# follow each other, but do not count.
_AGAIN = """
SELECT {name} AS name, count(*) FROM (
    SELECT a.* FROM attempts f CROSS JOIN attempts a
    ON a.timeline = f.timeline AND a.run = f.run AND a.block = f.block
       AND a.attempt = f.block || 'a' || (CAST(substr(f.attempt, length(f.block) + 2) AS INTEGER) + 1)
    WHERE f.outcome = 'failed' AND a.outcome IS NOT NULL)
GROUP BY name"""

_PART = f"SELECT {', '.join(f'sum({name})' for name in _MONEY)} FROM sums_by_day WHERE {{only}}"
# Guesses that were discarded, and those whose answer was requested again.
_WASTED = f"""
SELECT {", ".join(f"sum({name})" for name in _MONEY)} FROM (
    SELECT {", ".join(_MONEY)} FROM sums_by_day WHERE outcome = 'discarded'
    UNION ALL
    SELECT 1, nano_usd IS NOT NULL, coalesce(nano_usd >> 32, 0), coalesce(nano_usd & 4294967295, 0),
           {", ".join(f"coalesce(cost_status, 'unknown') = '{status}'" for status in COST_STATUSES)}
    FROM guesses WHERE unwanted)"""
_SOONER = "SELECT total(sooner_us) / 1000 FROM guesses"
# Uses the partial index `events_notes`. Damaged notes are not counted.
HITS = """
SELECT json_extract(note, '$.data.cost.nano_usd')
FROM (SELECT CASE WHEN json_valid(data) THEN data END AS note FROM events WHERE type = 'note')
WHERE json_extract(note, '$.kind') = 'cache'"""

# The saving of a skipped step is only known from turns that ended well, with the same model at the same price.
# A skipped tool step is compared with the tool steps of the model that answered its turn.
_TOOL_SAVED = """
SELECT sum(mean * skipped), sum(skipped)
FROM (SELECT price_row, sum(nano_usd) / count(*) AS mean FROM step_costs WHERE step = 'tool' GROUP BY price_row)
JOIN (SELECT price_row, count(*) AS skipped FROM step_costs WHERE step = 'untooled' GROUP BY price_row)
USING (price_row)"""
# A turn without a routing model is compared with the others of its timeline, if one model at one price routed them all.
_ROUTE_SAVED = """
SELECT sum(mean * unrouted), sum(unrouted) FROM (
    SELECT sum(nano_usd) FILTER (WHERE step = 'route') / count(*) FILTER (WHERE step = 'route') AS mean,
           count(*) FILTER (WHERE step = 'unrouted') AS unrouted
    FROM step_costs WHERE step IN ('route', 'unrouted') GROUP BY timeline
    HAVING min(price_row) FILTER (WHERE step = 'route') = max(price_row) FILTER (WHERE step = 'route'))
WHERE unrouted > 0"""

# Models with an unknown cost of their last request that used tokens.
_UNPRICED = """
SELECT provider, model FROM (SELECT DISTINCT provider, model FROM sums_by_day WHERE attempts > tokens_none) s
WHERE (SELECT cost_status FROM attempts a
       WHERE a.provider = s.provider AND a.model = s.model AND outcome IS NOT NULL AND usage_source <> 'none'
       ORDER BY started_at DESC LIMIT 1) = 'unknown'
ORDER BY provider, model"""


class UsageReports:
    """Reads the ledger. Never writes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def version(self) -> int:
        ((number,),) = await self._db.query("PRAGMA data_version")
        return int(number)

    async def report(self, by: GroupBy, limit: int = 0) -> UsageReport:
        """Return the whole ledger, grouped; the rows are in the order of first use.

        With a `limit`, only the last groups are returned; the total counts all of them.
        """
        hits = await self._db.query(HITS)
        rows, total, groups = await self._spendings(by, limit)
        return UsageReport(
            by=by,
            rows=rows,
            total=total,
            cache_hits=len(hits),
            cache_saved=sum(int(saved or 0) for (saved,) in hits),
            route_cost=await self._cost(_PART.format(only="role = 'route'")),
            route_saved=await self._sum_savings(),
            wasted=await self._cost(_WASTED),
            waiting_saved_ms=float((await self._db.query(_SOONER))[0][0]),
            unpriced=tuple(f"{provider}:{model}" for provider, model in await self._db.query(_UNPRICED)),
            left_out=groups - len(rows),
        )

    async def _spendings(self, by: GroupBy, limit: int) -> tuple[tuple[UsageRow, ...], UsageRow, int]:
        """Return the last groups, the total, and the number of all groups."""
        table, name = _GROUPS[by]
        sql = _BY_TIMELINE if table == "timeline" else _SPENDING.format(name=name)
        rows = (await self._db.query(f"{sql} DESC LIMIT ?", limit or -1))[::-1]
        if not rows:
            return (), _NOTHING, 0
        again = dict(await self._db.query(_AGAIN.format(name=name)))
        times = await self._read_times(by, rows)
        made = tuple(_spending(row, times[row[0]], again.get(row[0], 0)) for row in rows)
        ((groups,),) = await self._db.query(f"SELECT count(DISTINCT {name}) FROM sums_by_{table} WHERE attempts > 0")
        return made, await self._sum_total(sum(again.values())), groups

    async def _sum_total(self, again: int) -> UsageRow:
        (row,) = await self._db.query(_SPENDING.format(name="'total'"))
        times = [await read_total(self._db, table, row[place]) for table, place in _MEASURED]
        return _spending(row, times, again)

    async def _read_times(self, by: GroupBy, rows: Sequence[Any]) -> Mapping[str, Sequence[Percentiles]]:
        """Return the percentiles of the first token and of the whole answer, by group."""
        table, name = _GROUPS[by]
        if by in ("day", "timeline"):
            ((attempts,),) = await self._db.query("SELECT sum(attempts) FROM sums_by_day")
            if sum(row[_ATTEMPTS] for row in rows) <= attempts * FEW:
                return await read_groups(self._db, name, [row[0] for row in rows])
        names = dict(await self._db.query(f"SELECT id, {name} FROM sums_by_{table} WHERE attempts > 0"))
        ttfts, durations = [
            await read_percentiles(self._db, Times(measure, f"by_{table}"), names, {row[0]: row[place] for row in rows})
            for measure, place in _MEASURED
        ]
        return {row[0]: (ttfts[row[0]], durations[row[0]]) for row in rows}

    async def _cost(self, sql: str) -> Cost:
        (row,) = await self._db.query(sql)
        return _money(row) if row[0] else Cost()

    async def _sum_savings(self) -> int | None:
        """Return nano-dollars; None if nothing can be compared."""
        rows = [(await self._db.query(sql))[0] for sql in (_TOOL_SAVED, _ROUTE_SAVED)]
        return round(sum(saved or 0.0 for saved, _ in rows)) if any(count for _, count in rows) else None


_NOTHING = UsageRow("total", 0, Usage(), Cost(), None, None, None, None, None, 0.0, 0.0)


def _spending(row: Sequence[Any], times: Sequence[Percentiles], again: int) -> UsageRow:
    """Return the row of a group; `times` are the percentiles of the first token and of the whole answer."""
    ttfts, durations = times
    name, *tokens = row[:11]
    sources, money, (decode_us, decoded_high, decoded_low, failures) = row[11:15], row[15:24], row[24:28]
    count = money[0]
    fresh, read, write, output, reasoning = (
        _whole(high, low) for high, low in zip(tokens[::2], tokens[1::2], strict=True)
    )
    return UsageRow(
        name=name,
        attempts=count,
        usage=Usage(fresh, read, write, output, reasoning, _worst(SOURCES, sources)),
        cost=_money(money),
        ttft_p50_ms=ttfts[0],
        ttft_p95_ms=ttfts[1],
        duration_p50_ms=durations[0],
        duration_p95_ms=durations[1],
        tokens_per_second=round(_whole(decoded_high, decoded_low) / decode_us * 1e6, 1) if decode_us else None,
        error_rate=round(failures / count, 4),
        retry_rate=round(again / count, 4),
    )


def _money(row: Sequence[int]) -> Cost:
    """Return the cost of the columns `_MONEY`."""
    _, known, high, low, *statuses = row
    return Cost(_whole(high, low) if known else None, _worst(COST_STATUSES, statuses))


def _worst(words: Sequence[W], counts: Sequence[int]) -> W:
    """Return the worst word that occurs; the words stand worst first."""
    return next(word for word, count in zip(words, counts, strict=True) if count)


def _whole(high: int, low: int) -> int:
    return (high << 32) + low
