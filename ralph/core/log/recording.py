"""What a turn needs around it: a recorder to push events into, and a gateway to call models through."""

from __future__ import annotations

from collections.abc import AsyncGenerator, MutableMapping, Sequence
from typing import NamedTuple, Protocol

from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Channel, Item, Request
from ralph.core.log.events import AttemptFinished, Event
from ralph.core.masking import Secrets


class Recorder(Protocol):
    """Stores, then shows. `emit` and `delta` never await, so that a cancel cannot land inside."""

    @property
    def timeline(self) -> str: ...

    @property
    def turn(self) -> int:
        """The turn that is running; 0 between turns."""
        ...

    @property
    def run(self) -> str:
        """Empty; or, where only the ledger is kept, the id under which its rows stand."""
        ...

    @property
    def secrets(self) -> Secrets:
        """The keys of this run, which nothing that is recorded may tell."""
        ...

    def emit(self, event: Event) -> None:
        """Number the event, hand it to the store, show it."""
        ...

    def delta(self, block: str, channel: Channel, ms: float, text: str, *, restart: bool = False) -> None:
        """A live piece, `ms` since its block began: shown at once, stored coalesced."""
        ...

    def blob(self, data: bytes) -> str:
        """Store bytes too large for an event; returns their sha256 in hex."""
        ...

    async def commit(self) -> None:
        """Return when all that was emitted is in the database. Raises `StoreFailure`."""
        ...

    def measure_ms(self) -> float:
        """Milliseconds since the turn began."""
        ...


class AttemptScope(Protocol):
    """Where in a turn a model is called: a block that numbers its attempts and keeps their finishes."""

    @property
    def block(self) -> str: ...

    @property
    def discarding(self) -> bool:
        """What is being cancelled is a guess that was not wanted."""
        ...

    @property
    def held_ms(self) -> float | None:
        """For how long a guess was held back before it was shown."""
        ...

    @property
    def waited(self) -> MutableMapping[str, float]:
        """Milliseconds that the next attempt has waited before it could start, by cause; the attempt takes them."""
        ...

    def next_attempt(self) -> str:
        """A new attempt id, `1.3a1`."""
        ...

    @property
    def attempts(self) -> Sequence[AttemptFinished]:
        """The finishes so far."""
        ...

    def add_attempt(self, finish: AttemptFinished) -> None: ...


class ModelCall(NamedTuple):
    """One call of a model: whom to ask for what, where in the turn, and who records it."""

    ref: ModelRef
    request: Request
    scope: AttemptScope
    recorder: Recorder


class Gateway(Protocol):
    """All that stands between a step and a provider. Each request it sends is an attempt in the recorder."""

    def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """The items of one answer; the last is an `Answer`. Raises `Failure`. Consume it under `aclosing`."""
        ...
