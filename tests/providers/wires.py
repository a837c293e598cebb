"""The wires under test, and how their answers are collected."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from ralph.core.errors import ProviderFailure
from ralph.core.llm.messages import CallPart, Opaque, Part
from ralph.core.llm.provider import Provider
from ralph.core.llm.request import Answer, Item, Piece, Report, Request
from ralph.core.llm.usage import Usage
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.registry import load
from tests.wires.server import Server


@dataclass(frozen=True)
class Wire:
    """A provider's kind, the wire that it is to speak, and where on the server it finds it."""

    name: str
    kind: str
    root: str = "/v1"
    options: Mapping[str, Any] = field(default_factory=dict)

    def open(self, server: Server, **more: Any) -> Provider:
        options = {**self.options, **more.pop("options", {})}
        given = {"base_url": server.url + self.root, "api_key": "secret-key-1", **more}
        return load("providers", self.kind).open(  # type: ignore[no-any-return]
            ProviderSettings(name=self.kind, kind=self.kind, options=options, **given)
        )


ANTHROPIC = Wire("anthropic", "anthropic", root="", options={"transport": "sdk"})
RESPONSES = Wire("responses", "openai", options={"api": "responses", "transport": "sdk"})
OPENAI_CHAT = Wire("openai_chat", "openai", options={"transport": "sdk"})
COMPATIBLE = Wire("compatible", "openai_compatible")
OLLAMA = Wire("ollama", "ollama", root="")
GROQ = Wire("groq", "groq")
HUGGINGFACE = Wire("huggingface", "huggingface")


def over_http(wire: Wire) -> Wire:
    """The same wire by httpx instead of the vendor's SDK."""
    return replace(wire, name=f"{wire.name}_http", options={**wire.options, "transport": "http"})


ANTHROPIC_HTTP, RESPONSES_HTTP, OPENAI_CHAT_HTTP = map(over_http, (ANTHROPIC, RESPONSES, OPENAI_CHAT))
ANTHROPICS, BOTH_RESPONSES = (ANTHROPIC, ANTHROPIC_HTTP), (RESPONSES, RESPONSES_HTTP)
# The wires that have an SDK, by it and by httpx.
VENDORS = (*ANTHROPICS, *BOTH_RESPONSES, OPENAI_CHAT, OPENAI_CHAT_HTTP)

WIRES = (*VENDORS, COMPATIBLE, OLLAMA, GROQ, HUGGINGFACE)
CHATS = (OPENAI_CHAT, OPENAI_CHAT_HTTP, COMPATIBLE, GROQ, HUGGINGFACE)


@dataclass
class Outcome:
    """All that one stream gave."""

    items: list[Item] = field(default_factory=list)
    failure: ProviderFailure | None = None

    def joined(self, channel: str) -> str:
        return "".join(i.text for i in self.items if isinstance(i, Piece) and i.channel == channel)

    @property
    def text(self) -> str:
        return self.joined("text")

    @property
    def thinking(self) -> str:
        return self.joined("thinking")

    @property
    def answer(self) -> Answer:
        if self.failure is not None:
            raise self.failure
        last = self.items[-1]
        assert isinstance(last, Answer)
        assert not any(isinstance(i, Answer) for i in self.items[:-1])
        return last

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.answer.content.parts

    @property
    def opaque(self) -> Opaque | None:
        return self.answer.content.opaque

    @property
    def calls(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [(p.id, p.name, dict(p.arguments)) for p in self.parts if isinstance(p, CallPart)]

    @property
    def report(self) -> Report:
        """The reports as the gateway merges them."""
        merged = Report()
        for item in self.items:
            if isinstance(item, Report):
                merged = merged._replace(**{k: v for k, v in item._asdict().items() if v is not None})
        return merged

    @property
    def usage(self) -> Usage | None:
        return self.report.usage


async def collect(provider: Provider, request: Request) -> Outcome:
    """Everything that came, and the failure that ended it."""
    outcome = Outcome()
    try:
        async with aclosing(provider.stream(request)) as items:  # type: ignore[type-var]
            async for item in items:
                outcome.items.append(item)
    except ProviderFailure as failure:
        outcome.failure = failure
    return outcome
