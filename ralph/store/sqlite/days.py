"""The ledger's calendar day: the local day, but a day that has begun ends only at its own midnight."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ralph.core.clock import moment
from ralph.core.data import Data, frozen

# A difference of up to this many minutes is summer time and not another place.
SUMMER_TIME = 60
# Days to search around a stamp: no two places are further apart than 26 hours.
NEAR_DAYS = 2

_LATEST = """
SELECT day, utc_offset FROM attempts WHERE day BETWEEN ? AND ? AND started_at <= ?
ORDER BY day DESC, started_at DESC LIMIT 1"""

Query = Callable[[str, Sequence[Any]], Awaitable[Iterable[Any]]]


@frozen
class Day(Data):
    """A calendar day (ISO), and the UTC offset of its clock in minutes east."""

    day: str
    utc_offset: int | None


# The day of an event that begins no attempt: it is never used.
NONE = Day("", None)


def local(at: str) -> Day:
    """Return the day of a stamp by this process's clock (its `TZ`)."""
    here = moment(at).astimezone()
    return Day(here.date().isoformat(), _minutes(here))


def following(latest: Day | None, at: str) -> Day:
    """Return the ledger's day at this stamp, after a row of the day `latest`.

    A changed `TZ` does not begin the next day before the current one has ended where it began, and does not return to
    a day that has ended. Otherwise a daily budget could be spent twice.
    """
    here = local(at)
    if latest is None or latest.utc_offset is None or abs(latest.utc_offset - (here.utc_offset or 0)) <= SUMMER_TIME:
        return here
    there = moment(at).astimezone(timezone(timedelta(minutes=latest.utc_offset))).date().isoformat()
    return latest if there <= latest.day else Day(max(here.day, latest.day), here.utc_offset)


async def ledger_day(query: Query, at: str) -> Day:
    """Return the ledger's day at this stamp; rows of a clock that ran ahead are ignored."""
    rows = list(await query(_LATEST, (*_near(at), at)))
    return following(Day(*rows[0]) if rows else None, at)


def day_within(connection: sqlite3.Connection, at: str) -> Day:
    """Return the same on the connection's own thread, inside a transaction."""
    row = connection.execute(_LATEST, (*_near(at), at)).fetchone()
    return following(Day(*row) if row else None, at)


def _near(at: str) -> list[str]:
    here = local(at)
    return [(date.fromisoformat(here.day) + timedelta(days=n)).isoformat() for n in (-NEAR_DAYS, NEAR_DAYS)]


def _minutes(here: datetime) -> int:
    offset = here.utcoffset()
    return round(offset.total_seconds() / 60) if offset else 0
