"""Anthropic's Messages API, by its SDK or by httpx."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from types import ModuleType
from typing import Any

from ralph.core.llm.provider import ModelInfo, Traits
from ralph.core.llm.request import Item, Request
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._anthropic_decoder import AnthropicDecoder
from ralph.providers._anthropic_request import TAKEN, anthropic_body
from ralph.providers._endpoint import endpoint
from ralph.providers._lines import SseDecoder
from ralph.providers._lists import MOST_PAGES, inner, rows, text, whole
from ralph.providers._sdk import Json, VendorSdk
from ralph.providers._settings import report_ignored
from ralph.providers._stream import answer
from ralph.providers._transport import VendorTransport
from ralph.providers._vendor_headers import anthropic_headers

_MESSAGES = "/v1/messages"


class AnthropicProvider:
    """Claude, or whatever speaks its wire at `base_url`."""

    def __init__(self, settings: ProviderSettings, default_url: str) -> None:
        where = endpoint(settings, default_url, "/count_tokens|/messages|/models|/v1")  # requests add them
        self.name = settings.name
        self.traits = Traits(local=where.address.local)
        self._settings = settings
        self._options = dict(settings.options)
        sdk = VendorSdk("anthropic", _make, {_MESSAGES: _create})
        self._door = VendorTransport(where, sdk, anthropic_headers(settings))

    def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """The answer, live. Sampling parameters (temperature and the like) are dropped: the API refuses them."""
        body = anthropic_body(request, self.name, self._options)
        fold = AnthropicDecoder(self._door.who, self.name, request.model)
        opened = self._door.post(_MESSAGES, body)
        return report_ignored(request, TAKEN, answer(self._door, opened, SseDecoder(), fold, self._settings))

    async def models(self) -> tuple[ModelInfo, ...]:
        found: list[ModelInfo] = []
        query: Json = {"limit": 1000}
        for _ in range(MOST_PAGES):
            page = await self._door.ask("/v1/models", query)
            found += [_model(row) for row in rows(self._door.who, page, "data", "id")]
            after = text(page, "last_id") if isinstance(page, dict) and page.get("has_more") is True else None
            if after is None or query.get("after_id") == after:
                break
            query = {**query, "after_id": after}
        return tuple(found)

    async def ready(self) -> None:
        await self._door.client()

    async def warm(self) -> None:
        await self._door.client()

    async def aclose(self) -> None:
        await self._door.aclose()


def _make(sdk: ModuleType, options: Json) -> Any:
    client = sdk.AsyncAnthropic(**options)
    _ = client.messages  # imported at first use
    return client


async def _create(client: Any, body: Json) -> Any:
    # The body goes past the SDK's typed parameters, which it overrides: walking them costs 0.3 ms a message, and of
    # an old model's name the SDK would warn on stderr, where a terminal program is drawn.
    return await client.messages.create(model="", max_tokens=1, messages=(), stream=True, extra_body=body)


def _model(row: Mapping[str, Any]) -> ModelInfo:
    def can(capability: str) -> bool | None:
        found = inner(inner(row, "capabilities"), capability).get("supported")
        return found if isinstance(found, bool) else None

    return ModelInfo(
        name=row["id"],
        window=whole(row, "max_input_tokens"),
        max_output=whole(row, "max_tokens"),
        tools=True,
        thinking=can("thinking"),
        images=can("image_input"),
        retires=(text(row, "retires_at") or "")[:10] or None,
    )
