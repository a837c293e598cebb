"""What a person has chosen in one conversation, taken along into another."""

from __future__ import annotations

from ralph.core.ports.conversation import Conversation


def copy_choices(there: Conversation, here: Conversation, *, quiet: bool = False) -> None:
    """The same models, settings, pinned tools and system prompt; what is the same already is not recorded again.

    `quiet`: nor are other models. Without it those are recorded that were not in use where the fork begins, and hold on
    when it is opened again.
    """
    there.override(here.overrides, quiet=quiet, copied=True)
    if there.system != here.system:
        there.update_timeline(system=here.system)
