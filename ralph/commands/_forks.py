"""Continues in a fork of this conversation, with the choices that were made in it."""

from __future__ import annotations

from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Face
from ralph.workflows.choices import copy_choices


async def into_fork(face: Face, keep: int) -> Conversation:
    """Open a fork in this face that keeps the turns 1 to `keep`; the old timeline is unchanged."""
    return await switch_to(face, await face.workspace.timelines.fork(face.conversation.id, keep))


async def switch_to(face: Face, fork: str) -> Conversation:
    """Open this fork in this face."""
    here = face.conversation
    there = await face.switch(fork)
    copy_choices(there, here)
    return there
