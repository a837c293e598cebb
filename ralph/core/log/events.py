"""The closed vocabulary of recorded facts: frozen and tagged, one dataclass per type.

Longer than 300 lines: the vocabulary is closed, and a reader wants all sixteen types in one place.

Field names are the JSON names. A trailing underscore stands for a name that Python keeps (`from_` is `from`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, ClassVar, Literal

from ralph.core.data import Data, frozen
from ralph.core.errors import ErrorInfo
from ralph.core.llm.consent import Scope
from ralph.core.llm.messages import Content
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.request import Channel, Role
from ralph.core.llm.routing import Routing
from ralph.core.llm.tool import Effect
from ralph.core.llm.tool_output import FileRecord, Origin, Rung
from ralph.core.llm.usage import Cost, Usage

BlockKind = Literal["user", "route", "tool", "format", "summarise", "note"]
Status = Literal["ok", "skipped", "failed", "cancelled", "interrupted"]
Outcome = Literal["ok", "failed", "cancelled", "interrupted", "discarded"]
CallStatus = Literal["ok", "error", "denied", "timeout", "cancelled"]
WaitCause = Literal["queued", "limited", "retry", "breaker", "loading", "person"]


@frozen
class ForkPoint(Data):
    """Where a fork left its parent: it shares the parent's events up to and including `seq`."""

    timeline: str
    seq: int
    turn: int


@frozen
class Rerun(Data):
    """The turn that is run again, and the step from which it is."""

    timeline: str
    turn: int
    from_: Role


@frozen
class Attachment(Data):
    """A file sent with a prompt; its bytes are a blob."""

    name: str
    media_type: str
    sha256: str
    bytes: int


@frozen
class TimelineOpened(Data):
    type: ClassVar[str] = "timeline.opened"
    title: str = ""
    forked_from: ForkPoint | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@frozen
class TimelineChanged(Data):
    """Changes of a timeline. A field that is None did not change."""

    type: ClassVar[str] = "timeline.changed"
    title: str | None = None
    labels: tuple[str, ...] | None = None
    pins: tuple[str, ...] | None = None
    system: str | None = None


@frozen
class TurnStarted(Data):
    """The start of a turn. `prompt` is the typed text, `context` the text of a pipe, and `tools` the offered names.

    `left_out`: how many earlier turns the requests do not carry; 0 in events of an older version.
    """

    type: ClassVar[str] = "turn.started"
    prompt: str
    context: str = ""
    attachments: tuple[Attachment, ...] = ()
    system: str = ""
    tools: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    rerun_of: Rerun | None = None
    left_out: int = 0
    pastes: tuple[tuple[int, int], ...] = ()
    """The spans of pasted text in `prompt`: first character, and the character after the last."""


@frozen
class BlockStarted(Data):
    type: ClassVar[str] = "block.started"
    block: str
    kind: BlockKind
    title: str = ""
    parent: str | None = None
    copied_from: str | None = None


@frozen
class BlockDelta(Data):
    """The stored form of live chunks. Each is (whole ms since the block began, text).

    `restart`: the fold drops the earlier text of this channel.
    """

    type: ClassVar[str] = "block.delta"
    block: str
    channel: Channel
    chunks: tuple[tuple[int, str], ...]
    restart: bool = False


@frozen
class AttemptStarted(Data):
    """Committed before the request is sent. `model` is the model ref; `reserved` is nano-dollars held under a cap."""

    type: ClassVar[str] = "attempt.started"
    attempt: str
    block: str
    model: str
    role: Role = "format"
    estimated: Usage = Usage()
    price: PriceRow | None = None
    reserved: int | None = None


@frozen
class AttemptWaiting(Data):
    """A wait of an attempt. `until` is the wall clock at its end, if known."""

    type: ClassVar[str] = "attempt.waiting"
    block: str
    cause: WaitCause
    attempt: str | None = None
    until: str | None = None


@frozen
class AttemptFinished(Data):
    """The ledger's row. `model` and `provider` are those that answered; `raw_usage` is the unchanged report."""

    type: ClassVar[str] = "attempt.finished"
    attempt: str
    outcome: Outcome
    speculated: bool = False
    provider: str = ""
    model: str = ""
    request_id: str | None = None
    error: ErrorInfo | None = None
    usage: Usage = Usage()
    raw_usage: Mapping[str, Any] | None = None
    cost: Cost = Cost()
    price: PriceRow | None = None
    stop_reason: str | None = None
    ttft_ms: float | None = None
    duration_ms: float = 0.0
    phases: Mapping[str, float] = field(default_factory=dict)
    message: Content | None = None


