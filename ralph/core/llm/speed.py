"""The measured speed of a model on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ralph.core.data import Data, frozen


@frozen
class ModelSpeed(Data):
    """The median time to the first token, and tokens a second after it; None if nothing was measured."""

    first_token_s: float | None = None
    tokens_per_second: float | None = None


# Milliseconds. A faster answer arrived in a piece or two, and its rate would measure the network.
RATED_MS = 100.0


class Timed(NamedTuple):
    """One attempt that ended well."""

    ttft_ms: float
    duration_ms: float
    output: int


def model_speed(attempts: Sequence[Timed]) -> ModelSpeed:
    """Return the medians of these attempts."""
    if not attempts:
        return ModelSpeed()
    ttfts = sorted(a.ttft_ms for a in attempts)
    rated = [a for a in attempts if a.duration_ms - a.ttft_ms >= RATED_MS]
    decoding = sum(a.duration_ms - a.ttft_ms for a in rated)
    speed = round(sum(a.output for a in rated) / decoding * 1000, 1) if rated else None
    return ModelSpeed(ttfts[(len(ttfts) - 1) // 2] / 1000, speed)


@frozen
class Guesses(Data):
    """The outcomes of the last answers that began before the route decided."""

    kept: int = 0
    discarded: int = 0

    @property
    def discard_chance(self) -> float:
        """Return the chance that the next guess is discarded. Without earlier guesses it is one in ten."""
        return (self.discarded + 1) / (self.kept + self.discarded + 10)
