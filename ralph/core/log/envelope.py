"""An event with its place: timeline, number, turn and time."""

from __future__ import annotations

from ralph.core.data import Data, frozen
from ralph.core.log.events import Event

VERSION = 1


@frozen
class Envelope(Data):
    """`seq` has no gaps. Outside a turn `turn` is 0 and `ms` 0; `at` is wall clock UTC.

    `ms` is monotonic since the turn began.
    """

    timeline: str
    seq: int
    turn: int
    at: str
    ms: float
    event: Event
    v: int = VERSION
