"""Measures a wait before a request; the next attempt reports it, or else its block."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ralph.core.clock import Clock
from ralph.core.log.recording import AttemptScope


@contextlib.contextmanager
def time_wait(scope: AttemptScope, cause: str, clock: Clock, least_ms: float = 0.0) -> Iterator[None]:
    """Count the time inside as a wait for this cause, even if cancelled. A wait under `least_ms` is not recorded."""
    began = clock.monotonic()
    try:
        yield
    finally:
        took = round((clock.monotonic() - began) * 1000, 3)
        if took > 0 and took >= least_ms:
            scope.waited[cause] = round(scope.waited.get(cause, 0.0) + took, 3)
