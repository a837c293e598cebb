"""`/retry`: runs a turn again in a fork, completely or from a step on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from ralph.commands._arguments import endings, is_number, numbers, turn_of
from ralph.commands._base import Simple
from ralph.commands._forks import switch_to
from ralph.commands.model import complete_ref
from ralph.core.errors import Failure, Kind
from ralph.core.ports.face import Face
from ralph.core.timeline.steps import STEPS, Step
from ralph.session.rerun import step_of
from ralph.workflows.rerun import prepare_rerun


class RetryRequest(NamedTuple):
    """The parsed words of the command."""

    turn: str = ""
    step: Step = "route"
    ref: str = ""


async def run(argument: str, face: Face) -> None:
    """Run the named (or last) turn again from the named step (route); a named model does tool and format."""
    asked = await _parse_argument(argument, face)
    turn, old = turn_of(face, asked.turn), face.conversation.id
    again = await prepare_rerun(face.workspace, old, turn, partial(switch_to, face), from_=asked.step, ref=asked.ref)
    by = f" with `{asked.ref}`" if asked.ref else ""
    face.say(
        f"Re-running turn {turn.number}{by}, from {asked.step}{again.kept}. "
        f"The original is kept as `{old}`; `/tree` shows both."
    )
    face.follow(again.begin())


async def complete(argument: str, face: Face) -> Sequence[str]:
    """Complete a turn, a step, or a model, at any position."""
    before, _, start = argument.rpartition(" ")
    found = endings(argument, [*(numbers(face) if not before else ()), *STEPS])
    head = f"{before} " if before else ""
    return [*found, *(f"{head}{ref}" for ref in await complete_ref(start, face))]


async def _parse_argument(argument: str, face: Face) -> RetryRequest:
    made = RetryRequest()
    for word in argument.split():
        if is_number(word) and not made.turn:
            made = made._replace(turn=word)
        elif word.casefold() in STEPS and made.step == "route":
            made = made._replace(step=step_of(word))
        elif not made.ref:
            made = made._replace(ref=await face.workspace.models.find_ref(word))
        else:
            raise Failure(Kind.USAGE, "write  /retry TURN STEP MODEL,  as in /retry 2 format ollama:llama3.2:3b")
    return made


COMMAND = Simple(
    "retry", "re-run a turn, or only its later steps, in a fork", run,
    usage="[turn] [route|tool|format] [provider:model]", complete=complete, whole=True,
)  # fmt: skip
