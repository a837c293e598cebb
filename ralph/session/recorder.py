"""The recorder: numbers each event, hands it to the writer, then shows it; stores live pieces coalesced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ralph.core import events as ev
from ralph.core.clock import Clock, stamp
from ralph.core.envelope import Envelope
from ralph.core.errors import StoreFailure
from ralph.core.view import View

# A delta is stored at most 100 ms after its bytes arrived: this long it waits for company, the rest is the commit.
DELTA_S = 0.06
# Chunks nearer than this become one: a file of at most 8 times its text, and replay still in true time.
MERGE_MS = 33.0
# What cannot be stored now is tried again after this, for as long as the failure says that it is worth it.
AGAIN_S = 0.5

log = logging.getLogger("ralph.session")


class Append(Protocol):
    """The store's side: all of these events or none. With a `run` only the ledger is written, under this id."""

    async def __call__(
        self, envelopes: Sequence[Envelope], blobs: Mapping[str, bytes] | None = None, *, run: str = ""
    ) -> None: ...


class TimelineRecorder:
    """One writer of one timeline. `emit` and `delta` never await; `commit` waits for the database."""

    def __init__(
        self,
        timeline: str,
        append: Append,
        clock: Clock,
        *,
        last_seq: int = 0,
        run: str = "",
        views: Iterable[View] = (),
    ) -> None:
        self.timeline = timeline
        self._append = append
        self._clock = clock
        self.run = run
        self._views = list(views)
        self._told: set[int] = set()
        self._seq = self._stored = last_seq
        self.turn = 0
        self._began = 0.0
        self._queue: list[Envelope] = []
        self._blobs: dict[str, bytes] = {}
        self._pending: dict[tuple[str, ev.Channel], list[tuple[float, list[str]]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._progress = asyncio.Event()
        self._closing = False
        self._failure: StoreFailure | None = None
        self._writer: asyncio.Task[None] | None = None
        self._asked = False
        self._shown = self._kept = 0

    def attach(self, view: View) -> None:
        self._views.append(view)

    def detach(self, view: View) -> None:
        if view in self._views:
            self._views.remove(view)

    def begin_turn(self, number: int) -> None:
        """Events from here on belong to this turn, and its clock starts."""
        self.turn = number
        self._began = self._clock.monotonic()

    def end_turn(self) -> None:
        self._flush()
        self.turn = 0

    def elapsed_ms(self) -> float:
        return round((self._clock.monotonic() - self._began) * 1000, 3) if self.turn else 0.0

    def emit(self, event: ev.Event) -> None:
        if self._pending:
            self._flush()
        self._push(event)
        self._wake.set()

    def delta(self, block: str, channel: ev.Channel, ms: float, text: str, *, restart: bool = False) -> None:
        self._shown += len(text)
        if restart:
            self._flush()
            self._push(ev.BlockDelta(block, channel, ((int(ms), text),), restart=True))
        else:
            chunks = self._pending.get((block, channel))
            if chunks is None:
                self._pending[block, channel] = [(ms, [text])]
            elif ms - chunks[-1][0] < MERGE_MS:
                chunks[-1][1].append(text)
            else:
                chunks.append((ms, [text]))
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(DELTA_S, self._tick)
        for view in self._views:
            try:
                view.chunk(block, channel, ms, text)
            except Exception as error:  # noqa: BLE001 - border: a broken view must not break the turn
                self._broken(view, error)

    def blob(self, data: bytes) -> str:
        import hashlib  # OpenSSL's, which only a blob needs

        name = hashlib.sha256(data).hexdigest()
        self._blobs[name] = data
        return name

    async def commit(self) -> None:
        target = self._seq
        while self._stored < target:
            if self._failure:
                raise self._failure
            await self._progress.wait()
        if self._failure:
            raise self._failure

    async def close(self) -> None:
        """Store what is left and stop the writer. Raises `StoreFailure` if something could not be stored."""
        self._flush()
        self._closing = True
        self._wake.set()
        if self._writer:
            await asyncio.shield(self._writer)
        if self._failure:
            raise self._lost(self._failure)

    def _lost(self, failure: StoreFailure) -> StoreFailure:
        """The failure, with what became of what was shown."""
        if not self._shown or self.run:
            return failure
        return StoreFailure(f"{failure.message}; of {self._shown:,} characters shown {self._kept:,} were kept")

    def _tick(self) -> None:
        self._timer = None
        self._flush()
        self._wake.set()

    def _flush(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        pending, self._pending = self._pending, {}
        for (block, channel), chunks in pending.items():
            self._push(ev.BlockDelta(block, channel, tuple((int(ms), "".join(texts)) for ms, texts in chunks)))

    def _push(self, event: ev.Event) -> None:
        self._seq += 1
        at = stamp(self._clock.now())
        envelope = Envelope(self.timeline, self._seq, self.turn, at, self.elapsed_ms(), event)
        self._queue.append(envelope)
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write(), name="recorder")
        for view in tuple(self._views):
            try:
                view.event(envelope)
            except Exception as error:  # noqa: BLE001 - border: a broken view must not break the turn
                self._broken(view, error)

    def _broken(self, view: View, error: Exception) -> None:
        """A note in the timeline the first time, a line in the log each time."""
        log.exception("a view failed", exc_info=error)
        if id(view) not in self._told:
            self._told.add(id(view))
            self._push(ev.Note("view", f"a view failed and may show less than was recorded: {error!r}"))

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._queue = self._queue, []
            blobs, self._blobs = self._blobs, {}
            if batch and not self._failure:
                try:
                    await self._store(batch, blobs)
                    self._stored = batch[-1].seq
                except StoreFailure as failure:
                    log.error("events %d to %d were not stored: %s", batch[0].seq, batch[-1].seq, failure)
                    self._failure = failure
            self._progress.set()
            self._progress = asyncio.Event()
            if self._closing and not self._queue:
                return

    async def _store(self, batch: Sequence[Envelope], blobs: Mapping[str, bytes]) -> None:
        """Raises `StoreFailure`. Once a request has left, what came of it is worth waiting for; before, nothing is."""
        began = self._clock.monotonic()
        while True:
            try:
                await self._append(batch, blobs, run=self.run)
                break
            except StoreFailure as failure:
                if not self._asked or self._clock.monotonic() - began >= failure.worth_s:
                    raise
                log.warning("events %d to %d wait: %s", batch[0].seq, batch[-1].seq, failure)
            await self._clock.sleep(AGAIN_S)
        for event in (e.event for e in batch):
            if isinstance(event, ev.AttemptStarted):
                self._asked = True
            elif isinstance(event, ev.BlockDelta):
                self._kept += sum(len(text) for _, text in event.chunks)
