"""The recorder stores, then shows; its numbers have no gaps; its deltas are merged and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest

from ralph.core.errors import StoreFailure
from ralph.core.llm.request import Channel
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.session.recorder import TimelineRecorder
from tests.frozen import FrozenClock


class Shelf:
    """A store that keeps batches in memory, and fails when told to."""

    def __init__(self) -> None:
        self.batches: list[list[Envelope]] = []
        self.blobs: dict[str, bytes] = {}
        self.full = False
        self.death: Exception | None = None
        self.lives = -1  # so many calls until `death`; at once where it is negative
        self.clock: FrozenClock | None = None
        self.locked_until = 0.0

    @property
    def events(self) -> list[Envelope]:
        return [e for batch in self.batches for e in batch]

    async def append(
        self, envelopes: Sequence[Envelope], blobs: Mapping[str, bytes] | None = None, *, run: str = ""
    ) -> None:
        if self.full:
            raise StoreFailure("the disk is full")
        self.lives -= 1
        if self.death and self.lives < 0:
            raise self.death
        if self.clock and self.clock.passed < self.locked_until:
            raise StoreFailure("locked by another", worth_s=60.0)
        await asyncio.sleep(0)
        self.batches.append(list(envelopes))
        self.blobs.update(blobs or {})


class Seen:
    """A view that remembers, and breaks when told to."""

    def __init__(self) -> None:
        self.events: list[Envelope] = []
        self.chunks: list[tuple[str, str, float, str]] = []
        self.broken = False

    def event(self, envelope: Envelope) -> None:
        if self.broken:
            raise ValueError("no screen")
        self.events.append(envelope)

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        if self.broken:
            raise ValueError("no screen")
        self.chunks.append((block, channel, ms, text))


async def test_events_are_numbered_stored_and_shown() -> None:
    shelf, seen, clock = Shelf(), Seen(), FrozenClock()
    recorder = TimelineRecorder("t", shelf.append, clock, last_seq=4, views=[seen])
    recorder.emit(ev.TimelineOpened("title"))
    recorder.begin_turn(1)
    clock.advance(0.4127)
    recorder.emit(ev.TurnStarted("hi"))
    assert [e.seq for e in seen.events] == [5, 6]
    await recorder.commit()
    assert shelf.events == seen.events
    assert [(e.turn, e.ms) for e in shelf.events] == [(0, 0.0), (1, 412.7)]
    assert shelf.events[1].at == "2026-11-20T14:02:11.412700Z"
    await recorder.close()


async def test_deltas_are_shown_at_once_and_stored_merged() -> None:
    shelf, seen = Shelf(), Seen()
    recorder = TimelineRecorder("t", shelf.append, FrozenClock(), views=[seen])
    for n in range(20):
        recorder.delta("1.4", "text", n * 10.0, f"w{n} ")
    assert len(seen.chunks) == 20
    assert shelf.events == []
    recorder.emit(ev.BlockFinished("1.4", "ok"))
    await recorder.close()
    delta, finish = (e.event for e in shelf.events)
    assert isinstance(delta, ev.BlockDelta)
    assert isinstance(finish, ev.BlockFinished)
    assert "".join(text for _, text in delta.chunks) == "".join(c[3] for c in seen.chunks)
    starts = [ms for ms, _ in delta.chunks]
    assert all(b - a >= 33 for a, b in pairwise(starts))


async def test_a_delta_reaches_the_store_without_any_event() -> None:
    shelf = Shelf()
    recorder = TimelineRecorder("t", shelf.append, FrozenClock())
    recorder.delta("1.4", "text", 0.0, "hello")
    while not shelf.events:  # noqa: ASYNC110 - the timer under test has no event to wait for
        await asyncio.sleep(0.005)
    assert shelf.events[0].event == ev.BlockDelta("1.4", "text", ((0, "hello"),))
    await recorder.close()


async def test_a_restart_is_its_own_delta() -> None:
    shelf = Shelf()
    recorder = TimelineRecorder("t", shelf.append, FrozenClock())
    recorder.delta("1.4", "text", 0.0, "wrong")
    recorder.delta("1.4", "text", 9.0, "right", restart=True)
    await recorder.close()
    assert [getattr(e.event, "restart", None) for e in shelf.events] == [False, True]


async def test_a_broken_view_becomes_one_note_and_hides_nothing(caplog: pytest.LogCaptureFixture) -> None:
    shelf, broken, well = Shelf(), Seen(), Seen()
    recorder = TimelineRecorder("t", shelf.append, FrozenClock(), views=[broken, well])
    broken.broken = True
    recorder.emit(ev.TurnStarted("one"))
    recorder.delta("1.4", "text", 0.0, "hello")
    recorder.emit(ev.TurnStarted("two"))
    await recorder.close()
    types = [e.event.type for e in shelf.events]
    assert types == ["turn.started", "note", "block.delta", "turn.started"]
    assert sorted(e.seq for e in well.events) == [1, 2, 3, 4]
    assert "a view failed" in caplog.text


async def test_a_full_disk_is_told_to_whoever_waits() -> None:
    shelf = Shelf()
    recorder = TimelineRecorder("t", shelf.append, FrozenClock())
    shelf.full = True
    recorder.emit(ev.TurnStarted("one"))
    with pytest.raises(StoreFailure, match="disk is full"):
        await recorder.commit()
    recorder.emit(ev.TurnStarted("two"))
    with pytest.raises(StoreFailure):
        await recorder.commit()
    with pytest.raises(StoreFailure):
        await recorder.close()


async def test_blobs_go_with_their_event() -> None:
    shelf = Shelf()
    recorder = TimelineRecorder("t", shelf.append, FrozenClock())
    name = recorder.blob(b"whole")
    recorder.emit(ev.ToolFinished("1.3c1", "ok", "who", blob=name))
    await recorder.close()
    assert shelf.blobs == {name: b"whole"}
    assert len(name) == 64


DEATHS = [
    OverflowError("Python int too large to convert to SQLite INTEGER"),
    TypeError("no JSON for set"),
    UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed"),
    MemoryError(),
    RuntimeError("what was this?"),
    KeyError("blocks"),
]


@pytest.mark.parametrize("death", DEATHS, ids=lambda e: type(e).__name__)
async def test_whatever_a_store_raises_whoever_waits_learns_of_it(death: Exception) -> None:
    shelf, seen = Shelf(), Seen()
    recorder = TimelineRecorder("t", shelf.append, FrozenClock(), views=[seen])
    recorder.emit(ev.TurnStarted("one"))
    await recorder.commit()
    shelf.death = death
    async with asyncio.timeout(60):
        recorder.delta("1.4", "text", 0.0, "some words")
        recorder.emit(ev.Note("a", "b"))
        with pytest.raises(StoreFailure, match=type(death).__name__) as told:
            await recorder.commit()
        assert "\n" not in told.value.message
        with pytest.raises(StoreFailure):  # nothing goes on streaming that cannot be kept
            recorder.delta("1.4", "text", 9.0, "more")
        recorder.emit(ev.BlockFinished("1.4", "failed"))  # but whatever is open is closed
        with pytest.raises(StoreFailure):
            await recorder.commit()
        with pytest.raises(StoreFailure):
            await recorder.close()
    assert [e.seq for e in seen.events] == [1, 2, 3, 4]
    assert [e.seq for e in shelf.events] == [1]


async def test_a_writer_that_is_ended_from_outside_leaves_nobody_waiting() -> None:
    shelf = Shelf()
    recorder = TimelineRecorder("t", shelf.append, FrozenClock())
    recorder.emit(ev.TurnStarted("one"))
    writer = next(t for t in asyncio.all_tasks() if t.get_name() == "the recorder's writer")
    waiting = asyncio.ensure_future(recorder.commit())
    await asyncio.sleep(0)
    writer.cancel()
    async with asyncio.timeout(60):
        with pytest.raises(StoreFailure, match="stopped too early"):
            await waiting
        with pytest.raises(StoreFailure):
            await recorder.close()


async def test_what_comes_after_the_end_is_not_waited_for() -> None:
    recorder = TimelineRecorder("t", Shelf().append, FrozenClock())
    recorder.emit(ev.TurnStarted("one"))
    await recorder.close()
    recorder.emit(ev.Note("late", "too late"))
    async with asyncio.timeout(60):
        with pytest.raises(StoreFailure, match="closed"):
            await recorder.commit()


async def test_a_timer_that_fails_is_told_to_whoever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = TimelineRecorder("t", Shelf().append, FrozenClock())
    monkeypatch.setattr("ralph.session.recorder.DELTA_S", 0.0)
    recorder.delta("1.4", "text", float("nan"), "at no time")  # a NaN is no whole number of milliseconds

    async def wait() -> None:
        while True:
            await recorder.commit()
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        with pytest.raises(StoreFailure, match="ValueError"):
            await wait()


async def lock_for(seconds: float) -> tuple[Shelf, TimelineRecorder]:
    """A turn whose request has left, and a database that is locked from then on."""
    shelf, clock = Shelf(), FrozenClock()
    recorder = TimelineRecorder("t", shelf.append, clock)
    recorder.emit(ev.AttemptStarted("1.2a1", "1.2", "p:m"))
    recorder.delta("1.2", "text", 1.0, "one ")
    recorder.emit(ev.Note("a", "b"))
    await recorder.commit()
    shelf.clock, shelf.locked_until = clock, clock.passed + seconds
    recorder.delta("1.2", "text", 2.0, "two ")
    recorder.emit(ev.BlockFinished("1.2", "ok", text="one two "))
    return shelf, recorder


async def test_what_was_shown_waits_for_a_database_that_is_locked() -> None:
    shelf, recorder = await lock_for(50.0)
    await recorder.close()
    assert [e.seq for e in shelf.events] == [1, 2, 3, 4, 5]


async def test_a_database_that_stays_locked_is_given_up_and_what_was_kept_is_told() -> None:
    shelf, recorder = await lock_for(1000.0)
    with pytest.raises(StoreFailure, match="of 8 characters shown 4 were kept"):
        await recorder.close()
    assert [e.seq for e in shelf.events] == [1, 2, 3]


async def test_before_a_request_has_left_nothing_is_waited_for() -> None:
    shelf, clock = Shelf(), FrozenClock()
    shelf.clock, shelf.locked_until = clock, 1000.0
    recorder = TimelineRecorder("t", shelf.append, clock)
    recorder.emit(ev.AttemptStarted("1.2a1", "1.2", "p:m"))
    with pytest.raises(StoreFailure):
        await recorder.commit()
    assert clock.passed == 0.0
