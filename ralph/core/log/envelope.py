"""An event with its position: timeline, number, turn and time."""

from __future__ import annotations

from ralph.core.data import Data, frozen
from ralph.core.log.events import Event

VERSION = 1


@frozen
class Envelope(Data):
    """An event and its position. `seq` has no gaps. `at` is the wall clock in UTC; `ms` is monotonic since the turn
    began.

    Outside a turn, `turn` and `ms` are 0.
    """

    timeline: str
    seq: int
    turn: int
    at: str
    ms: float
    event: Event
    v: int = VERSION
