"""`/rewind`: ask a turn's question differently, in a fork that ends before it."""

from __future__ import annotations

from ralph.commands._arguments import number, turn_of
from ralph.commands._base import Simple
from ralph.commands._forks import into_fork
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """Keep the turns before the named one (the last), and put its question back into the prompt."""
    turn, old = turn_of(face, argument.strip()), face.conversation.id
    there = await into_fork(face, turn.number - 1)
    face.result({"timeline": there.id, "forked_from": old, "turns": turn.number - 1, "prompt": turn.started.prompt})
    face.write(turn.started.prompt)
    without = " What a pipe brought with it is not put back." if turn.started.context else ""
    face.say(
        f"Back before turn {turn.number}, in the fork `{there.id}`; its question is in the prompt.{without} "
        f"What came of it stays in `{old}`."
    )


COMMAND = Simple("rewind", "go back before a turn and ask it differently", run, ("undo",), "[turn]", number, whole=True)
