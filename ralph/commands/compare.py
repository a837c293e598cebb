"""`/compare`: the same question answered by several models, each in a fork of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ralph.commands._arguments import turn_of
from ralph.commands._base import Simple
from ralph.commands._dispatch import refusal, verbatim
from ralph.commands.model import complete as complete_ref
from ralph.core.errors import Failure, Kind
from ralph.core.formatting import seconds
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.usage import charged, mark
from ralph.core.ports.face import Face
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.json_output import turn_json
from ralph.core.timeline.step_times import turn_figures
from ralph.core.timeline.timeline import failure_of
from ralph.core.timeline.turns import Turn
from ralph.workflows.compare import ComparedAnswer, CompareRequest, compare

MOST = 6
SHOWN = 1200


async def run(argument: str, face: Face) -> None:
    """The last question, its tool results kept; with a message, that one, each model doing it whole."""
    refs, message = _asked(argument, face)
    asked = CompareRequest(tuple(refs), UserInput(message), turn=turn_of(face) if not message else None)
    how = f"turn {asked.turn.number} again, from {asked.step}" if asked.turn else "this question"
    who = "One model answers" if len(refs) == 1 else f"{len(refs)} models answer"
    stop = next((f" {row.keys} stops them." for row in face.key_rows() if row.id == "turn.stop"), "")
    face.say(f"{who} {how}, each in a fork.{stop}")
    if message:
        asked = replace(asked, input=UserInput(message, await face.context(message)))
    answers = await compare(face.workspace, face.conversation, asked, face.beside)
    face.result([{"model": one.ref, **turn_json(one.turn)} for one in answers])
    face.say(_table(answers))


def _asked(argument: str, face: Face) -> tuple[list[str], str]:
    words = argument.split()
    refs: list[str] = []
    while words and (ref := _ref(words[0], face)):
        refs.append(ref)
        words.pop(0)
    refs = list(dict.fromkeys(refs))
    if not refs or len(refs) > MOST:
        none = f"'{words[0]}' is no model; " if words and not refs else ""
        raise Failure(
            Kind.USAGE,
            f"{none}write  /compare MODEL [MODEL …] [MESSAGE],  with 1 to {MOST} models; without a message the last "
            "question is asked again",
        )
    return refs, " ".join(words)


def _ref(word: str, face: Face) -> str:
    """The model that a word names; a provider's bare name is a word like any other here."""
    if word in [row.name for row in face.workspace.models.providers()]:
        return ""
    try:
        return face.workspace.models.ref(word)
    except Failure:
        if ModelRef.parse(word).provider in [row.name for row in face.workspace.models.providers()]:
            raise
        return ""


def _table(made: Sequence[ComparedAnswer]) -> str:
    rows = "\n".join(_row(one) for one in made)
    head = "| model | state | time | input | output | cost | fork |\n| --- | --- | ---: | ---: | ---: | ---: | --- |"
    answers = "\n\n".join(f"**{verbatim(one.ref)}**\n\n{_answer(one.turn)}" for one in made)
    one = made[0]
    on = f"`/timelines {one.fork}` goes on from an answer, `/model {one.ref}` there with its model; `/tree` shows all."
    return f"{head}\n{rows}\n\n{answers}\n\n{on}"


def _row(one: ComparedAnswer) -> str:
    """Nothing stands for tokens and cost where no model was asked."""
    turn, usage = one.turn, one.turn.usage
    how = verbatim(mark(usage))
    used = f"{how}{usage.input:,} | {how}{usage.output:,}" if usage.source != "none" else " | "
    cost = verbatim(charged(turn.cost, usage)) if turn.attempts else ""
    took = seconds(turn_figures(turn).own_ms or 0.0)
    return f"| {verbatim(one.ref)} | {turn.status} | {took} | {used} | {cost} | `{one.fork}` |"


def _answer(turn: Turn) -> str:
    """Quoted, and drawn as any answer; a long one cut, for the whole is in its fork.

    A quote ends whatever was left open in it, so that what comes behind stands outside of a cut listing.
    """
    failed = failure_of(turn) if turn.status != "ok" else None
    text = turn.text.strip()
    parts = ["\n".join(f"> {line}" for line in text[:SHOWN].rstrip().splitlines())] if text else []
    if len(text) > SHOWN:
        parts.append("… (the rest is in the fork)")
    if failed:
        parts.append(f"> {refusal(failed[0].message)}")
    return "\n\n".join(parts) or "> (nothing)"


async def complete(argument: str, face: Face) -> Sequence[str]:
    before, _, start = argument.rpartition(" ")
    head = f"{before} " if before else ""
    return [f"{head}{ref}" for ref in await complete_ref(start, face)]


COMMAND = Simple(
    "compare", "the same question to several models, side by side", run,
    usage="provider:model … [message]", complete=complete, whole=True, sends=True,
)  # fmt: skip
