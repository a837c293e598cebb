"""`/tree`: shows this timeline among its forks; picking one opens it."""

from __future__ import annotations

from dataclasses import replace

from ralph.commands._base import Simple
from ralph.commands._saved import go_to
from ralph.core.formatting import plural
from ralph.core.ports.face import Face
from ralph.core.timeline.fork_tree import Branch, fork_tree

LONGEST = 48


async def run(argument: str, face: Face) -> None:  # noqa: ARG001 - takes none
    """List ancestors, siblings and descendants, each with its turns and its cost. Model choices go along."""
    here = face.conversation.id
    branches = fork_tree(await face.workspace.timelines.rows(), here)
    face.result([b.row for b in branches])
    if len(branches) < 2:
        face.say("This timeline has no forks yet. `/fork`, `/retry` and `/rewind` each make one and keep the original.")
        return
    options = [(b.row.id, _label(b, here)) for b in branches]
    chosen = await face.choose("The forks of this timeline", options)
    if chosen is None or chosen == here:
        return
    routing = face.conversation.overrides.routing
    there = await go_to(face, chosen)
    if there:
        there.override(replace(there.overrides, routing=routing), quiet=True)


def _label(branch: Branch, here: str) -> str:
    row = branch.row
    turns = plural(row.turns, "turn")
    place = f"turn {row.fork_turn}" if row.fork_turn else "the start"
    left = f" · from {place}" if row.forked_from else ""
    mark = " · here" if row.id == here else f" · {place}" if (place := row.place(here)) else ""
    title = row.label if len(row.label) <= LONGEST else f"{row.label[: LONGEST - 1]}…"
    return f"{branch.twig}{title} · {turns}{left} · {row.charged} · {row.id}{mark}"


COMMAND = Simple("tree", "the forks of this timeline; open one", run, lists=True)
