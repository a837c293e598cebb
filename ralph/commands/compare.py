"""`/compare`: lets several models answer the same question, each in its own fork."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ralph.commands._arguments import turn_of
from ralph.commands._base import Simple
from ralph.commands._dispatch import refusal, verbatim
from ralph.commands.model import complete_ref
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.formatting import seconds
from ralph.core.llm.refs import ModelRef, UnknownName
from ralph.core.llm.usage import format_charge, mark
from ralph.core.ports.face import Face
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.compared import ComparedAnswer, as_data, last_answers
from ralph.core.timeline.json_output import turn_json
from ralph.workflows.compare import CompareRequest, compare

MOST = 6
_TAKE = re.compile(r"take\s+([0-9]{1,2})(?:\s+of\s+(0\.[0-9]+))?")
SHOWN = 1200


async def run(argument: str, face: Face) -> None:
    """Compare answers to the last question, with its tool results; with a message, to that message, each model from the
    start. `take N` continues with answer N of the last comparison."""
    if taken := _TAKE.fullmatch(argument.strip()):
        await _take(int(taken[1]), taken[2], face)
        return
    refs, message = await _parse_argument(argument, face)
    asked = CompareRequest(tuple(refs), UserInput(message), turn=turn_of(face) if not message else None)
    how = f"turn {asked.turn.number} again, from {asked.step}" if asked.turn else "this question"
    who = "One model answers" if len(refs) == 1 else f"{len(refs)} models answer"
    stop = next((f" {row.keys} stops them." for row in face.key_rows() if row.id == "turn.stop"), "")
    face.say(f"{who} {how}, each in a fork.{stop}")
    if message:
        asked = replace(asked, input=UserInput(message, await face.context(message)))
    turns = await compare(face.workspace, face.conversation, asked, face.beside)
    face.result([{"model": ref, **turn_json(turn)} for ref, turn in turns])
    answers = [ComparedAnswer.of(ref, turn) for ref, turn in turns]
    title = message or (asked.turn.started.prompt if asked.turn else "")
    await face.keep(title, _table(answers), as_data(answers))


async def _take(number: int, block: str | None, face: Face) -> None:
    """Continue in the fork in which this model answered, with this model."""
    work = face.conversation.timeline().work
    answers = last_answers([one for one in work if block in (None, one.id)])
    if not answers:
        raise NotFound("nothing was compared in this timeline yet; write  /compare MODEL MODEL")
    if not 1 <= number <= len(answers):
        raise NotFound(f"the last comparison has the answers 1 to {len(answers)}, not {number}")
    chosen = answers[number - 1]
    here = face.conversation.id
    there = await face.switch(chosen.fork)
    there.use_model(chosen.ref)
    face.say(f"Going on with the answer of `{chosen.ref}`. The comparison is kept in `{here}`; `/tree` shows both.")


async def _parse_argument(argument: str, face: Face) -> tuple[list[str], str]:
    words = argument.split()
    refs: list[str] = []
    while words and (ref := await _ref(words[0], face, first=not refs)):
        refs.append(ref)
        words.pop(0)
    refs = list(dict.fromkeys(refs))
    if not refs or len(refs) > MOST:
        none = f"'{words[0]}' is not a model; " if words and not refs else ""
        raise Failure(
            Kind.USAGE,
            f"{none}write  /compare MODEL [MODEL …] [MESSAGE],  with 1 to {MOST} models; without a message the last "
            "question is asked again",
        )
    return refs, " ".join(words)


async def _ref(word: str, face: Face, *, first: bool) -> str:
    """Return the model that a word names; a provider's bare name counts as an ordinary word here.

    Only for the first word, which must name a model, lists are fetched: a later one may begin the message.
    """
    if word in [row.name for row in face.workspace.models.providers()]:
        return ""
    try:
        models = face.workspace.models
        return await models.find_ref(word) if first else models.ref(word)
    except UnknownName:
        return ""
    except Failure:  # the first word may mean several models, or lacks a part
        if first or ModelRef.parse(word).provider in [row.name for row in face.workspace.models.providers()]:
            raise
        return ""


def _table(made: Sequence[ComparedAnswer]) -> str:
    rows = "\n".join(_row(one) for one in made)
    head = "| model | state | time | input | output | cost | fork |\n| --- | --- | ---: | ---: | ---: | ---: | --- |"
    answers = "\n\n".join(f"**{verbatim(one.ref)}**\n\n{_answer(one)}" for one in made)
    on = "`/compare take 1` goes on with the first answer and its model; `/tree` shows the forks."
    return f"{head}\n{rows}\n\n{answers}\n\n{on}"


def _row(one: ComparedAnswer) -> str:
    """Return the row of an answer. Tokens and cost are empty if no model was asked."""
    usage = one.usage
    how = mark(usage)
    used = f"{how}{usage.input:,} | {how}{usage.output:,}" if usage.source != "none" else " | "
    cost = verbatim(format_charge(one.cost, usage)) if one.asked else ""
    return f"| {verbatim(one.ref)} | {one.status} | {seconds(one.duration_ms)} | {used} | {cost} | `{one.fork}` |"


def _answer(one: ComparedAnswer) -> str:
    """Return the answer as a quote, cut if it is long; the whole answer is in its fork.

    A quote closes open code blocks, so that the text after it is outside of a cut listing.
    """
    text = one.text
    parts = ["\n".join(f"> {line}" for line in text[:SHOWN].rstrip().splitlines())] if text else []
    if len(text) > SHOWN:
        parts.append("… (the rest is in the fork)")
    if one.error:
        parts.append(f"> {refusal(one.error)}")
    return "\n\n".join(parts) or "> (nothing)"


async def complete(argument: str, face: Face) -> Sequence[str]:
    if argument.startswith("take "):
        count = len(last_answers(face.conversation.timeline().work))
        return [f"take {n}" for n in range(1, count + 1) if f"take {n}".startswith(argument)]
    before, _, start = argument.rpartition(" ")
    head = f"{before} " if before else ""
    return [f"{head}{ref}" for ref in await complete_ref(start, face)]


COMMAND = Simple(
    "compare", "several models side by side; take N goes on with one", run,
    usage="provider:model … [message]", complete=complete, whole=True, sends=True,
)  # fmt: skip
