"""Chat Completions over ralph's own HTTP client: every OpenAI-compatible provider, apart from its dialect."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from ralph.core.errors import Kind, ProviderFailure
from ralph.core.llm.provider import ModelInfo, Traits
from ralph.core.llm.request import Item, Request
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._chat_decoder import ChatDecoder
from ralph.providers._chat_request import ChatDialect, chat_body, list_chat_settings
from ralph.providers._endpoint import Endpoint, endpoint
from ralph.providers._headers import sendable
from ralph.providers._http import HttpTransport
from ralph.providers._lines import SseDecoder
from ralph.providers._lists import Row, inner, rows, whole
from ralph.providers._settings import find_ignored, looks_for_tags
from ralph.providers._slots import SlotCount
from ralph.providers._stream import answer

# Path endings that people paste with an address; requests add them themselves.
CHAT_TAILS = r"/chat/completions|/completions|/responses|/embeddings|(?<=/v1)/models"


class ChatProvider:
    """One OpenAI-compatible service; `fold` decodes its answers. With `counts_slots`, the server is asked how many
    requests it answers at the same time.
    """

    def __init__(
        self,
        settings: ProviderSettings,
        where: Endpoint,
        dialect: ChatDialect,
        traits: Traits,
        fold: type[ChatDecoder] = ChatDecoder,
        *,
        counts_slots: bool = False,
    ) -> None:
        self.name = settings.name
        self.traits = traits
        self._settings = settings
        self._dialect = dialect
        self._fold = fold
        self._tags = looks_for_tags(settings.options)
        self._door = HttpTransport(
            where, sendable(settings.options.get("headers") or {}, f"providers.{settings.name}.headers")
        )
        self._slots = SlotCount(self._door) if counts_slots else None

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """Yield the items of the answer as they arrive.

        A server that does not know `stream_options` refuses it with status 400. Later requests leave it out, and the
        failure says so, so that the next try (a separate attempt) starts at once.
        """
        for word in find_ignored(request, list_chat_settings(self._dialect)):
            yield word
        try:
            async with aclosing(self._once(request)) as items:
                async for item in items:
                    yield item
        except ProviderFailure as failure:
            if self._dialect.stream_usage and _knows_no_stream_options(failure):
                self._dialect = replace(self._dialect, stream_usage=False)
                failure.adapted = True
            raise

    def _once(self, request: Request) -> AsyncGenerator[Item, None]:
        opened = self._door.post("/chat/completions", chat_body(request, self._dialect))
        return answer(
            self._door, opened, SseDecoder(), self._fold(self._door.who, think_tags=self._tags), self._settings
        )

    async def models(self) -> tuple[ModelInfo, ...]:
        listed = rows(self._door.who, await self._door.ask("GET", "/models"), "data", "id")
        return tuple(_model(row) for row in listed)

    async def slots(self) -> int | None:
        """Return how many requests the server answers at the same time; None if nobody says so."""
        if self._slots:
            return await self._slots.read()
        return 1 if self.traits.one_slot else None

    async def ready(self) -> None:
        await self._door.client()

    async def warm(self) -> None:
        await self._door.client()

    async def aclose(self) -> None:
        if self._slots:
            await self._slots.aclose()
        await self._door.aclose()


def open_dialect(settings: ProviderSettings, dialect: ChatDialect, base_url: str) -> ChatProvider:
    """Return the provider at the address of the settings, else at `base_url`. The options `schema` and `one_slot` go
    before the dialect and before what the server tells. Raises `ConfigFailure` for an unusable address."""
    where = endpoint(settings, base_url, CHAT_TAILS)
    schema, slot = settings.options.get("schema"), settings.options.get("one_slot")
    if schema not in (None, "", "null"):
        dialect = replace(dialect, schema="off" if schema is False else schema)  # YAML reads `off` as a boolean
    local, unsaid = where.address.local, slot in (None, "", "null")
    traits = Traits(local=local, one_slot=local if unsaid else _is_on(slot))
    return ChatProvider(settings, where, dialect, traits, counts_slots=local and unsaid)


def _is_on(value: object) -> bool:
    """Return whether an option is on. Options without a default of their type arrive as text."""
    return str(value).casefold() in ("true", "yes", "on")


def _knows_no_stream_options(failure: ProviderFailure) -> bool:
    return failure.rejected and failure.kind is Kind.BAD_REQUEST and "stream_options" in failure.message


def _model(row: Row) -> ModelInfo:
    """Return the model of a row. The context window has several names (Groq, vLLM, llama.cpp, OpenRouter)."""
    window = whole(row, "context_window", "max_model_len", "context_length")
    meta = inner(row, "meta")
    count = whole(meta, "n_params")
    return ModelInfo(
        row["id"],
        window or whole(meta, "n_ctx_train"),
        whole(row, "max_completion_tokens"),
        parameters=count / 1e9 if count else None,
    )
