"""Copies the choices of a person from one conversation to another."""

from __future__ import annotations

from ralph.core.ports.conversation import Conversation


def copy_choices(there: Conversation, here: Conversation, *, quiet: bool = False) -> None:
    """Copy models, settings, pinned tools and system prompt; equal values are not recorded again.

    With `quiet` other models are not recorded either. Without it, models that were not in use where the fork begins are
    recorded, and they stay when the fork is opened again.
    """
    there.override(here.overrides, quiet=quiet, copied=True)
    if there.system != here.system:
        there.update_timeline(system=here.system)