@frozen
class ToolRequested(Data):
    """A requested tool call. `id` is the vendor's own call id, which goes back with the result."""

    type: ClassVar[str] = "tool.requested"
    call: str
    attempt: str | None
    name: str
    arguments: Mapping[str, Any]
    effect: Effect
    id: str = ""
    preview: str = ""
    """What a person sees before a yes: a diff, a host, a command line. Empty for a call that only reads."""


@frozen
class ToolDecided(Data):
    """The decision on a call. `by` names what decided: the effect, a rule of the configuration, `--yes`, the person."""

    type: ClassVar[str] = "tool.decided"
    call: str
    decision: Literal["allowed", "denied"]
    by: str
    waited_ms: float | None = None
    """The ms for which a person was asked; 0 if nobody was. None in events of an older version."""
    scope: Scope = ""
    """How far the decision reaches, or what made it. Empty in events of an older version."""
    rule: str = ""
    """The rule that decided; empty if none did."""
    files: tuple[FileRecord, ...] = ()
    """The files that the call is going to change. Recovery compares them with the disk after a crash."""
    root: str = ""
    """The working directory that the paths of `files` are below; empty without files."""
    arguments: Mapping[str, Any] | None = None
    """The arguments as the person edited them; None if they run as requested."""


@frozen
class ToolFinished(Data):
    """The end of a call. `output` is complete unless over 64 KiB: then it is the head, and `blob` names the whole.

    `sent` is the part that the model received, if it was cut. `duration_ms` is the tool's own time, 0 if it did not
    run; in events of an older version, where `waited_ms` is None, it includes the time in which a person was asked.
    """

    type: ClassVar[str] = "tool.finished"
    call: str
    status: CallStatus
    output: str
    sent: str | None = None
    blob: str | None = None
    duration_ms: float = 0.0
    waited_ms: float | None = None
    """The ms for which a person was asked before; 0 if nobody was."""
    origin: Origin | None = None
    """Where the output comes from; None if the call did not run, and in events of an older version."""
    sandbox: Rung | None = None
    """The sandbox that held the program; None if no program ran."""
    files: tuple[FileRecord, ...] = ()
    """The files that the call read, wrote or removed."""
    media: tuple[Attachment, ...] = ()
    """Files that the tool returned beside its text; their bytes are blobs."""


@frozen
class BlockFinished(Data):
    """The end of a block. It repeats the whole block, so that a reader may skip every delta."""

    type: ClassVar[str] = "block.finished"
    block: str
    status: Status
    reason: str | None = None
    partial: bool = False
    text: str = ""
    thinking: str = ""
    usage: Usage = Usage()
    cost: Cost = Cost()
    ttft_ms: float | None = None
    duration_ms: float = 0.0
    error: ErrorInfo | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    waited: Mapping[str, float] = field(default_factory=dict)
    """Ms by cause of waits for a request that was then not sent; waits of sent requests are in their phases."""


@frozen
class TurnFinished(Data):
    type: ClassVar[str] = "turn.finished"
    status: Status
    text: str = ""
    usage: Usage = Usage()
    cost: Cost = Cost()
    duration_ms: float = 0.0


@frozen
class RolesChanged(Data):
    """A change of models, from here on."""

    type: ClassVar[str] = "roles.changed"
    from_: Mapping[str, str]
    """Role to model ref, before."""
    to: Mapping[str, str]
    """Role to model ref, after."""
    routing: Routing | None = None
    """The person's choice as written; None in events of an older version."""


@frozen
class ContextCompacted(Data):
    type: ClassVar[str] = "context.compacted"
    block: str
    dropped: tuple[int, ...]
    replaced_by: str
    tokens_before: int
    tokens_after: int


@frozen
class Note(Data):
    """A notable fact that is no attempt: a cache hit, a fallback, a broken view, an open breaker."""

    type: ClassVar[str] = "note"
    kind: str
    text: str
    block: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@frozen
class Unknown(Data):
    """An event of a type that this version does not know; stored unchanged, so that nothing is lost.

    `damage` says why its row could not be read; then only its position is known.
    """

    type: str
    data: Mapping[str, Any]
    damage: str = ""


Event = (
    TimelineOpened
    | TimelineChanged
    | TurnStarted
    | BlockStarted
    | BlockDelta
    | AttemptStarted
    | AttemptWaiting
    | AttemptFinished
    | ToolRequested
    | ToolDecided
    | ToolFinished
    | BlockFinished
    | TurnFinished
    | RolesChanged
    | ContextCompacted
    | Note
    | Unknown
)

EVENTS: dict[str, type[Any]] = {
    e.type: e
    for e in (
        TimelineOpened,
        TimelineChanged,
        TurnStarted,
        BlockStarted,
        BlockDelta,
        AttemptStarted,
        AttemptWaiting,
        AttemptFinished,
        ToolRequested,
        ToolDecided,
        ToolFinished,
        BlockFinished,
        TurnFinished,
        RolesChanged,
        ContextCompacted,
        Note,
    )
}
