"""`ralph -p "/command …"`: a slash command without a screen, with the outputs and the exit codes of a turn."""

from __future__ import annotations

import logging
from asyncio import Task
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TextIO

from ralph.commands._dispatch import load, parse, perform, verbatim
from ralph.core.data import Data, frozen
from ralph.core.errors import ErrorInfo, Failure, Kind, exit_code
from ralph.core.formatting import plural
from ralph.core.llm.usage import total_cost, total_usage
from ralph.core.log.codec import dump_visible, plain
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Command
from ralph.core.ports.workspace import Workspace
from ralph.core.timeline.step_times import turn_figures
from ralph.core.timeline.turns import Turn
from ralph.headless import changes, outcome
from ralph.headless.plain_face import PlainFace, needs_screen
from ralph.headless.said_words import SaidWords
from ralph.headless.shown_turn import SIGPIPE_EXIT, Output, ShownTurn
from ralph.headless.signals import Signals
from ralph.workflows.latest import open_timeline

log = logging.getLogger("ralph.headless")


@frozen
class SlashLine(Data):
    """A typed command. `timeline`: as for a question. `context`: the text of a pipe."""

    line: str
    context: str = ""
    output: Output = "text"
    timeline: str | None = None
    timeout_s: float | None = None
    yes: bool = False
    """Whether questions with a yes and a no are answered with yes."""


@frozen
class SlashEnd(Data):
    """The result of a command: its exit code, its answer, and the reason of a failure."""

    code: int = 0
    text: str = ""
    data: Any = None
    error: ErrorInfo | None = None


def command_of(text: str) -> Command:
    """Return the command that this line names. Raises `Failure(USAGE)`, also for one that needs a screen."""
    try:
        command = load(parse(text)[0])
    except Failure as failure:
        end = " To" if failure.message.endswith("?") else "; to"
        raise Failure(failure.kind, f"{failure.message}{end} send this text to a model, write ralph -p -- …") from None
    if getattr(command, "needs_screen", False):
        raise needs_screen(command)
    return command


async def run_slash(
    workspace: Workspace, asked: SlashLine, out: TextIO, err: TextIO, signals: Signals | None = None
) -> int:
    """Run the command, and the turn that it starts; the exit code. Raises `Failure` where it could not begin."""
    command, argument = command_of(asked.line), parse(asked.line)[1]
    turn = ShownTurn(asked.output, out, err, signals, asked.timeout_s)
    words = SaidWords(asked.output, turn.writing, out, err)
    conversation, passed = await open_timeline(workspace.timelines, asked.timeline)
    if passed:
        print(f"ralph: {passed}", file=err)
    face = PlainFace(workspace, conversation, command, words, turn, asked.context, yes=asked.yes)
    before = _choices(face.conversation)
    failed: Failure | None = None
    try:
        await perform(command, argument, face)
    except Failure as failure:
        failed = failure
    except BrokenPipeError:
        raise  # the reader has left, which is no error
    except Exception as error:  # border: a command may be code of another package
        log.exception("/%s failed", command.name)
        failed = Failure(Kind.INTERNAL, f"/{command.name} hit a bug: {error!r}; the log has the rest")
    if not (failed or face.followed or words.said):
        _tell_silent(face)
    words.end()
    if face.followed and not failed:
        end = await _end_of_turn(face.conversation, face.followed, turn)
    else:
        await _close(face.conversation, before, err)
        end = SlashEnd(0, words.text, face.data)
        if failed:
            end = replace(end, code=failed.exit_code, error=failed.info)
            print(f"ralph: {failed.message}", file=err)
        elif face.ran:
            end = _after(end, [one.timeline().turns[-1] for one in face.ran], turn, err)
    if asked.output == "json":
        turn.writing.write(_object(asked.line, end))
    if turn.writing.refused:
        print(f"ralph: the answer could not be written: {turn.writing.refused}", file=err)
        return end.code or exit_code(Kind.IO)
    return SIGPIPE_EXIT if turn.writing.gone else end.code


def refuse_slash(failure: Failure, line: str, output: Output, out: TextIO, err: TextIO) -> int:
    """Report a command that could not begin, in the requested form."""
    if output == "json":
        print(_object(line, SlashEnd(error=failure.info)), end="", file=out, flush=True)
    print(f"ralph: {failure.message}", file=err)
    return failure.exit_code


def _object(line: str, end: SlashEnd) -> str:
    made = {"command": line.strip(), "text": end.text, "data": end.data, "error": plain(end.error)}
    return dump_visible(made) + "\n"


async def _end_of_turn(conversation: Conversation, task: Task[None], showing: ShownTurn) -> SlashEnd:
    """Show the turn that the command started, to its end."""
    ended = await showing.wait(conversation, lambda: task)
    made = ended.json()
    error = made["error"]
    info = ErrorInfo(Kind(error["kind"]), error["message"]) if error else ended.why
    return SlashEnd(showing.tell(ended), ended.turn.text, made, info)


def _after(end: SlashEnd, turns: Sequence[Turn], showing: ShownTurn, err: TextIO) -> SlashEnd:
    """Combine the ends of turns that ran beside the conversation: one good end is enough."""
    usage, cost = total_usage(turn.usage for turn in turns), total_cost(turn.cost for turn in turns)
    longest, asked = max(turn_figures(turn).own_ms or 0.0 for turn in turns), any(turn.attempts for turn in turns)
    print(outcome.sum_line(usage, cost, longest, asked=asked), file=err)
    if not showing.stopped and any(turn.status == "ok" for turn in turns):
        return end
    code = showing.stopped or outcome.code_of(turns[0])
    why = showing.stop_reason(turns[0], code) or ErrorInfo(outcome.kind_of(turns[0]), outcome.sentence(turns[0]))
    print(f"ralph: {why.message}", file=err)
    return replace(end, code=code, error=why)


def _tell_silent(face: PlainFace) -> None:
    """Print what a screen would show by itself: recorded changes, or the timeline that is open now."""
    told = changes.in_words(face.changes)
    here = face.conversation.timeline()
    if not told and face.went:
        face.result({"timeline": here.id, "title": here.title, "turns": here.last_turn})
        facts = f"`{here.id}` · {verbatim(here.title)} · {plural(here.last_turn, 'turn')}"
        told = f"{facts}. `ralph -r {here.id} -p …` goes on in it, `ralph show {here.id}` prints it."
    if told:
        face.say(told)


def _choices(conversation: Conversation) -> Mapping[str, Any]:
    """Return the choices that a command may change without recording anything."""
    overrides, timeline = conversation.overrides, conversation.timeline()
    return {
        "id": conversation.id,
        "settings": (overrides.settings, overrides.tools),
        "rest": (overrides.routing, timeline.title, timeline.pins, conversation.system),
    }


async def _close(here: Conversation, before: Mapping[str, Any], err: TextIO) -> None:
    """Store the records of the command, and print what could not be kept. Raises `StoreFailure`."""
    after, saved = _choices(here), here.timeline().last_seq
    await here.close()
    if after["id"] != before["id"]:
        return
    if after != before and not saved:
        print("ralph: nothing was asked in this timeline yet, so this is not kept; -c or -r ID names another", file=err)
    elif after["settings"] != before["settings"]:
        print("ralph: settings and tools apply to one run only, so this is not kept", file=err)
