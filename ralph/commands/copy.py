"""`/copy`: copies an answer, or the code in it, to the clipboard."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.ports.face import Face
from ralph.core.timeline.turns import Turn

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")


async def run(argument: str, face: Face) -> None:
    """Copy the last answer, or that of a turn, as markdown; with `code`, its last code block, without the fence."""
    words = argument.casefold().split()
    code = "code" in words
    numbers = [w for w in words if w != "code"]
    if len(numbers) > 1 or not all(n.isdecimal() for n in numbers):
        raise Failure(Kind.USAGE, "write  /copy [TURN]  or  /copy code [TURN],  with the number of the turn")
    turns = face.conversation.timeline().turns
    turn = _find_turn(turns, int(numbers[0])) if numbers else _last(turns, code)
    text = next(reversed(_code(turn)), "") if code else turn.text
    if not text:
        raise NotFound(f"turn {turn.number} has no {'code in its answer' if code else 'answer'}")
    what = f"{'the last code' if code else 'the answer'} of turn {turn.number}: {_size(text)}"
    if not face.copy(text):
        raise Failure(Kind.USAGE, "ralph has no clipboard here; select the text and copy it with the terminal's keys")
    face.say(f"Copied {what}. If it is not in the clipboard, your terminal does not let programs write there.")


async def complete(argument: str, face: Face) -> Sequence[str]:
    """Complete `code`, and the numbers of the turns that have an answer or code."""
    first, blank, rest = argument.casefold().lstrip().partition(" ")
    turns = face.conversation.timeline().turns
    if first == "code" and blank:
        return [f"code {t.number}" for t in turns if str(t.number).startswith(rest.strip()) and _code(t)]
    numbers = [str(t.number) for t in turns if t.text]
    return [word for word in ("code", *numbers) if word.startswith(first)] if not blank else ()


def _find_turn(turns: Sequence[Turn], number: int) -> Turn:
    turn = next((t for t in turns if t.number == number), None)
    if turn is None:
        there = f"there are 1 to {turns[-1].number}" if turns else "there is none yet"
        raise NotFound(f"there is no turn {number} in this timeline; {there}")
    return turn


def _last(turns: Sequence[Turn], code: bool) -> Turn:
    turn = next((t for t in reversed(turns) if (_code(t) if code else t.text)), None)
    if turn is None:
        raise NotFound("there is no code in any answer of this timeline" if code else "there is no answer yet")
    return turn


def _code(turn: Turn) -> list[str]:
    """Return the code blocks of an answer, without their fences; a block that is still open counts too."""
    made: list[str] = []
    fence = ""
    for line in turn.text.splitlines():
        found = _FENCE.match(line)
        if not fence and found:
            fence = found[1]
            made.append("")
        elif fence and found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
        elif fence:
            made[-1] += f"{line}\n"
    return made


def _size(text: str) -> str:
    lines = text.count("\n") + (not text.endswith("\n"))
    return f"{len(text):,} characters, {lines:,} line{'' if lines == 1 else 's'}"


COMMAND = Simple("copy", "copy an answer, or the code in it", run, usage="[code] [turn]", complete=complete, whole=True,
                 needs_screen=True)  # fmt: skip
