"""What a provider is: one async stream of items for a request, and facts about its models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal, NamedTuple, Protocol

from ralph.core.data import Data, frozen
from ralph.core.envelope import Envelope
from ralph.core.events import Channel, Role
from ralph.core.messages import Content, Message
from ralph.core.usage import Usage

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
    an `Ignored`. `fresh`: no saved answer will do.
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
    speculative: bool = False
    fresh: bool = False
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


@frozen
class Traits(Data):
    """What the rest of the house must know of a provider.

    `sends_requests`: False makes no attempts (the built-in rules). `local`: allowed with `--offline`.
    `free`: its tokens cost nothing. `one_slot`: a second request at the same time waits or evicts the first.
    """

    sends_requests: bool = True
    local: bool = False
    free: bool = False
    one_slot: bool = False


@frozen
class ModelInfo(Data):
    """A model as its provider lists it; None where the provider does not say. `window` is in tokens."""

    name: str
    window: int | None = None
    max_output: int | None = None
    tools: bool | None = None
    thinking: bool | None = None
    images: bool | None = None
    retires: str | None = None


class Provider(Protocol):
    """One vendor's wire. Its types and exceptions never leave its file: every failure is a `ProviderFailure`."""

    @property
    def name(self) -> str: ...

    @property
    def traits(self) -> Traits: ...

    def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """The answer, live. Always consumed under `contextlib.aclosing`, which closes the request too."""
        ...

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models on offer, as the provider lists them."""
        ...

    async def ready(self) -> None:
        """Import and make the client; sends nothing. A request that follows leaves without waiting for either."""
        ...

    async def warm(self) -> None:
        """Import and open what the first request needs; sends nothing that is billed."""
        ...

    async def aclose(self) -> None: ...


Recorded = Callable[[str], Awaitable[Sequence[Envelope]]]


@frozen
class ProviderSettings(Data):
    """One entry of `providers:`. `api_key` never appears in a repr.

    `key_from` and `url_from` say where key and address were written, for a sentence: a variable or a key of the
    configuration. `environ` is the environment, for the network's own variables (proxies, certificates).
    `found` is the day on which ralph found it by itself, for the sentence of a failure; empty for what was configured.
    `recorded` reads every event of a stored timeline, for a provider that plays one; None where nothing is stored.
    """

    name: str
    kind: str
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    connect_s: float = 5.0
    first_token_s: float = 300.0
    idle_s: float = 90.0
    key_from: str = ""
    url_from: str = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    found: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    recorded: Recorded | None = None


@frozen
class ProviderSpec(Data):
    """What a provider's file offers under the name `PROVIDER`.

    `key_variables` and `url_variables` are the vendor's own environment names, first match wins. `needs_key`:
    without one it is not configured. `preferred` is the model to use for a role when the person named none; a provider
    that lists its own models leaves it empty. `options` are the extra keys its configuration may have, with defaults.
    `connect` is one line for a person: the command that would connect it.
    """

    open: Callable[[ProviderSettings], Provider]
    summary: str
    key_variables: tuple[str, ...] = ()
    url_variables: tuple[str, ...] = ()
    base_url: str = ""
    needs_key: bool = False
    local: bool = False
    free: bool = False
    preferred: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    connect: str = ""
    order: int = 100
