"""Taking the time of a wait before a request: the attempt that follows, or else its block, tells of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ralph.core.clock import Clock
from ralph.core.log.recording import AttemptScope


@contextlib.contextmanager
def time_wait(scope: AttemptScope, cause: str, clock: Clock, least_ms: float = 0.0) -> Iterator[None]:
    """What is done inside is a wait for this cause, also where it is cancelled. Under `least_ms` it was none."""
    began = clock.monotonic()
    try:
        yield
    finally:
        took = round((clock.monotonic() - began) * 1000, 3)
        if took > 0 and took >= least_ms:
            scope.waited[cause] = round(scope.waited.get(cause, 0.0) + took, 3)
