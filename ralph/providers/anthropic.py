"""Anthropic's Messages API, through its own SDK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from types import ModuleType
from typing import Any

from ralph.core.provider import Item, ModelInfo, Provider, ProviderSettings, ProviderSpec, Request, Traits
from ralph.providers._anthropic_fold import AnthropicFold
from ralph.providers._anthropic_request import TAKEN, anthropic_body
from ralph.providers._failures import party
from ralph.providers._lines import Events
from ralph.providers._loopback import is_loopback
from ralph.providers._sdk import Json, SdkDoor
from ralph.providers._settings import told
from ralph.providers._stream import answer

BASE_URL = "https://api.anthropic.com"
OPTIONS: Mapping[str, Any] = {
    "thinking": "off",  # off | adaptive | a budget in tokens (older models)
    "max_tokens": 8192,  # the API wants a bound; this one, unless a step or `/set max_output` asks for another
}


class AnthropicProvider:
    """Claude, or whatever speaks its wire at `base_url`."""

    def __init__(self, settings: ProviderSettings) -> None:
        base_url = (settings.base_url or BASE_URL).rstrip("/").removesuffix("/v1")  # the SDK adds it itself
        self.name = settings.name
        self.traits = Traits(local=is_loopback(base_url))
        self._settings = settings
        self._options = {**OPTIONS, **settings.options}

        def make(sdk: ModuleType, timeout: Any) -> Any:
            # No key: a server on this machine may want none, and the SDK looks for credentials if it is given nothing.
            key = settings.api_key or "none"
            client = sdk.AsyncAnthropic(api_key=key, base_url=base_url, timeout=timeout, max_retries=0)
            _ = client.messages  # imported at first use
            return client

        self._door = SdkDoor(settings, party(settings, base_url), _load, make)

    def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """The answer, live. Sampling parameters (temperature and the like) are dropped: the API refuses them."""
        body = anthropic_body(request, self.name, self._options)
        fold = AnthropicFold(self._door.who, self.name, request.model)
        opened = self._door.post(_create, body)
        return told(request, TAKEN, answer(self._door, opened, Events(), fold, self._settings))

    async def models(self) -> tuple[ModelInfo, ...]:
        rows = await self._door.ask(_list)
        return tuple(_model(row) for row in rows)

    async def ready(self) -> None:
        await self._door.client()

    async def warm(self) -> None:
        await self._door.client()

    async def aclose(self) -> None:
        await self._door.aclose()


def _load() -> ModuleType:
    import anthropic

    return anthropic


async def _create(client: Any, body: Json) -> Any:
    # The body goes past the SDK's typed parameters, which it overrides: walking them costs 0.3 ms a message, and of
    # an old model's name the SDK would warn on stderr, where a terminal program is drawn.
    return await client.messages.create(model="", max_tokens=1, messages=(), stream=True, extra_body=body)


async def _list(client: Any) -> list[Json]:
    return [row.to_dict(mode="json") async for row in client.models.list(limit=1000)]


def _model(row: Json) -> ModelInfo:
    def can(capability: str) -> bool | None:
        found = (row.get("capabilities") or {}).get(capability)
        return found.get("supported") if isinstance(found, dict) else None

    return ModelInfo(
        name=row["id"],
        window=row.get("max_input_tokens"),
        max_output=row.get("max_tokens"),
        tools=True,
        thinking=can("thinking"),
        images=can("image_input"),
        retires=(row.get("retires_at") or "")[:10] or None,
    )


def _open(settings: ProviderSettings) -> Provider:
    return AnthropicProvider(settings)


PROVIDER = ProviderSpec(
    open=_open,
    summary="Anthropic's Claude models",
    key_variables=("ANTHROPIC_API_KEY",),
    url_variables=("ANTHROPIC_BASE_URL",),
    base_url=BASE_URL,
    needs_key=True,
    preferred={
        "route": "claude-haiku-5-5",
        "tool": "claude-sonnet-5-5",
        "format": "claude-sonnet-5-5",
        "summarise": "claude-haiku-5-5",
    },
    options=OPTIONS,
    connect="export ANTHROPIC_API_KEY=…  (a key from console.anthropic.com)",
    order=10,
)
