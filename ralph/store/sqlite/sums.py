"""The sums of the ledger, which triggers keep (`migrations/0010_sums.sql`): compares them and makes them again."""

from __future__ import annotations

from collections.abc import Iterator

import aiosqlite

from ralph.store.sqlite.database import Database

# The tables that hold sums, each with its columns and with the query of what they must hold.
_COLUMNS = "SELECT name FROM pragma_table_info(?) WHERE name <> 'id'"
_KEYS = {"sums_by_day": "day, provider, model, role, outcome", "sums_by_timeline": "timeline"}
_TIMES = {"first_token_times": "ttft_ms", "answer_times": "answer_ms"}
_GUESSES = "timeline, run, attempt, unwanted, nano_usd, cost_status, sooner_us"
_TABLES = (*_KEYS, *_TIMES, "guesses", "step_costs")
# These statements fire the triggers that keep the sums.
_MAKE = (
    "INSERT INTO counting SELECT 1, f.* FROM attempt_figures f",
    "INSERT INTO guesses SELECT g.* FROM guess_figures g",
    "INSERT INTO weighing SELECT timeline, turn FROM turns WHERE status IS NOT NULL",
)


async def differ(database: Database) -> bool:
    """Return whether a sum is not what the attempts add up to; reads every attempt.

    The costs of steps are not compared: they are remade with the turns.
    """
    figures = [row[0] for row in await database.query(_COLUMNS, "sums_by_timeline")][2:]
    for sql in _comparisons(figures):
        if await database.query(f"{sql} LIMIT 1"):
            return True
    return False


async def remake(connection: aiosqlite.Connection) -> None:
    """Make all sums from the attempts and turns. It takes 30 s for a million attempts, and writers wait."""
    for table in _TABLES:
        await connection.execute(f"DELETE FROM {table}")
    for sql in _MAKE:
        await connection.execute(sql)


def _comparisons(figures: list[str]) -> Iterator[str]:
    """Yield queries that find a row of one side that the other side does not have."""
    for table, key in _KEYS.items():
        sums = ", ".join(f"sum({name})" for name in figures)
        kept = f"SELECT {key}, first, {', '.join(figures)} FROM {table} WHERE attempts <> 0"
        plain = f"SELECT {key}, min(first), {sums} FROM attempt_figures GROUP BY {key}"
        yield from _both_ways(kept, plain)
    for table, column in _TIMES.items():
        kept = f"SELECT ms, by_day, by_timeline, attempts FROM {table}"
        plain = f"""
            SELECT {column}, d.id, t.id, count(*) FROM attempt_figures a
            JOIN sums_by_day d ON d.day = a.day AND d.provider = a.provider AND d.model = a.model AND d.role = a.role
                 AND d.outcome = a.outcome
            JOIN sums_by_timeline t ON t.timeline = a.timeline
            WHERE {column} IS NOT NULL GROUP BY {column}, d.id, t.id"""
        yield from _both_ways(kept, plain)
    yield from _both_ways(f"SELECT {_GUESSES} FROM guesses", f"SELECT {_GUESSES} FROM guess_figures")


def _both_ways(one: str, other: str) -> Iterator[str]:
    yield f"SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other})"
    yield f"SELECT * FROM ({other}) EXCEPT SELECT * FROM ({one})"
