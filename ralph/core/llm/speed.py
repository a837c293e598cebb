"""How fast a model was on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ralph.core.data import Data, frozen


@frozen
class ModelSpeed(Data):
    """The median time to the first token, and tokens a second once it writes; None where nothing was measured."""

    first_token_s: float | None = None
    tokens_per_second: float | None = None


# What was written in less time came in a piece or two: tokens a second of it would tell of the network.
RATED_MS = 100.0


class Timed(NamedTuple):
    """One attempt that went well."""

    ttft_ms: float
    duration_ms: float
    output: int


def model_speed(attempts: Sequence[Timed]) -> ModelSpeed:
    """The figures of these attempts."""
    if not attempts:
        return ModelSpeed()
    ttfts = sorted(a.ttft_ms for a in attempts)
    rated = [a for a in attempts if a.duration_ms - a.ttft_ms >= RATED_MS]
    decoding = sum(a.duration_ms - a.ttft_ms for a in rated)
    speed = round(sum(a.output for a in rated) / decoding * 1000, 1) if rated else None
    return ModelSpeed(ttfts[(len(ttfts) - 1) // 2] / 1000, speed)


@frozen
class Guesses(Data):
    """What became of the last answers that were begun before the route had decided."""

    kept: int = 0
    discarded: int = 0

    @property
    def discard_chance(self) -> float:
        """The chance that the next one is discarded. With none to learn from it is one in ten."""
        return (self.discarded + 1) / (self.kept + self.discarded + 10)
