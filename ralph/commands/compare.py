"""`/compare`: the same question answered by several models, each in a fork of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ralph.commands._arguments import turn_of
from ralph.commands._base import Simple
from ralph.commands._dispatch import refusal, verbatim
from ralph.commands._forks import beside
from ralph.commands.model import complete as complete_ref
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.formatting import seconds
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.usage import dollars, mark
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Face
from ralph.core.timeline.steps import Step
from ralph.core.timeline.timeline import failure_of
from ralph.core.timeline.turns import Turn
from ralph.session import rerun

MOST = 6
SHOWN = 1200


@frozen
class Answered(Data):
    """What came of one model: its fork, and the turn in it."""

    ref: str
    fork: str
    turn: Turn


async def run(argument: str, face: Face) -> None:
    """The last question, its tool results kept; with a message, that one, each model doing it whole."""
    refs, message = _asked(argument, face)
    last = turn_of(face) if not message else None
    step = _step(last) if last else "route"
    turns = face.conversation.timeline().turns
    keep = last.number - 1 if last else turns[-1].number if turns else 0
    how = f"turn {last.number} again, from {step}" if last else "this question"
    who = "One model answers" if len(refs) == 1 else f"{len(refs)} models answer"
    stop = next((f" {row.keys} stops them." for row in face.key_rows() if row.id == "turn.stop"), "")
    face.say(f"{who} {how}, each in a fork.{stop}")
    there: list[Conversation] = []
    try:
        for ref in refs:
            there.append(await beside(face, keep, ref))
        context = await face.context(message) if message else ""
        tasks = [one.rerun(last, step) if last else one.submit(message, context) for one in there]
        with face.beside(there):
            await asyncio.wait(tasks)
        made = [Answered(r, c.id, c.timeline().turns[-1]) for r, c in zip(refs, there, strict=True)]
    finally:
        for one in there:
            await one.close()
    face.say(_table(made))


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
    if word in [row.name for row in face.workspace.providers()]:
        return ""
    try:
        return face.workspace.model(word)
    except Failure:
        if ModelRef.parse(word).provider in [row.name for row in face.workspace.providers()]:
            raise
        return ""


def _step(turn: Turn) -> Step:
    """From format, so that all write from the same results; from the beginning where there are none."""
    try:
        rerun.again(turn, "format")
    except Failure:
        return "route"
    return "format"


def _table(made: Sequence[Answered]) -> str:
    rows = "\n".join(_row(one) for one in made)
    head = "| model | state | time | input | output | cost | fork |\n| --- | --- | ---: | ---: | ---: | ---: | --- |"
    answers = "\n\n".join(f"**{verbatim(one.ref)}**\n\n{_answer(one.turn)}" for one in made)
    one = made[0]
    on = f"`/timelines {one.fork}` goes on from an answer, `/model {one.ref}` there with its model; `/tree` shows all."
    return f"{head}\n{rows}\n\n{answers}\n\n{on}"


def _row(one: Answered) -> str:
    """Nothing stands for tokens and cost where no model was asked."""
    turn, usage = one.turn, one.turn.usage
    how = verbatim(mark(usage))
    used = f"{how}{usage.input:,} | {how}{usage.output:,}" if usage.source != "none" else " | "
    cost = verbatim(dollars(turn.cost)) if turn.attempts else ""
    return f"| {verbatim(one.ref)} | {turn.status} | {seconds(turn.duration_ms)} | {used} | {cost} | `{one.fork}` |"


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
    usage="provider:model … [message]", complete=complete, whole=True,
)  # fmt: skip
