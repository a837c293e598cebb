"""Percentiles of measured times: one pass over times in order, whatever the number of groups and of attempts."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence

from ralph.core.data import Data, frozen
from ralph.store.sqlite.database import Database

SHARES = (50, 95)
# The 50th and the 95th percentile in milliseconds, by nearest rank; None if nothing was measured.
Percentiles = tuple[float | None, float | None]


@frozen
class Times(Data):
    """A table of times, and its column that names the sum of a time."""

    table: str
    sums: str


class _Count:
    """Counts the times of one group in order, and takes those at the ranks."""

    __slots__ = ("found", "left", "of")

    def __init__(self, of: int) -> None:
        self.of = of
        self.found: list[float] = []
        self.left = 0  # times until the next rank
        self._aim(0)

    def _aim(self, seen: int) -> None:
        if len(self.found) < len(SHARES):
            self.left = rank(self.of, SHARES[len(self.found)]) - seen
        else:
            self.left = self.of + 1

    def take(self, ms: float) -> None:
        """Take the time at which `left` has come to zero or below, for each rank that it passed."""
        while self.left <= 0 and len(self.found) < len(SHARES):
            seen = rank(self.of, SHARES[len(self.found)]) - self.left
            self.found.append(ms)
            self._aim(seen)

    @property
    def percentiles(self) -> Percentiles:
        found = [*self.found, None, None]
        return found[0], found[1]


async def read_percentiles(
    database: Database, times: Times, names: Mapping[int, str], counts: Mapping[str, int]
) -> Mapping[str, Percentiles]:
    """Return the percentiles of the groups; `names` gives the group of each sum, `counts` how many times it has.

    A time that another process adds meanwhile is left out, or moves a rank by one.
    """
    groups = {name: _Count(of) for name, of in counts.items()}
    by_sum = {number: groups[name] for number, name in names.items() if name in groups}
    sql = f"SELECT ms, {times.sums}, attempts FROM {times.table} ORDER BY ms"
    async with contextlib.aclosing(database.batches(sql)) as batches:
        async for batch in batches:
            for ms, number, attempts in batch:
                if group := by_sum.get(number):
                    group.left -= attempts
                    if group.left <= 0:
                        group.take(ms)
    return {name: group.percentiles for name, group in groups.items()}


async def read_total(database: Database, table: str, of: int) -> Percentiles:
    """Return the percentiles of all `of` times of a table."""
    ((rows,),) = await database.query(f"SELECT count(*) FROM {table}")
    if rows != of:  # equal times of one sum share a row, so that the place of a row is not the rank
        found = await read_percentiles(database, Times(table, "0"), {0: ""}, {"": of})
        return found[""]
    sql = f"SELECT ms FROM {table} ORDER BY ms LIMIT 1 OFFSET ?"
    taken = [await database.query(sql, rank(of, share) - 1) for share in SHARES] if of else [[], []]
    low, high = (rows[0][0] if rows else None for rows in taken)
    return low, high


async def read_groups(
    database: Database, column: str, names: Sequence[str]
) -> Mapping[str, tuple[Percentiles, Percentiles]]:
    """Return the percentiles of the first token and of answers that ended well, of a few groups, from their attempts.

    The column is the first of an index, so that the times of one group are in memory at a time.
    """
    sql = f"""
        SELECT {column}, ttft_ms, CASE WHEN outcome = 'ok' THEN duration_ms END FROM attempts
        WHERE {column} IN (SELECT value FROM json_each(?)) AND outcome IS NOT NULL ORDER BY {column}"""
    found: dict[str, tuple[Percentiles, Percentiles]] = {}
    last, ttfts, durations = "", list[float | None](), list[float | None]()
    async with contextlib.aclosing(database.batches(sql, json.dumps(names))) as batches:
        async for batch in batches:
            for name, ttft, duration in batch:
                if name != last:
                    found[last] = _nearest(ttfts), _nearest(durations)
                    last, ttfts, durations = name, [], []
                ttfts.append(ttft)
                durations.append(duration)
    found[last] = _nearest(ttfts), _nearest(durations)
    return found


def _nearest(values: Sequence[float | None]) -> Percentiles:
    ordered = sorted(ms for ms in values if ms is not None)
    low, high = (ordered[rank(len(ordered), share) - 1] if ordered else None for share in SHARES)
    return low, high


def rank(of: int, share: int) -> int:
    """Return the nearest rank of a share of 100, from 1."""
    return (of * share + 99) // 100
