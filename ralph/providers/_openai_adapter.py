"""OpenAI's API, by its SDK or by httpx: Responses, or Chat Completions where the server is somebody else's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from types import ModuleType
from typing import Any

from ralph.core.llm.provider import ModelInfo, Traits
from ralph.core.llm.request import Item, Request
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._chat_decoder import ChatDecoder
from ralph.providers._chat_dialect import CHAT_TAILS
from ralph.providers._chat_request import SAMPLING, ChatDialect, chat_body, list_chat_settings
from ralph.providers._endpoint import endpoint
from ralph.providers._lines import SseDecoder
from ralph.providers._lists import rows, text
from ralph.providers._responses_decoder import ResponsesDecoder
from ralph.providers._responses_request import list_responses_settings, responses_body, takes_sampling
from ralph.providers._schemas import NO_LENGTHS
from ralph.providers._sdk import Json, VendorSdk
from ralph.providers._settings import looks_for_tags, report_ignored
from ralph.providers._stream import answer
from ralph.providers._transport import VendorTransport
from ralph.providers._vendor_headers import openai_headers

_RESPONSES, _CHAT = "/responses", "/chat/completions"

_OWN = ChatDialect("max_completion_tokens", left_out=NO_LENGTHS)
_OTHERS = ChatDialect("max_tokens")


class OpenAIProvider:
    """GPT, or whatever speaks one of its wires at `base_url`."""

    def __init__(self, settings: ProviderSettings, default_url: str) -> None:
        where = endpoint(settings, default_url, CHAT_TAILS)
        self._own = where.address.host.endswith("openai.com")
        self.name = settings.name
        self.traits = Traits(local=where.address.local)
        self._settings = settings
        self._options = dict(settings.options)
        self._responses = (self._options["api"] or ("responses" if self._own else "chat")) == "responses"

        def make(sdk: ModuleType, options: Json) -> Any:
            client = sdk.AsyncOpenAI(**options)
            _ = client.responses if self._responses else client.chat.completions  # imported at first use, 40 ms
            return client

        sdk = VendorSdk("openai", make, {_RESPONSES: _create_response, _CHAT: _create_chat})
        self._door = VendorTransport(where, sdk, openai_headers(settings))

    def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """The answer, live. Sampling parameters that a reasoning model refuses are dropped."""
        return report_ignored(request, self._list_taken(request), self._once(request))

    def _list_taken(self, request: Request) -> frozenset[str]:
        if self._responses:
            return list_responses_settings(request)
        taken = list_chat_settings(_OWN if self._own else _OTHERS)
        return taken if not self._own or takes_sampling(request) else taken - frozenset(SAMPLING)

    def _once(self, request: Request) -> AsyncGenerator[Item, None]:
        who = self._door.who
        if self._responses:
            opened = self._door.post(_RESPONSES, responses_body(request, self.name, self._options))
            return answer(
                self._door, opened, SseDecoder(), ResponsesDecoder(who, self.name, request.model), self._settings
            )
        opened = self._door.post(_CHAT, self._chat_body(request))
        return answer(
            self._door, opened, SseDecoder(), ChatDecoder(who, think_tags=looks_for_tags(self._options)), self._settings
        )

    def _chat_body(self, request: Request) -> Json:
        if not self._own:
            return chat_body(request, _OTHERS)
        body = chat_body(request, _OWN)
        return body if takes_sampling(request) else {k: v for k, v in body.items() if k not in SAMPLING}

    async def models(self) -> tuple[ModelInfo, ...]:
        """The vendor tells no windows and no capabilities, only when a model goes."""
        listed = rows(self._door.who, await self._door.ask("/models"), "data", "id")
        return tuple(ModelInfo(row["id"], retires=text(row, "shutdown_date")) for row in listed)

    async def ready(self) -> None:
        await self._door.client()

    async def warm(self) -> None:
        await self._door.client()

    async def aclose(self) -> None:
        await self._door.aclose()


async def _create_response(client: Any, body: Json) -> Any:
    # The body goes past the SDK's typed parameters, which it overrides: walking them costs 0.5 ms a message.
    return await client.responses.create(stream=True, extra_body=body)


async def _create_chat(client: Any, body: Json) -> Any:
    return await client.chat.completions.create(model="", messages=(), stream=True, extra_body=body)
