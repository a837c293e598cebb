"""The recorder: it numbers each event, gives it to the writer, then shows it; live pieces are stored in batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from ralph.core import background
from ralph.core.clock import Clock, stamp
from ralph.core.errors import StoreFailure
from ralph.core.llm.request import Channel
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.log.listener import EventListener, NamedListener
from ralph.core.masking import Secrets
from ralph.core.sanitise import printable

# Seconds that a delta waits for others: a delta is stored within 100 ms of its arrival, and the commit needs the rest.
DELTA_S = 0.06
# Chunks closer than this are merged: the file stays within 8 times its text, and the replay's timing stays true.
MERGE_MS = 33.0
# Seconds between retries of a failed write, for as long as the failure says that retries make sense.
AGAIN_S = 0.5

log = logging.getLogger("ralph.session")


class Append(Protocol):
    """The store's method: it appends all of these events or none. With a `run` only the ledger is written."""

    async def __call__(
        self, envelopes: Sequence[Envelope], blobs: Mapping[str, bytes] | None = None, *, run: str = ""
    ) -> None: ...


class TimelineRecorder:
    """The only writer of one timeline. `emit` and `delta` never await; `commit` waits for the database."""

    def __init__(
        self,
        timeline: str,
        append: Append,
        clock: Clock,
        *,
        last_seq: int = 0,
        run: str = "",
        views: Iterable[EventListener] = (),
        secrets: Secrets | None = None,
    ) -> None:
        self.secrets = secrets or Secrets()
        self.timeline = timeline
        self._append = append
        self._clock = clock
        self.run = run
        self._views = list(views)
        self._listeners: tuple[NamedListener, ...] = ()
        self._told: set[int] = set()
        self._seq = self._stored = last_seq
        self.turn = 0
        self._began = 0.0
        self._queue: list[Envelope] = []
        self._blobs: dict[str, bytes] = {}
        self._pending: dict[tuple[str, Channel], list[tuple[float, list[str]]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._progress = asyncio.Event()
        self._closing = False
        self._failure: StoreFailure | None = None
        self._writer: asyncio.Task[None] | None = None
        self._asked = False
        self._shown = self._kept = 0

    def attach(self, view: EventListener) -> None:
        self._views.append(view)

    def detach(self, view: EventListener) -> None:
        if view in self._views:
            self._views.remove(view)

    def listen(self, listeners: Iterable[NamedListener]) -> None:
        """Add listeners. They receive each event after it is stored, and live pieces at once if they want them."""
        self._listeners = tuple(listeners)

    def begin_turn(self, number: int) -> None:
        """Assign the following events to this turn, and start its clock."""
        self.turn = number
        self._began = self._clock.monotonic()

    def end_turn(self) -> None:
        self._flush()
        self.turn = 0

    def measure_ms(self) -> float:
        return round((self._clock.monotonic() - self._began) * 1000, 3) if self.turn else 0.0

    def emit(self, event: ev.Event) -> None:
        if self._pending:
            self._flush()
        self._push(event)
        self._wake.set()

    def delta(self, block: str, channel: Channel, ms: float, text: str, *, restart: bool = False) -> None:
        if self._failure and not restart:
            raise self._failure  # no paid text is streamed if it cannot be stored
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
                self._report_view(view, error)
        for one in self._listeners:
            if hear := getattr(one.listener, "chunk", None):
                self._call_listener(one, hear, block, channel, ms, text)

    def blob(self, data: bytes) -> str:
        import hashlib  # hashlib loads OpenSSL, which only a blob needs

        name = hashlib.sha256(data).hexdigest()
        self._blobs[name] = data
        return name

    async def commit(self) -> None:
        target = self._seq
        while self._stored < target and not self._failure:
            if self._writer is None or self._writer.done():
                self._fail(_after_the_end(self._stored, target))
                break
            await self._progress.wait()
        if self._failure:
            raise self._failure

    async def close(self) -> None:
        """Store what is left and stop the writer. Raises `StoreFailure` if an event could not be stored."""
        self._flush()
        self._closing = True
        self._wake.set()
        if self._writer:
            await asyncio.wait([self._writer])  # not the task itself: a cancel of the closer must not end the writer
        if self._failure:
            raise self._explain_loss(self._failure)

    def _explain_loss(self, failure: StoreFailure) -> StoreFailure:
        """Return the failure with what happened to the shown text."""
        if not self._shown or self.run:
            return failure
        return StoreFailure(f"{failure.message}; of {self._shown:,} characters shown {self._kept:,} were kept")

    def _tick(self) -> None:
        self._timer = None
        try:
            self._flush()
        except Exception as error:  # noqa: BLE001 - border: no caller of a timer would see the exception
            self._fail(error)
        self._wake.set()

    def _flush(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        pending, self._pending = self._pending, {}
        for (block, channel), chunks in pending.items():
            self._push(ev.BlockDelta(block, channel, tuple((int(ms), "".join(texts)) for ms, texts in chunks)))

    def _push(self, event: ev.Event) -> None:
        event = self.secrets.hide_in(event)  # a tool may have read a key: the shown text is the stored text
        self._seq += 1
        at = stamp(self._clock.now())
        envelope = Envelope(self.timeline, self._seq, self.turn, at, self.measure_ms(), event)
        if not self._failure:
            self._queue.append(envelope)
            if self._writer and self._writer.done():
                self._fail(_after_the_end(self._stored, self._seq))
        if self._writer is None:
            self._writer = background.start(self._write(), "the recorder's writer", self._end_writer)
        for view in tuple(self._views):
            try:
                view.event(envelope)
            except Exception as error:  # noqa: BLE001 - border: a broken view must not break the turn
                self._report_view(view, error)

    def _report_view(self, view: EventListener, error: Exception) -> None:
        """Record a note in the timeline the first time, and a line in the log each time."""
        log.exception("a view failed", exc_info=error)
        if id(view) not in self._told:
            self._told.add(id(view))
            self._push(ev.Note("view", f"a view failed and may show less than was recorded: {error!r}"))

    def _tell(self, stored: Iterable[Envelope]) -> None:
        for envelope in stored:
            for one in self._listeners:
                self._call_listener(one, one.listener.event, envelope)

    def _call_listener(self, one: NamedListener, hear: Callable[..., object], *told: object) -> None:
        """Call a listener. A failure becomes a note the first time, with the listener's name."""
        try:
            hear(*told)
        except Exception as error:  # border: a broken listener must not break the turn
            log.exception("the listener %s failed", one.name, exc_info=error)
            if id(one.listener) not in self._told:
                self._told.add(id(one.listener))
                self._push(ev.Note("listener", f"the listener '{one.name}' failed: {error!r}", data={"loud": True}))
                self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._queue = self._queue, []
            blobs, self._blobs = self._blobs, {}
            stored: Sequence[Envelope] = ()
            if batch and not self._failure:
                try:
                    await self._store(batch, blobs)
                    self._stored, stored = batch[-1].seq, batch
                except Exception as error:  # noqa: BLE001 - border: whatever a store raises, whoever waits learns of it
                    self._fail(error)
            self._advance()
            self._tell(stored)
            if self._closing and not self._queue:
                return

    async def _store(self, batch: Sequence[Envelope], blobs: Mapping[str, bytes]) -> None:
        """Store a batch. Raises `StoreFailure`. Retries only if a request was sent, whose answer is worth a wait."""
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

    def _end_writer(self, error: BaseException | None) -> None:
        """Handle the end of the writer. If it ended by an error, nothing more is stored."""
        if error is not None or self._queue:
            self._fail(error or RuntimeError("events were left"))
        self._advance()

    def _advance(self) -> None:
        """Wake every task that waits for the database."""
        self._progress.set()
        self._progress = asyncio.Event()

    def _fail(self, error: BaseException) -> None:
        """Stop storing, and raise this error to all callers from now on. The first error counts."""
        failure = error if isinstance(error, StoreFailure) else StoreFailure(_sentence(error))
        known = error if not isinstance(error, StoreFailure) else None
        log.error("events from %d on were not stored: %s", self._stored + 1, failure.message, exc_info=known)
        self._failure = self._failure or failure
        self._advance()


def _sentence(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError):
        return "the writer of this timeline was stopped too early; what came since is not stored"
    why = printable(" ".join(f"{type(error).__name__}: {error}".split()))
    return (
        f"this timeline could not be stored ({why}); what came since is shown, but not kept; "
        "please report it, with the log"
    )


def _after_the_end(stored: int, wanted: int) -> StoreFailure:
    return StoreFailure(f"this timeline is closed; its events {stored + 1} to {wanted} are not stored")
