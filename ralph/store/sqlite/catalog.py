"""Queries over saved timelines: lists, search, ids by prefix."""

from __future__ import annotations

import json
import re
from typing import Any

from ralph.core.errors import NotFound, nearest
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.tool import SearchHit
from ralph.core.llm.usage import Cost
from ralph.core.timeline.rows import Glimpse, TimelineRow
from ralph.store.locks import Locks
from ralph.store.sqlite.database import Database

_ROWS = """
SELECT t.id, t.title, t.opened_at, t.updated_at, t.fork_turn + (SELECT count(*) FROM turns u WHERE u.timeline = t.id),
       (SELECT sum(a.nano_usd) FROM attempts a WHERE a.timeline = t.id AND a.outcome IS NOT NULL),
       (SELECT group_concat(DISTINCT coalesce(a.cost_status, 'unknown')) FROM attempts a
        WHERE a.timeline = t.id AND a.outcome IS NOT NULL),
       (SELECT max(a.usage_source <> 'none') FROM attempts a WHERE a.timeline = t.id AND a.outcome IS NOT NULL),
       t.forked_from, t.fork_turn, EXISTS (SELECT 1 FROM turns u WHERE u.timeline = t.id AND u.status IS NULL),
       coalesce((SELECT a.provider || ':' || a.model FROM attempts a
                 WHERE a.timeline = t.id AND a.run = '' AND a.role = 'format'
                 ORDER BY a.turn DESC, a.started_at DESC LIMIT 1), '')
FROM (SELECT * FROM timelines {where} ORDER BY updated_at DESC, opened_at DESC LIMIT ?) t
ORDER BY t.updated_at DESC, t.opened_at DESC"""  # the inner limit: SQLite would compute the sums of all rows first
_NAMED = "WHERE id IN (SELECT value FROM json_each(?))"

_HITS = """
SELECT b.timeline, t.title, b.turn, b.at, b.kind, snippet(search, 0, '', '', ' … ', 24)
FROM search JOIN blocks b ON b.id = search.rowid JOIN timelines t ON t.id = b.timeline
WHERE search MATCH ? ORDER BY bm25(search), b.at DESC LIMIT ?"""

# The latest hit of each timeline that contains the words. An excerpt takes 0.3 ms, so the number is limited.
EXCERPTS = 120
_HOLDING = """
SELECT latest, timeline FROM (
    SELECT max(b.id) AS latest, b.timeline FROM search JOIN blocks b ON b.id = search.rowid
    WHERE search MATCH ? GROUP BY b.timeline) JOIN timelines ON id = timeline
ORDER BY updated_at DESC, opened_at DESC LIMIT ?"""
# The plus keeps SQLite from searching the index once per row, which takes 1 ms a row for a common word.
_EXCERPTS = """
SELECT b.timeline, snippet(search, 0, '', '', ' … ', 24) FROM search JOIN blocks b ON b.id = search.rowid
WHERE search MATCH ? AND +search.rowid IN ({})"""

_RECENT = """
SELECT provider || ':' || model FROM attempts WHERE role IN ('tool', 'format')
GROUP BY provider, model ORDER BY max(started_at) DESC LIMIT ?"""

# A turn without an answer has no glimpse.
_GLIMPSES = """
SELECT t.turn, substr(t.prompt, 1, 2000),
       coalesce((SELECT substr(b.text, 1, 2000) FROM blocks b
                 WHERE b.timeline = t.timeline AND b.turn = t.turn AND b.kind = 'format' LIMIT 1), ''), t.status
FROM turns t WHERE t.timeline = ? AND t.turn <= ? ORDER BY t.turn DESC LIMIT ?"""

_TITLED = "SELECT id FROM timelines WHERE {} ORDER BY updated_at DESC LIMIT ?"
_COUNT = """
SELECT count(*) FROM (SELECT b.timeline FROM search JOIN blocks b ON b.id = search.rowid WHERE search MATCH ?
                      UNION SELECT id FROM timelines WHERE {})"""

_BEGAN = "(estimated > 0 OR price IS NOT NULL)"
_UNSETTLED = f"""
SELECT timeline, run, attempt, {_BEGAN} FROM attempts WHERE outcome IS NULL AND ({_BEGAN} OR reserved IS NOT NULL)"""

_ALL = 1 << 40
_WORST = ("unknown", "estimated", "reported", "computed", "free")


