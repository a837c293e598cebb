"""The circuit breaker: it leaves a failing provider alone for a while, then probes it with one request."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ralph.core.clock import Clock, local, stamp
from ralph.core.errors import Failure, Kind, NotSent
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Item
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, ModelCall

TRIPS = frozenset((Kind.OVERLOADED, Kind.SERVER, Kind.NETWORK, Kind.TIMEOUT, Kind.TRUNCATED, Kind.PROTOCOL))
# More than the tries of one turn, so that one bad turn does not block a provider without a fallback.
THRESHOLD = 5
OPEN_S = 30.0

State = Literal["closed", "open", "half-open"]


@dataclass(slots=True)
class Circuit:
    """The state of one model at one address."""

    failures: int = 0
    opened_at: float | None = None
    kind: Kind = Kind.SERVER
    message: str = ""
    probing: bool = False

    def state(self, now: float) -> State:
        if self.opened_at is None:
            return "closed"
        return "open" if now < self.opened_at + OPEN_S else "half-open"


class CircuitBreaker:
    """Counts consecutive failures. An open circuit sends nothing; a half-open circuit lets a single probe through."""

    def __init__(self, inner: Gateway, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._circuits: dict[ModelRef, Circuit] = {}

    def states(self) -> dict[ModelRef, State]:
        """Return every circuit that is not closed."""
        now = self._clock.monotonic()
        found = {ref: circuit.state(now) for ref, circuit in self._circuits.items()}
        return {ref: state for ref, state in found.items() if state != "closed"}

    def admits(self, ref: ModelRef) -> bool:
        """Return whether a request would pass: the circuit is closed, or half-open before its probe."""
        circuit = self._circuits.get(ref)
        if circuit is None:
            return True
        state = circuit.state(self._clock.monotonic())
        return state == "closed" or (state == "half-open" and not circuit.probing)

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        circuit = self._circuits.setdefault(call.ref, Circuit())
        self._enter(call, circuit)
        try:
            async with aclosing(self._inner.stream(call)) as items:
                async for item in items:
                    yield item
        except Failure as failure:
            self._count_failure(circuit, failure)
            raise
        else:
            circuit.failures, circuit.opened_at = 0, None
        finally:
            circuit.probing = False

    def _enter(self, call: ModelCall, circuit: Circuit) -> None:
        """Raise `NotSent` while the circuit is open, or half-open with a running probe."""
        now = self._clock.monotonic()
        state = circuit.state(now)
        if state == "closed":
            return
        if state == "half-open" and not circuit.probing:
            circuit.probing = True
            return
        left = max(0.0, (circuit.opened_at or now) + OPEN_S - now)
        until = local(stamp(self._clock.now() + timedelta(seconds=left)))[11:]
        message = (
            f"not sent: {call.ref} failed {circuit.failures} times in a row and is paused until {until}; "
            f"use another model with -m or /model. The last error: {circuit.message}"
        )
        call.recorder.emit(ev.Note("breaker", message, call.scope.block))
        raise NotSent(circuit.kind, message)

    def _count_failure(self, circuit: Circuit, failure: Failure) -> None:
        if failure.kind not in TRIPS or isinstance(failure, NotSent):
            return
        circuit.failures += 1
        circuit.kind, circuit.message = failure.kind, failure.message
        if circuit.failures >= THRESHOLD:
            circuit.opened_at = self._clock.monotonic()
