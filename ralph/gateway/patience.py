"""How long a turn may wait for providers: one clock over all its steps, tries, limits and loading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ralph.core.clock import Clock
from ralph.core.log.recording import Recorder


class Patience:
    """The clock of one turn. It runs while any of its requests waits for the first words of an answer.

    It stops while an answer streams, a tool runs or a person is asked, so a long turn may still retry a failure at its
    end.
    """

    def __init__(self, clock: Clock, deadline_s: float) -> None:
        self._clock = clock
        self._deadline_s = deadline_s
        self._spent = 0.0
        self._since = 0.0
        self._running = 0

    @property
    def running(self) -> bool:
        return self._running > 0

    @property
    def spent_s(self) -> float:
        """Return the seconds waited so far; parallel waits of two requests count once."""
        return self._spent + (self._clock.monotonic() - self._since if self._running else 0.0)

    @property
    def left_s(self) -> float:
        return self._deadline_s - self.spent_s

    def start(self) -> None:
        if not self._running:
            self._since = self._clock.monotonic()
        self._running += 1

    def stop(self) -> None:
        self._running -= 1
        if not self._running:
            self._spent += self._clock.monotonic() - self._since


class Stretch:
    """One request's share of the waiting; starting or stopping it twice changes nothing."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._started = False

    def start(self) -> None:
        if not self._started:
            self._started = True
            self._patience.start()

    def stop(self) -> None:
        if self._started:
            self._started = False
            self._patience.stop()


class Patiences:
    """The clock of each timeline's running turn."""

    def __init__(self, clock: Clock, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self._clock = clock
        self._turns: dict[str, tuple[int, Patience]] = {}

    def of(self, recorder: Recorder) -> Patience:
        """Return the clock of the turn that is recorded now; work between turns gets a new clock each time."""
        turn, patience = self._turns.get(recorder.timeline, (-1, None))
        if patience is None or turn != recorder.turn or (not turn and not patience.running):
            patience = Patience(self._clock, self.deadline_s)
            self._turns[recorder.timeline] = recorder.turn, patience
        return patience

    @contextmanager
    def waiting(self, recorder: Recorder) -> Iterator[Stretch]:
        """Run the clock while a request waits; it is stopped at the end in any case."""
        stretch = Stretch(self.of(recorder))
        stretch.start()
        try:
            yield stretch
        finally:
            stretch.stop()
