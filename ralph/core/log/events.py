"""The closed vocabulary of facts that crosses the house: frozen, tagged, one dataclass a type.

Longer than 300 lines: the vocabulary is closed, and a reader wants all sixteen types in one place.

Field names are the JSON names. A trailing underscore stands for a name that Python keeps (`from_` is `from`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, ClassVar, Literal

from ralph.core.data import Data, frozen
from ralph.core.errors import ErrorInfo
from ralph.core.llm.messages import Content
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.request import Channel, Role
from ralph.core.llm.routing import Routing
from ralph.core.llm.tool import Effect
from ralph.core.llm.usage import Cost, Usage

BlockKind = Literal["user", "route", "tool", "format", "summarise", "note"]
Status = Literal["ok", "skipped", "failed", "cancelled", "interrupted"]
Outcome = Literal["ok", "failed", "cancelled", "interrupted", "discarded"]
CallStatus = Literal["ok", "error", "denied", "timeout", "cancelled"]
WaitCause = Literal["queued", "limited", "retry", "breaker", "loading", "person"]


@frozen
class ForkPoint(Data):
    """Where a timeline left its parent: it shares the parent's events up to and including `seq`."""

    timeline: str
    seq: int
    turn: int


@frozen
class Rerun(Data):
    """The turn that this one runs again, and the step from which it does."""

    timeline: str
    turn: int
    from_: Role


@frozen
class Attachment(Data):
    """A file sent with a prompt; its bytes lie in the blobs."""

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
    """What is None did not change."""

    type: ClassVar[str] = "timeline.changed"
    title: str | None = None
    labels: tuple[str, ...] | None = None
    pins: tuple[str, ...] | None = None
    system: str | None = None


@frozen
class TurnStarted(Data):
    """`prompt` is what the person typed; `context` is what a pipe brought; `tools` are the names offered.

    `left_out`: how many earlier turns its requests do not carry; 0 in an event that an older version wrote.
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
    """Where pasted text stands in `prompt`: first character, and the character behind the last."""


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
    """What is stored of the live chunks. Each is (whole ms since the block began, text).

    `restart`: what stood in this channel before is dropped by the fold.
    """

    type: ClassVar[str] = "block.delta"
    block: str
    channel: Channel
    chunks: tuple[tuple[int, str], ...]
    restart: bool = False


@frozen
class AttemptStarted(Data):
    """Committed before the request leaves. `model` is the model ref; `reserved` is nano-dollars held under a cap."""

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
    """`until` is wall clock, where it is known."""

    type: ClassVar[str] = "attempt.waiting"
    block: str
    cause: WaitCause
    attempt: str | None = None
    until: str | None = None


@frozen
class AttemptFinished(Data):
    """The ledger's row. `model` and `provider` are what answered; `raw_usage` is the provider's own, untouched."""

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
    """`id` is the vendor's own call id, which goes back with the result."""

    type: ClassVar[str] = "tool.requested"
    call: str
    attempt: str | None
    name: str
    arguments: Mapping[str, Any]
    effect: Effect
    id: str = ""


@frozen
class ToolDecided(Data):
    """`by` says what decided: the effect, a rule of the configuration, `--yes`, the person."""

    type: ClassVar[str] = "tool.decided"
    call: str
    decision: Literal["allowed", "denied"]
    by: str
    waited_ms: float | None = None
    """How long a person was asked; 0 where nobody was. None in an event of an older version, which did not say."""


@frozen
class ToolFinished(Data):
    """`output` is whole, unless over 64 KiB: then it is the head, and `blob` names the whole.

    `sent` is what the model got of it, where that was cut. `duration_ms` is the tool's own time, 0 where it did not
    run; in an event of an older version, where `waited_ms` is None, it also holds the time in which a person was asked.
    """

    type: ClassVar[str] = "tool.finished"
    call: str
    status: CallStatus
    output: str
    sent: str | None = None
    blob: str | None = None
    duration_ms: float = 0.0
    waited_ms: float | None = None
    """How long a person was asked before; 0 where nobody was."""


@frozen
class BlockFinished(Data):
    """Repeats the whole of its block, so that a reader may skip every delta."""

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
    """Ms by cause that it waited for a request that was then not sent; what a request waited is in its phases."""


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
    """Other models answer from here on."""

    type: ClassVar[str] = "roles.changed"
    from_: Mapping[str, str]
    """Role to model ref, before."""
    to: Mapping[str, str]
    """Role to model ref, after."""
    routing: Routing | None = None
    """What the person chose, as it was written; None in an event that an older version wrote."""


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
    """A fact worth showing that is no attempt: a cache hit, a fallback, a broken view, an open breaker."""

    type: ClassVar[str] = "note"
    kind: str
    text: str
    block: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@frozen
class Unknown(Data):
    """An event of a type that this version does not know; kept as it is, so that nothing is lost on the way.

    `damage` says why its row could not be read at all; then nothing of it is known but its place.
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
