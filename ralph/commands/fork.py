"""`/fork`: continues from here, or from an earlier turn, in a new timeline."""

from __future__ import annotations

from ralph.commands._arguments import number, turn_of
from ralph.commands._base import Simple
from ralph.commands._forks import into_fork
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """Keep the turns up to the named one, or all."""
    turn, old = turn_of(face, argument.strip()), face.conversation.id
    there = await into_fork(face, turn.number)
    face.result({"timeline": there.id, "forked_from": old, "turns": turn.number})
    kept = "turn 1" if turn.number == 1 else f"the turns 1 to {turn.number}"
    face.say(f"Forked: `{there.id}` has {kept} of `{old}`, which is unchanged. `/tree` shows both.")


COMMAND = Simple(
    "fork", "go on in a copy that keeps the turns up to this one", run, ("branch",), "[turn]", number, whole=True
)
