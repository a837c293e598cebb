"""OpenAI's API, by its SDK or by httpx: Responses, or Chat Completions where the server is somebody else's."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import field
from types import ModuleType
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.provider import ModelInfo, Traits
from ralph.core.llm.request import Item, Request
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._chat_decoder import ChatDecoder
from ralph.providers._chat_dialect import CHAT_TAILS
from ralph.providers._chat_request import SAMPLING, ChatDialect, chat_body, list_chat_settings
from ralph.providers._endpoint import Endpoint, endpoint
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


def _keep(model: str) -> str:
    return model


def _chat_path(_: str) -> str:
    return _CHAT


@frozen
class OpenAIApi(Data):
    """What a server of this API is like. `own`: OpenAI's own models answer, by OpenAI's rules for parameters."""

    own: bool
    responses: bool
    """Responses, and not Chat Completions."""
    base: Callable[[str], str] = _keep
    """Returns the model behind the name in a ref: a deployment's."""
    chat_path: Callable[[str], str] = _chat_path
    """Returns the path of Chat Completions for a model."""
    responses_path: str = _RESPONSES
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers of each request."""
    make: Callable[[ModuleType, Json], Any] = lambda sdk, options: sdk.AsyncOpenAI(**options)
    """Makes the SDK's client."""


def open_openai(settings: ProviderSettings, default_url: str) -> OpenAIProvider:
    """Return GPT, or whatever speaks one of its wires at `base_url`."""
    where = endpoint(settings, default_url, CHAT_TAILS)
    own = where.address.host.endswith("openai.com")
    wire = settings.options["api"] or ("responses" if own else "chat")
    return OpenAIProvider(
        settings, where, OpenAIApi(own, responses=wire == "responses", headers=openai_headers(settings))
    )


class OpenAIProvider:
    """A server that speaks Responses or Chat Completions as OpenAI does."""

    def __init__(self, settings: ProviderSettings, where: Endpoint, api: OpenAIApi) -> None:
        self.name = settings.name
        self.traits = Traits(local=where.address.local)
        self._settings = settings
        self._options = dict(settings.options)
        self._api = api

        def make(sdk: ModuleType, options: Json) -> Any:
            client = api.make(sdk, options)
            _ = client.responses if api.responses else client.chat.completions  # imported at first use, 40 ms
            return client

        sdk = VendorSdk("openai", make, {_RESPONSES: _create_response, _CHAT: _create_chat})
        self._door = VendorTransport(where, sdk, api.headers)

    def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """The answer, live. Sampling parameters that a reasoning model refuses are dropped."""
        return report_ignored(request, self._list_taken(request), self._once(request))

    def _list_taken(self, request: Request) -> frozenset[str]:
        api, base = self._api, self._api.base(request.model)
        if api.responses:
            return list_responses_settings(request, base)
        taken = list_chat_settings(_OWN if api.own else _OTHERS)
        return taken if not api.own or takes_sampling(request, base) else taken - frozenset(SAMPLING)

    def _once(self, request: Request) -> AsyncGenerator[Item, None]:
        who, api = self._door.who, self._api
        if api.responses:
            body = responses_body(request, self.name, self._options, api.base(request.model))
            opened = self._door.post(api.responses_path, body)
            return answer(
                self._door, opened, SseDecoder(), ResponsesDecoder(who, self.name, request.model), self._settings
            )
        opened = self._door.post(api.chat_path(request.model), self._chat_body(request))
        return answer(
            self._door, opened, SseDecoder(), ChatDecoder(who, think_tags=looks_for_tags(self._options)), self._settings
        )

    def _chat_body(self, request: Request) -> Json:
        if not self._api.own:
            return chat_body(request, _OTHERS)
        body = chat_body(request, _OWN)
        takes = takes_sampling(request, self._api.base(request.model))
        return body if takes else {k: v for k, v in body.items() if k not in SAMPLING}

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
    return await client.chat.completions.create(model=body["model"], messages=(), stream=True, extra_body=body)
