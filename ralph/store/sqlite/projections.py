"""Translates events to rows of the tables that are built from the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ralph.core.llm.refs import ModelRef
from ralph.core.llm.tool_output import FileRecord
from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.codec import dumps, plain
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.history import user_text
from ralph.store.sqlite.days import Day
from ralph.store.sqlite.rows.times import store_at

Statement = tuple[str, tuple[Any, ...]]

# A tool's output is searchable up to this many characters; the log keeps all of it.
SEARCHED_OUTPUT = 65_536

# An existing row is a reservation, or a rebuild repeats it. Its day stays, because `TZ` may have changed.
_OPEN_ATTEMPT = """
INSERT INTO attempts (timeline, run, attempt, block, turn, role, started_at, day, utc_offset, provider, model, saved,
                      estimated, reserved, price)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (timeline, run, attempt) DO UPDATE SET block = excluded.block, turn = excluded.turn, role = excluded.role,
    started_at = excluded.started_at, estimated = excluded.estimated, price = coalesce(excluded.price, price),
    reserved = CASE WHEN outcome IS NULL THEN max(coalesce(reserved, 0), coalesce(excluded.reserved, 0)) END"""

_CLOSE_ATTEMPT = """
UPDATE attempts SET outcome = ?, speculated = ?, error_kind = ?, request_id = ?, stop_reason = ?, provider = ?,
    model = ?, input = ?, cache_read = ?, cache_write = ?, output = ?, reasoning = ?, usage_source = ?, raw_usage = ?,
    nano_usd = ?, cost_status = ?, price = ?, ttft_ms = ?, duration_ms = ?, phases = ?, reserved = NULL
WHERE timeline = ? AND run = ? AND attempt = ?"""

_NUMBER = "(SELECT number FROM timelines WHERE id = ?)"
_OPEN_BLOCK = f"INSERT INTO block_rows (timeline, block, turn, at, kind) VALUES ({_NUMBER}, ?, ?, ?, ?)"
_CLOSE_BLOCK = f"UPDATE block_rows SET status = ? WHERE timeline = {_NUMBER} AND block = ?"
# A text that an event of the timeline holds is referred to by its number. Further texts are put below the first one.
_ADD_TEXT = """
UPDATE block_rows SET text = CASE WHEN text = '' THEN coalesce((
    SELECT x.id & 4294967295 FROM event_texts x WHERE x.size = ?2 AND x.text = ?1
    AND x.id BETWEEN block_rows.timeline << 32 AND (block_rows.timeline << 32) + 4294967295), ?1)
ELSE (SELECT b.text FROM blocks b WHERE b.id = block_rows.id) || char(10) || ?1 END
WHERE timeline = (SELECT number FROM timelines WHERE id = ?3) AND block = ?4"""

_ADD_REFERENCE = "INSERT OR IGNORE INTO blob_refs (timeline, sha256) VALUES (?, ?)"


def ledger(envelope: Envelope, day: Day, run: str = "") -> Iterator[Statement]:
    """Yield statements for `attempts`, the only table that is also written without saving, under its own `run`."""
    event, timeline = envelope.event, envelope.timeline
    if isinstance(event, ev.AttemptStarted):
        ref = ModelRef.parse(event.model)
        row = (timeline, run, event.attempt, event.block, envelope.turn, event.role, envelope.at)
        price = dumps(plain(event.price)) if event.price else None
        when = (day.day, day.utc_offset)
        yield (
            _OPEN_ATTEMPT,
            (*row, *when, ref.provider, ref.model, int(not run), event.estimated.input, event.reserved, price),
        )
    elif isinstance(event, ev.AttemptFinished):
        yield _CLOSE_ATTEMPT, (*_finish(event), timeline, run, event.attempt)


def references(envelope: Envelope) -> Iterator[Statement]:
    """Yield statements for the blobs that the event names."""
    for blob in _list_blobs(envelope.event):
        yield _ADD_REFERENCE, (envelope.timeline, blob)


def _list_blobs(event: ev.Event) -> Iterator[str]:
    match event:
        case ev.ToolFinished():
            if event.blob:
                yield event.blob
            yield from (media.sha256 for media in event.media)
            yield from _hashes(event.files)
        case ev.ToolDecided():
            yield from _hashes(event.files)
        case ev.TurnStarted():
            yield from (file.sha256 for file in event.attachments)
        case _:
            pass


def _hashes(files: Sequence[FileRecord]) -> Iterator[str]:
    """Yield the bytes before and after each change. A file that was only read has no blob."""
    for file in files:
        if file.before != file.after:
            yield from (name for name in (file.before, file.after) if name)


def _finish(event: ev.AttemptFinished) -> tuple[Any, ...]:
    usage = event.usage
    return (
        event.outcome,
        int(event.speculated),
        event.error.kind.value if event.error else None,
        event.request_id,
        event.stop_reason,
        event.provider,
        event.model,
        usage.input,
        usage.cache_read,
        usage.cache_write,
        usage.output,
        usage.reasoning,
        usage.source,
        dumps(plain(event.raw_usage)) if event.raw_usage is not None else None,
        event.cost.nano_usd,
        event.cost.status,
        dumps(plain(event.price)) if event.price else None,
        event.ttft_ms,
        event.duration_ms,
        dumps(plain(event.phases)),
    )


def rows(envelope: Envelope, day: Day) -> Iterator[Statement]:
    """Yield statements for every projection; `day` is the ledger's day of an attempt that begins."""
    yield from ledger(envelope, day)
    yield from references(envelope)
    event, timeline = envelope.event, envelope.timeline
    match event:
        case ev.TimelineOpened() | ev.TimelineChanged():
            if event.title is not None:
                yield "UPDATE timelines SET title = ? WHERE id = ?", (event.title, timeline)
        case ev.TurnStarted():
            row = (timeline, envelope.turn, envelope.at, user_text(event))
            yield "INSERT INTO turns (timeline, turn, at, prompt) VALUES (?, ?, ?, ?)", row
        case ev.TurnFinished():
            yield (
                "UPDATE turns SET status = ?, duration_ms = ? WHERE timeline = ? AND turn = ?",
                (event.status, event.duration_ms, timeline, envelope.turn),
            )
        case ev.BlockStarted():
            yield _OPEN_BLOCK, (timeline, event.block, envelope.turn, store_at(envelope.at), event.kind)
        case ev.ToolFinished():
            text = event.output[:SEARCHED_OUTPUT]
            if text:
                yield _ADD_TEXT, (text, len(text), timeline, ids.block_of(event.call))
        case ev.BlockFinished():
            yield _CLOSE_BLOCK, (event.status, timeline, event.block)
            if event.text:
                yield _ADD_TEXT, (event.text, len(event.text), timeline, event.block)
        case _:
            pass
