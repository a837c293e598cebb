"""The record of a comparison: a block between turns with the result of the question for each model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log.codec import build, plain
from ralph.core.timeline.step_times import turn_figures
from ralph.core.timeline.timeline import failure_of
from ralph.core.timeline.turns import Block, Turn

KEY = "compared"


@frozen
class ComparedAnswer(Data):
    """The result of one model."""

    ref: str
    """The model that was asked."""
    fork: str
    """The timeline in which the model answered; `turn` is the number of the turn there."""
    turn: int
    status: str
    text: str = ""
    error: str = ""
    """Why there is no answer, or only a part of one."""
    duration_ms: float = 0.0
    usage: Usage = Usage()
    cost: Cost = Cost()
    asked: bool = True
    """Whether a request was sent; without one, there are no tokens and no cost."""

    @classmethod
    def of(cls, ref: str, turn: Turn) -> ComparedAnswer:
        failed = failure_of(turn) if turn.status != "ok" else None
        error = failed[0].message.partition("\n")[0] if failed else ""
        status, asked = turn.status or "interrupted", bool(turn.attempts)
        fork, took = turn.timeline, turn_figures(turn).own_ms or 0.0
        return cls(ref, fork, turn.number, status, turn.text.strip(), error, took, turn.usage, turn.cost, asked)


def as_data(answers: Sequence[ComparedAnswer]) -> dict[str, Any]:
    """Return the data of the block."""
    return {KEY: [plain(answer) for answer in answers]}


def answers_of(block: Block) -> tuple[ComparedAnswer, ...]:
    """Return the answers in a block; none for a block of another kind."""
    kept = block.data.get(KEY) if block.kind == "note" else None
    return tuple(build(ComparedAnswer, one) for one in kept) if isinstance(kept, list | tuple) else ()


def last_answers(work: Sequence[Block]) -> tuple[ComparedAnswer, ...]:
    """Return the answers of the last comparison in a timeline."""
    return next((found for block in reversed(work) if (found := answers_of(block))), ())
