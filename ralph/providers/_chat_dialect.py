"""Chat Completions over our own HTTP: what every OpenAI-compatible provider is, but for its dialect."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from ralph.core.errors import Kind, ProviderFailure
from ralph.core.provider import Item, ModelInfo, ProviderSettings, Request, Traits
from ralph.providers._chat_fold import ChatFold
from ralph.providers._chat_request import ChatDialect, chat_body, chat_taken
from ralph.providers._failures import party
from ralph.providers._http import Door
from ralph.providers._lines import Events
from ralph.providers._settings import ignored, looks_for_tags
from ralph.providers._stream import answer


class ChatProvider:
    """One OpenAI-compatible service; `fold` reads its answers."""

    def __init__(
        self,
        settings: ProviderSettings,
        base_url: str,
        dialect: ChatDialect,
        traits: Traits,
        fold: type[ChatFold] = ChatFold,
    ) -> None:
        self.name = settings.name
        self.traits = traits
        self._settings = settings
        self._dialect = dialect
        self._fold = fold
        self._tags = looks_for_tags(settings.options)
        extra = settings.options.get("headers") or {}
        key = {"authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
        self._door = Door(settings, party(settings, base_url), base_url, {**key, **extra})

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """The answer, live.

        A server that does not know `stream_options` refuses it with a 400; from then on it goes without, and the
        failure says so, so that the next try, an attempt of its own, is made at once.
        """
        for word in ignored(request, chat_taken(self._dialect)):
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
        return answer(self._door, opened, Events(), self._fold(self._door.who, think_tags=self._tags), self._settings)

    async def models(self) -> tuple[ModelInfo, ...]:
        listed = await self._door.ask("GET", "/models")
        rows = listed.get("data") if isinstance(listed, dict) else listed
        return tuple(_model(row) for row in rows or () if isinstance(row, dict) and row.get("id"))

    async def warm(self) -> None:
        await self._door.client()

    async def aclose(self) -> None:
        await self._door.aclose()


def _knows_no_stream_options(failure: ProviderFailure) -> bool:
    return failure.rejected and failure.kind is Kind.BAD_REQUEST and "stream_options" in failure.message


def _model(row: dict[str, Any]) -> ModelInfo:
    """A row of the list; the window goes by many names (Groq, vLLM, llama.cpp, OpenRouter)."""
    meta = row.get("meta") or {}
    windows = (row.get("context_window"), row.get("max_model_len"), row.get("context_length"), meta.get("n_ctx_train"))
    window = next((w for w in windows if isinstance(w, int)), None)
    return ModelInfo(row["id"], window, row.get("max_completion_tokens"))
