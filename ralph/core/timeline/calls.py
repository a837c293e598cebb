"""The tool calls of a turn, folded from their events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.consent import Scope
from ralph.core.llm.tool import Effect
from ralph.core.llm.tool_output import FileRecord, Origin, Rung
from ralph.core.log import events as ev
from ralph.core.timeline.call_times import consent_ms, finish_times


@frozen
class Call(Data):
    """One tool call. `status` is None while it runs or waits for consent.

    `requested_ms` and `decided_ms` count from its turn's start. `duration_ms` is the tool's own time; `waited_ms` is
    how long a person was asked before it. Both are 0 before the decision.
    """

    id: str
    attempt: str | None
    name: str
    arguments: Mapping[str, Any]
    effect: Effect
    vendor_id: str = ""
    decision: str | None = None
    by: str = ""
    status: ev.CallStatus | None = None
    output: str = ""
    sent: str | None = None
    blob: str | None = None
    duration_ms: float = 0.0
    waited_ms: float = 0.0
    requested_ms: float = 0.0
    decided_ms: float = 0.0
    preview: str = ""
    scope: Scope = ""
    rule: str = ""
    planned: tuple[FileRecord, ...] = ()
    """The files that the call was going to change when it was allowed."""
    root: str = ""
    """The working directory that the paths of `planned` are below; empty without planned files."""
    edited: Mapping[str, Any] | None = None
    """The arguments as the person edited them; None if they ran as requested."""
    origin: Origin | None = None
    sandbox: Rung | None = None
    files: tuple[FileRecord, ...] = ()
    media: tuple[ev.Attachment, ...] = ()

    @property
    def given(self) -> Mapping[str, Any]:
        """Return the arguments that the call ran with."""
        return self.arguments if self.edited is None else self.edited


def add_call(
    calls: dict[str, dict[str, Any]], ms: float, event: ev.ToolRequested | ev.ToolDecided | ev.ToolFinished
) -> None:
    """Fold one event, `ms` after its turn's start, into the fields of the calls by id."""
    match event:
        case ev.ToolRequested():
            calls[event.call] = {
                "id": event.call,
                "attempt": event.attempt,
                "name": event.name,
                "arguments": event.arguments,
                "effect": event.effect,
                "vendor_id": event.id,
                "requested_ms": ms,
                "preview": event.preview,
            }
        case ev.ToolDecided():
            call = _open_call(calls, event.call, ms)
            waited = consent_ms(event, call["requested_ms"], ms)
            call.update(
                decision=event.decision, by=event.by, decided_ms=ms, waited_ms=waited, scope=event.scope,
                rule=event.rule, planned=event.files, root=event.root, edited=event.arguments,
            )  # fmt: skip
        case ev.ToolFinished():
            call = _open_call(calls, event.call, ms)
            asked = event.duration_ms if event.status == "cancelled" else 0.0  # before the decision
            call.update(finish_times(event, call.get("waited_ms", asked)))
            call.update(
                (name, getattr(event, name))
                for name in ("status", "output", "sent", "blob", "origin", "sandbox", "files", "media")
            )


def _open_call(calls: dict[str, dict[str, Any]], call: str, ms: float) -> dict[str, Any]:
    """Return the call; if its request was lost (a damaged row), a call without a name."""
    if call not in calls:
        add_call(calls, ms, ev.ToolRequested(call, None, "?", {}, "unknown", ""))
    return calls[call]