class Catalog:
    """Reads the projections. Never writes."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._db = database
        self._locks = locks

    async def timelines(self, search: str = "", limit: int = 1000) -> tuple[TimelineRow, ...]:
        """Return saved timelines, latest first. With `search`, return only timelines whose text or title contains it;
        the latest text hits have an excerpt.
        """
        if not search:
            rows = await self._db.query(_ROWS.format(where=""), limit)
            return tuple(self._row(r) for r in rows)
        excerpts = await self._excerpts(search, limit)
        for name in await self._find_titled(search, limit):
            excerpts.setdefault(name, "")
        if not excerpts:
            return ()
        names = json.dumps(list(excerpts))  # one JSON value, because SQLite limits the number of values
        rows = await self._db.query(_ROWS.format(where=_NAMED), names, limit)
        return tuple(self._row(r, excerpts[r[0]]) for r in rows)

    async def count(self, search: str = "") -> int:
        """Return how many timelines are saved; with `search`, how many `timelines` would find without a limit."""
        if not search:
            rows = await self._db.query("SELECT count(*) FROM timelines")
        elif query := match_query(search):
            titled, words = _match_title(search)
            rows = await self._db.query(_COUNT.format(titled), query, *words)
        else:
            return len(await self._find_titled(search, _ALL))
        return int(rows[0][0])

    def _row(self, row: Any, excerpt: str = "") -> TimelineRow:
        name, title, opened, updated, turns, nano, statuses, used, forked, forked_at, unfinished, model = row
        status: Any = min(statuses.split(","), key=_WORST.index) if statuses else "free"
        cost = Cost(nano if statuses else 0, status)
        held = self._locks.is_held(name)  # a dead process left the turn open if nobody holds the lock
        running = held and bool(unfinished)
        return TimelineRow(
            name, title, opened, updated, turns, cost, forked, held, excerpt, forked_at, running, used != 0, model
        )

    async def _excerpts(self, search: str, limit: int) -> dict[str, str]:
        """Return timelines with a block that contains all the words, the latest ones with the excerpt."""
        query = match_query(search)
        if not query:
            return {}
        hits = await self._db.query(_HOLDING, query, limit)
        latest = [row[0] for row in hits[:EXCERPTS]]
        rows = await self._db.query(_EXCERPTS.format(",".join("?" * len(latest))), query, *latest) if latest else []
        return {**{row[1]: "" for row in hits}, **{row[0]: row[1] for row in rows}}

    async def _find_titled(self, search: str, limit: int) -> list[str]:
        """Return timelines whose title contains all the words: a title given by a person is in no block."""
        condition, words = _match_title(search)
        if not words:
            return []
        return [row[0] for row in await self._db.query(_TITLED.format(condition), *words, limit)]

    async def preview(self, timeline: str, last: int) -> tuple[Glimpse, ...]:
        """Return the last turns, oldest first, including turns that a fork shares with its parent."""
        found: list[Glimpse] = []
        name: str | None = timeline
        end = 1 << 62
        while name is not None and len(found) < last:
            found += [Glimpse(*row) for row in await self._db.query(_GLIMPSES, name, end, last - len(found))]
            rows = await self._db.query("SELECT forked_from, fork_turn FROM timelines WHERE id = ?", name)
            name, end = (rows[0][0], min(end, rows[0][1])) if rows else (None, 0)
        return tuple(reversed(found))

    async def search(self, text: str, limit: int = 20) -> tuple[SearchHit, ...]:
        """Return blocks that contain all the words of `text` (the last one as a prefix), best first."""
        query = match_query(text)
        if not query:
            return ()
        return tuple(SearchHit(*row) for row in await self._db.query(_HITS, query, limit))

    async def resolve(self, name: str) -> str:
        """Return the id for an id, a unique prefix or `last`. Raises `NotFound`."""
        if name == "last":
            rows = await self._db.query("SELECT id FROM timelines ORDER BY updated_at DESC, opened_at DESC LIMIT 1")
            if not rows:
                raise NotFound("there is no saved timeline yet; ask something first")
            return str(rows[0][0])
        rows = await self._db.query("SELECT id FROM timelines WHERE substr(id, 1, ?) = ? LIMIT 6", len(name), name)
        if len(rows) == 1 and name:
            return str(rows[0][0])
        if any(row[0] == name for row in rows):
            return name
        if rows and name:
            raise NotFound(
                f"'{name}' begins more than one timeline: {', '.join(r[0] for r in rows)}; give more of the id"
            )
        known = [r[0] for r in await self._db.query("SELECT id FROM timelines ORDER BY updated_at DESC LIMIT 1000")]
        close = nearest(name, known)
        hint = f"; did you mean {', '.join(close)}?" if close else "; `ralph timelines` lists them"
        raise NotFound(f"there is no timeline '{name}'{hint}")

    async def list_unfinished(self) -> list[str]:
        """Return timelines with open work, of a running process or of a dead one."""
        rows = await self._db.query(
            "SELECT timeline FROM turns WHERE status IS NULL UNION SELECT timeline FROM blocks WHERE status IS NULL"
        )
        return [r[0] for r in rows]

    async def list_unsettled(self) -> list[tuple[str, str, str, bool]]:
        """Return attempts without an outcome: (timeline, run, attempt, whether it began or was only reserved)."""
        return [(r[0], r[1], r[2], bool(r[3])) for r in await self._db.query(_UNSETTLED)]

    async def recent(self, limit: int = 9) -> tuple[str, ...]:
        """Return the model refs of the latest attempts, each once."""
        return tuple(row[0] for row in await self._db.query(_RECENT, limit))

    async def models(self) -> tuple[ModelRef, ...]:
        """Return every model that was asked on this machine."""
        rows = await self._db.query("SELECT DISTINCT provider, model FROM attempts")
        return tuple(ModelRef(provider, model) for provider, model in rows)

    async def forks_of(self, timeline: str) -> list[str]:
        return [r[0] for r in await self._db.query("SELECT id FROM timelines WHERE forked_from = ?", timeline)]


def _match_title(search: str) -> tuple[str, list[str]]:
    """Return the SQL condition that a title contains all the words, and its values."""
    words = search.split()
    return " AND ".join("instr(lower(title), lower(?)) > 0" for _ in words), words


def match_query(text: str) -> str:
    """Return a person's text as an FTS5 query in which no character is syntax."""
    words = re.findall(r"\w+", text)
    return " ".join(f'"{w}"' for w in words[:-1]) + (f' "{words[-1]}"*' if words else "")
