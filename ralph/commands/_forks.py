"""Going on in a fork of this conversation, with the choices that were made in it."""

from __future__ import annotations

from dataclasses import replace

from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Face
from ralph.session.forking import MARK


async def into_fork(face: Face, keep: int) -> Conversation:
    """A fork that keeps the turns 1 to `keep`, opened in this face; the old timeline stays as it is."""
    here = face.conversation
    fork = await face.workspace.timelines.fork(here.id, keep)
    there = await face.switch(fork)
    like(there, here)
    return there


async def beside(face: Face, keep: int, ref: str) -> Conversation:
    """The same without showing it: tool and format by this model."""
    here = face.conversation
    title = f"{here.timeline().title.removesuffix(MARK)} ({ref})"
    if here.timeline().last_seq:
        there = await face.workspace.timelines.open(await face.workspace.timelines.fork(here.id, keep, title))
    else:  # of a timeline in which nothing was asked there is nothing to keep
        there = await face.workspace.timelines.open()
    like(there, here, quiet=True)
    routing = replace(there.overrides.routing, tool=ref, format=ref)
    there.override(replace(there.overrides, routing=routing), quiet=True)
    return there


def like(there: Conversation, here: Conversation, *, quiet: bool = False) -> None:
    """The same models, settings, pinned tools and system prompt; what is the same already is not recorded again.

    `quiet`: nor are other models; without it, they hold on when the fork is opened again.
    """
    there.override(here.overrides, quiet=quiet)
    if there.system != here.system:
        there.change(system=here.system)
