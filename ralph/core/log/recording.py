"""The protocols around a turn: a recorder that stores events, and a gateway that calls models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, MutableMapping, Sequence
from typing import NamedTuple, Protocol

from ralph.core.errors import Failure
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Channel, Item, Request
from ralph.core.log.events import AttemptFinished, Event
from ralph.core.masking import Secrets


class Recorder(Protocol):
    """Stores events, then shows them. `emit` and `delta` never await, so that no cancel can interrupt them."""

    @property
    def timeline(self) -> str: ...

    @property
    def turn(self) -> int:
        """Return the running turn; 0 between turns."""
        ...

    @property
    def run(self) -> str:
        """Return the id of the ledger's rows if nothing else is stored; else an empty text."""
        ...

    @property
    def secrets(self) -> Secrets:
        """Return the keys of this run, which no recorded text may contain."""
        ...

    def emit(self, event: Event) -> None:
        """Number the event, hand it to the store, and show it."""
        ...

    def delta(self, block: str, channel: Channel, ms: float, text: str, *, restart: bool = False) -> None:
        """Add a live piece, `ms` since its block began: it is shown at once and stored in batches."""
        ...

    def blob(self, data: bytes) -> str:
        """Store bytes that are too large for an event; return their sha256 in hex."""
        ...

    async def commit(self) -> None:
        """Wait until all emitted events are in the database. Raises `StoreFailure`."""
        ...

    def measure_ms(self) -> float:
        """Return the milliseconds since the turn began."""
        ...


class AttemptScope(Protocol):
    """The place of a model call in a turn: a block that numbers its attempts and keeps their finishes."""

    @property
    def block(self) -> str: ...

    @property
    def discarding(self) -> bool:
        """Return whether the cancelled request is an unwanted guess."""
        ...

    @property
    def refusal(self) -> Failure | None:
        """Return the failure of a parallel request for which this one was cancelled, because its key is refused too."""
        ...

    @property
    def held_ms(self) -> float | None:
        """Return how many ms a guess was held back before it was shown."""
        ...

    @property
    def waited(self) -> MutableMapping[str, float]:
        """Return ms by cause that the next attempt has waited before its start; the attempt removes them."""
        ...

    def next_attempt(self) -> str:
        """Return a new attempt id, `1.3a1`."""
        ...

    @property
    def attempts(self) -> Sequence[AttemptFinished]:
        """Return the finishes so far."""
        ...

    def add_attempt(self, finish: AttemptFinished) -> None: ...


class ModelCall(NamedTuple):
    """One call of a model: the model, the request, the place in the turn, and the recorder."""

    ref: ModelRef
    request: Request
    scope: AttemptScope
    recorder: Recorder


class Gateway(Protocol):
    """The layers between a step and a provider. Each request that they send is an attempt in the recorder."""

    def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Yield the items of one answer; the last is an `Answer`. Raises `Failure`. Consume it under `aclosing`."""
        ...
