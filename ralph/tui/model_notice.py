"""The notice in a reopened timeline that another model answers from now on."""

from __future__ import annotations

from ralph.core.llm.refs import ModelRef
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import Workspace


def words(workspace: Workspace, conversation: Conversation) -> str:
    """Return one sentence in markdown, or "" if the same model continues."""
    turns = conversation.timeline().turns
    last = turns[-1].started.roles.get("format", "") if turns else ""
    now = conversation.roles.get("format", "")
    provider = ModelRef.parse(last).provider
    if last in ("", now) or provider == "builtin":
        return ""
    told = f"`{last}` answered the last turn here, `{now}` will answer the next."
    row = next((row for row in workspace.models.providers() if row.name == provider), None)
    if row is None:
        return told
    back = f"`/model {last}` goes back to it" if row.configured else f"`/provider {provider}` says what it needs"
    return f"{told} {back}."
