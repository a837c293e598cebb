"""The figures of a step or a turn in words, the same in every face."""

from __future__ import annotations

from collections.abc import Mapping

from ralph.core.formatting import seconds
from ralph.core.llm.usage import Usage, format_charge, mark
from ralph.core.timeline.step_times import Guess, StepFigures

# Milliseconds. Shorter waits are over before anybody notices; a line about each would hide the long ones.
NOTICED_MS = 100.0
_WAITS: Mapping[str, str] = {
    "person": "waited {} for you",
    "loading": "waited {} for its client to load",
    "limited": "waited {} for the rate limit",
    "retry": "waited {} to try again",
}


def apart(figures: StepFigures) -> list[str]:
    """Return the figures beside the own time: `waited 33.8s for you`, `+ guess discarded ~27↑ ~28↓ ~$0.0003`."""
    guess = [f"+ guess discarded {_describe_guess(figures.guess)}"] if figures.guess else []
    return [*waits_in_words(figures.waited), *guess]


def apart_of_turn(figures: StepFigures) -> list[str]:
    """Return the figures at the end of a turn, whose sums include the guess."""
    guess = [f"with a discarded guess of {_describe_guess(figures.guess)}"] if figures.guess else []
    return [*waits_in_words(figures.waited), *guess]


def waits_in_words(waited: Mapping[str, float]) -> list[str]:
    """Return `waited 33.8s for you` for each noticeable wait."""
    return [
        words.format(seconds(waited[cause])) for cause, words in _WAITS.items() if waited.get(cause, 0) > NOTICED_MS
    ]


def _describe_guess(guess: Guess) -> str:
    return " ".join(part for part in (token_words(guess.usage), format_charge(guess.cost, guess.usage)) if part)


def token_words(usage: Usage) -> str:
    """Return `1,752↑ 187↓` with the mark of their source; empty if nothing was used."""
    if usage.source == "none":
        return ""
    how = mark(usage)
    return f"{how}{usage.input:,}↑ {how}{usage.output:,}↓"
