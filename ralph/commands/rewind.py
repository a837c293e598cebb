"""`/rewind`: changes a turn's question, in a fork that ends before it."""

from __future__ import annotations

from ralph.commands._arguments import number, turn_of
from ralph.commands._base import Simple
from ralph.commands._forks import into_fork
from ralph.core.clock import local
from ralph.core.errors import NotFound
from ralph.core.ports.face import Face
from ralph.core.timeline.turns import Turn

# The most turns in the list, the latest first; earlier turns need a number.
OFFERED = 500
LONGEST = 60


async def run(argument: str, face: Face) -> None:
    """Keep the turns before the named one, and put its question back into the prompt. Without a number, pick a turn."""
    word = argument.strip() or await _pick(face)
    if word is None:
        return
    turn, old = turn_of(face, word), face.conversation.id
    there = await into_fork(face, turn.number - 1)
    face.result({"timeline": there.id, "forked_from": old, "turns": turn.number - 1, "prompt": turn.started.prompt})
    face.write(turn.started.prompt)
    without = " The piped text that came with it is not restored." if turn.started.context else ""
    face.say(
        f"Rewound to before turn {turn.number}, in the new fork `{there.id}`. Its question is in the prompt.{without} "
        f"The original is kept as `{old}`."
    )


async def _pick(face: Face) -> str | None:
    """Return the number of the picked turn; None if the person declines. Raises `Failure` without turns."""
    turns = face.conversation.timeline().turns
    if not turns:
        raise NotFound("there is no turn yet, so there is nothing to rewind")
    turn_of(face)  # raises while a turn runs
    first = " (/rewind N goes further back)" if len(turns) > OFFERED else ""
    latest = list(reversed(turns))[:OFFERED]
    return await face.choose(f"Rewind to before which turn?{first}", [(str(t.number), _label(t)) for t in latest])


def _label(turn: Turn) -> str:
    """Return `3 · 14:02 · What is 17 % of 2,340? · ✗ failed`."""
    prompt = " ".join(turn.started.prompt.split())
    shown = prompt if len(prompt) <= LONGEST else f"{prompt[: LONGEST - 1]}…"
    end = "" if turn.status == "ok" else f" · {turn.status or 'running'}"
    return f"{turn.number} · {local(turn.at)[11:16]} · {shown}{end}"


COMMAND = Simple("rewind", "go back before a turn and ask it differently", run, (), "[turn]", number, whole=True)
