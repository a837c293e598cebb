"""A request to a model, and the items of which its answer is a stream."""

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
    """A tool as a model is told of it; `schema` is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]


@frozen
class Request(Data):
    """One call of a model.

    `schema` asks for an answer that is one JSON object of this shape. `instruction` is the step's own word; it goes
    last, after the conversation, so that prompt caches hit on what stands before it. `settings` are sampling
    parameters and the like by their vendor's names; an adapter drops what its model does not take and says so by
    an `Ignored`. `visible`: a person reads the answer while it streams, so that nothing of it is asked for twice behind
    their back. `fresh`: no saved answer will do. `goes_on`: a part of the answer is there, and this adds to it.
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
    """A piece of the answer: all that one network read brought for one channel."""

    channel: Channel
    text: str


class Report(NamedTuple):
    """What is known so far of the attempt; later reports replace earlier ones field by field (None says nothing).

    `doubtful`: what the server said of a class of tokens, or of `cost`, that cannot be true; empty text where it said
    nothing of a class. `cost`: nano-dollars, where the server states what it charges.
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
    """What was streamed of this answer until now is void; it begins again."""


class Ignored(NamedTuple):
    """These settings of the request are not sent: the wire or the model does not take them. Comes first, if at all."""

    settings: tuple[str, ...]


class Answer(NamedTuple):
    """The end of a stream: its last item, given only after the wire's own terminal event was seen.

    `word`: the server's own word for its reason, where that is `unknown`.
    """

    stop_reason: StopReason
    content: Content
    word: str = ""


Item = Piece | Report | Waiting | Restart | Ignored | Answer
