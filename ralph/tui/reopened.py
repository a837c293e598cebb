"""What a person should know of a timeline that was opened again: that another model answers from now on."""

from __future__ import annotations

from ralph.core.workspace import Conversation, Workspace


def words(workspace: Workspace, conversation: Conversation) -> str:
    """One sentence, in markdown; nothing where the same model goes on, or where the last one cannot be had."""
    turns = conversation.timeline().turns
    last = turns[-1].started.roles.get("format", "") if turns else ""
    now = conversation.roles.get("format", "")
    provider = last.partition(":")[0]
    known = any(row.name == provider and row.configured for row in workspace.providers())
    if last == now or not known or provider == "builtin":
        return ""
    return f"`{last}` answered the last turn here, `{now}` will answer the next. `/model {last}` goes back to it."
