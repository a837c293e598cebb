"""Ollama through its native API, the only one that can set the context window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, NamedTuple

from ralph.core.errors import Kind, ProviderFailure
from ralph.core.llm.model_size import parameters_in
from ralph.core.llm.provider import ModelInfo, PullProgress, Traits
from ralph.core.llm.request import Item, Request, Waiting
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._endpoint import endpoint
from ralph.providers._http import HttpTransport
from ralph.providers._lines import NdjsonDecoder
from ralph.providers._lists import Row, inner, rows, whole
from ralph.providers._ollama_decoder import OllamaDecoder
from ralph.providers._ollama_loading import beginning, is_loading
from ralph.providers._ollama_pull import PullFold
from ralph.providers._ollama_request import list_ollama_settings, ollama_body
from ralph.providers._settings import find_ignored, looks_for_tags
from ralph.providers._stream import answer

# Path endings that people paste with an address.
TAILS = r"/chat/completions|/models|/api/(?:chat|generate|tags|show|ps|version)|/api|/v1"


class Shown(NamedTuple):
    """What `/api/show` reports about a model; None for a field that is missing. `parameters` are billions."""

    window: int | None = None
    abilities: frozenset[str] | None = None
    parameters: float | None = None


class OllamaProvider:
    """One Ollama server. ralph asks about a model once, before the first request to it."""

    def __init__(self, settings: ProviderSettings, default_url: str) -> None:
        where = endpoint(settings, default_url, TAILS, bare_port=11434)
        self.name = settings.name
        self.traits = Traits(local=where.address.local, free=True, one_slot=True)
        self._settings = settings
        self._options = dict(settings.options)
        self._door = HttpTransport(where)
        self._shown: dict[str, Shown] = {}

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """Yield the items of the answer as they arrive, after a notice if the server must load the model first."""
        shown = await self._show(request.model)
        thinks = None if shown.abilities is None else "thinking" in shown.abilities
        for word in find_ignored(request, list_ollama_settings(thinks)):
            yield word
        opened = self._door.post("/api/chat", ollama_body(request, self._options, shown.window, thinks))
        fold = OllamaDecoder(self._door.who, think_tags=looks_for_tags(self._options))
        async with aclosing(answer(self._door, opened, NdjsonDecoder(), fold, self._settings)) as items:
            first = beginning(items, lambda: is_loading(self._door, request.model))
            try:
                async with aclosing(first) as begun:
                    async for item in begun:
                        yield item
                async for item in items:
                    yield item
            except ProviderFailure as failure:
                if failure.adapted:  # the request only loaded the model; the next try is a separate attempt
                    yield Waiting("loading")
                raise

    async def models(self) -> tuple[ModelInfo, ...]:
        listed = await self._door.ask("GET", "/api/tags")
        names = [row["name"] for row in rows(self._door.who, listed, "models", "name")]
        shown = await asyncio.gather(*(self._show(name) for name in names))
        wish = self._options["num_ctx"]
        return tuple(_model(name, found, wish) for name, found in zip(names, shown, strict=True))

    def describe_pull(self, model: str) -> str:
        return f"{self.name}:{model}: Ollama downloads it to {self._door.who.host}"

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Let the server download the model; it resumes and verifies by itself."""
        fold = PullFold(self._door.who, model)
        async with self._door.post("/api/pull", {"model": model, "stream": True}) as reply:
            lines = NdjsonDecoder()
            async for data in reply.chunks:
                for payload in lines.feed(data):
                    yield fold.take(payload)
            for payload in lines.end():
                yield fold.take(payload)
        yield fold.finish()

    async def remove(self, model: str) -> str:
        async with self._door.post("/api/delete", {"model": model}, "DELETE"):
            return f"{self.name}:{model}"

    async def ready(self) -> None:
        await self._door.client()

    async def warm(self) -> None:
        await self._door.ask("GET", "/api/version")  # any small question opens the connection

    async def aclose(self) -> None:
        await self._door.aclose()

    async def _show(self, model: str) -> Shown:
        """Return the server's facts about the model. If the server reports none, the chat will report the cause."""
        if model not in self._shown:
            try:
                data = await self._door.ask("POST", "/api/show", {"model": model})
            except ProviderFailure as failure:
                unreached = failure.kind is Kind.TIMEOUT and failure.rejected
                if unreached or failure.kind is Kind.NETWORK:  # the chat would only wait as long again
                    raise
                return Shown()
            self._shown[model] = _read(data)
        return self._shown[model]


def _read(data: Any) -> Shown:
    found: Row = data if isinstance(data, dict) else {}
    info, abilities = inner(found, "model_info"), found.get("capabilities")
    window = whole(info, f"{info.get('general.architecture')}.context_length")
    able = frozenset(a for a in abilities if isinstance(a, str)) if isinstance(abilities, list) else None
    count, size = whole(info, "general.parameter_count"), inner(found, "details").get("parameter_size")
    parameters = count / 1e9 if count else parameters_in(size) if isinstance(size, str) else None
    return Shown(window, able, parameters)


def _model(name: str, shown: Shown, wish: int) -> ModelInfo:
    """Return the model. Its window is the one that requests ask for and can fill, not the model's maximum."""

    def can(ability: str) -> bool | None:
        return None if shown.abilities is None else ability in shown.abilities

    window = min(wish, shown.window) if shown.window else wish
    return ModelInfo(
        name, window, tools=can("tools"), thinking=can("thinking"), images=can("vision"), parameters=shown.parameters
    )
