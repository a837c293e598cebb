"""Running a turn again: which steps are kept, and whether they can be kept."""

from __future__ import annotations

from ralph.core.errors import Failure, Kind, did_you_mean
from ralph.core.log.events import Rerun
from ralph.core.timeline import decision
from ralph.core.timeline.steps import STEPS, Step
from ralph.core.timeline.turns import Block, Turn
from ralph.pipeline.plan import RerunPlan


def step_of(word: str) -> Step:
    """Return the step that a person named. Raises `Failure(USAGE)`."""
    for step in STEPS:
        if word.casefold() == step:
            return step
    hint = did_you_mean(word, STEPS)
    raise Failure(Kind.USAGE, f"a turn is run again from {', '.join(STEPS)}, not from '{word}'{hint}")


def again(turn: Turn, from_: Step) -> RerunPlan:
    """Return the plan from this step on, with the steps before it kept. Raises `Failure(USAGE)` if one is not whole."""
    if turn.status is None:
        raise Failure(Kind.BUSY, f"turn {turn.number} is running; wait for it, or stop it first")
    kept = tuple(_find_kept(turn, step) for step in STEPS[: STEPS.index(from_)])
    return RerunPlan(Rerun(turn.timeline, turn.number, from_), kept)


def _find_kept(turn: Turn, step: Step) -> Block:
    block = turn.step(step)
    if block is None or not _whole(block):
        raise Failure(
            Kind.USAGE,
            f"the {step} step of turn {turn.number} has no complete result to keep; run the turn again from {step}",
        )
    return block


def _whole(block: Block) -> bool:
    """Return whether a step can be kept: a decision was made (also by the rules), and no needed call is missing."""
    if block.kind == "route":
        try:
            decision.of(block.data)
        except ValueError:
            return False
        return True
    not_reached = (block.reason or "").startswith("not reached")
    return block.status in ("ok", "skipped") and not not_reached
