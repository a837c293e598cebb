"""A request to a model, and the items that its answer streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, NamedTuple

from ralph.core.data import Data, frozen
from ralph.core.llm.messages import Content, Message
from ralph.core.llm.usage import Usage

Role = Literal["route", "tool", "format", "summarise"]
Channel = Literal["text", "thinking", "tool_input", "tool_output"]

StopReason = Literal["stop", "tool_calls", "length", "refusal", "context", "pause", "unknown"]
ToolChoice = Literal["auto", "none", "required"]


@frozen
class ToolSpec(Data):
    """The declaration of a tool for a model; `schema` is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]


@frozen
class Request(Data):
    """One call of a model.

    `schema` asks for an answer that is one JSON object of this shape. `instruction` is the text of the step. It is sent
    last, after the conversation, so that prompt caches hit on the text before it. `settings` are sampling parameters
    and the like by their vendor's names; an adapter drops those that its model does not accept, and reports them with
    an `Ignored`. `visible`: a person reads the answer while it streams, so no part of it may be silently requested
    again. `fresh`: a cached answer is not allowed. `goes_on`: a part of the answer exists, and this request continues
    it.
    """

    model: str
    messages: tuple[Message, ...]
    role: Role = "format"
    system: str = ""
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = "auto"
    schema: Mapping[str, Any] | None = None
    instruction: str = ""
    max_output: int | None = None
    visible: bool = False
    speculative: bool = False
    fresh: bool = False
    goes_on: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


class Piece(NamedTuple):
    """A piece of the answer: the content of one network read for one channel."""

    channel: Channel
    text: str


class Report(NamedTuple):
    """The known facts about the attempt; later reports replace earlier ones field by field (None changes nothing).

    `doubtful`: impossible values that the server reported for a class of tokens or for `cost`; empty text for a class
    without a report. `cost`: nano-dollars, if the server states its charge.
    """

    usage: Usage | None = None
    raw_usage: Mapping[str, Any] | None = None
    model: str | None = None
    provider: str | None = None
    request_id: str | None = None
    cost: int | None = None
    doubtful: Mapping[str, str] | None = None


class Waiting(NamedTuple):
    """The provider said that it is not answering yet, and why (a model is being loaded)."""

    cause: Literal["loading", "queued"]


class Restart(NamedTuple):
    """The text streamed so far is void; the answer begins again."""


class Ignored(NamedTuple):
    """Settings that are not sent, because the wire or the model does not accept them. Always the first item."""

    settings: tuple[str, ...]


class Answer(NamedTuple):
    """The last item of a stream, yielded only after the wire's own terminal event.

    `word`: the server's own word for its reason, if the reason is `unknown`.
    """

    stop_reason: StopReason
    content: Content
    word: str = ""


Item = Piece | Report | Waiting | Restart | Ignored | Answer
