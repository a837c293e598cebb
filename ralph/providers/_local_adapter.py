"""A GGUF file in this process, through llama.cpp's own form of Chat Completions."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from ralph.core import background
from ralph.core.errors import Failure, Kind, NotFound, ProviderFailure
from ralph.core.llm.model_size import parameters_in
from ralph.core.llm.provider import ModelInfo, PullProgress, Traits
from ralph.core.llm.request import Item, Request, Waiting
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._chat_decoder import ChatDecoder
from ralph.providers._chat_request import ChatDialect, chat_body, list_chat_settings
from ralph.providers._download import hash_file
from ralph.providers._failures import peer_of
from ralph.providers._lines import NdjsonDecoder
from ralph.providers._llama_engine import LlamaEngine
from ralph.providers._local_models import LocalModel, ModelFiles
from ralph.providers._model_sources import ModelSources
from ralph.providers._settings import find_ignored, looks_for_tags
from ralph.providers._stream import answer
from ralph.providers._told_results import tell_results

_DIALECT = ChatDialect()


class LocalProvider:
    """Models of this machine's files. A model is `NAME` of the table, a pulled file, or `PATH.gguf`."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.name = settings.name
        self._settings = settings
        self._files = ModelFiles(settings)
        self.traits = Traits(local=True, free=True, one_slot=True, toolless=self._files.toolless)
        self._engine = LlamaEngine(peer_of(settings, "in this process"), settings.options)

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """Yield the items of the answer as they arrive, after a notice if the model must be loaded first."""
        for word in find_ignored(request, list_chat_settings(_DIALECT)):
            yield word
        path = self._find(request.model)
        if not self._engine.has_loaded(path):
            yield Waiting("loading")
        fold = ChatDecoder(self._engine.who, think_tags=looks_for_tags(self._settings.options))
        opened = self._engine.post(path, self._build_body(request))
        async with aclosing(answer(self._engine, opened, NdjsonDecoder(), fold, self._settings)) as items:
            async for item in items:
                yield item

    def _build_body(self, request: Request) -> dict[str, Any]:
        """Return the body. The smallest models lose the thread at the engine's usual temperature of 0.8."""
        if request.model not in self.traits.toolless:
            return chat_body(request, _DIALECT)
        return {"temperature": 0, **chat_body(tell_results(request), _DIALECT)}

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return the files that were pulled."""
        window = self._settings.options["num_ctx"]
        found = []
        for name in self._files.list_pulled():
            row = self._files.find(name)
            if row is None:
                found.append(ModelInfo(name, window, parameters=parameters_in(name)))
            else:
                found.append(
                    ModelInfo(name, min(window, row.window), tools=row.tools, images=False, parameters=row.parameters)
                )
        return tuple(found)

    def describe_pull(self, model: str) -> str:
        row = self._row(model)
        return (
            f"{self.name}:{model}: {row.summary}. {row.megabytes:,} MB to download, {row.memory_mb:,} MB of memory, "
            f"licence {row.licence}, from {row.source}"
        )

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model of the table; one that is there is not downloaded again."""
        row, path = self._row(model), self._files.place(model)
        if path.is_file():
            size = path.stat().st_size
            found = await background.in_thread(lambda: hash_file(path), "a checksum")
            yield PullProgress(size, size, done=True, path=str(path), sha256=found)
            return
        async with aclosing(ModelSources(self._settings).pull(row, path)) as steps:
            async for step in steps:
                yield step

    async def remove(self, model: str) -> str:
        """Remove a pulled file. A file that the person named by its path is never removed."""
        if model.endswith(".gguf"):
            raise Failure(Kind.USAGE, f"{model} is your own file; ralph removes only what it pulled")
        path = self._files.place(model)
        left = [one for one in (path, *self._files.list_parts(model)) if one.is_file()]
        if not left:
            raise NotFound(f"{self.name}:{model} is not on this machine")
        for one in left:
            one.unlink()
        return str(path)

    def _row(self, model: str) -> LocalModel:
        row = self._files.find(model)
        if row is None:
            raise NotFound(f"there is no model {self.name}:{model} to download; there is {self._files.names}")
        return row

    async def ready(self) -> None:
        await self._engine.client()

    async def warm(self) -> None:
        await self._engine.client()

    async def aclose(self) -> None:
        await self._engine.aclose()

    def _find(self, model: str) -> Path:
        """Return the file of a model. Raises `ProviderFailure` if it is not on this machine."""
        path = self._files.place(model)
        if path.is_file():
            return path
        if row := self._files.find(model):
            what = f"{self.name}:{model} is not on this machine yet; `ralph models pull {self.name}:{model}` gets it"
            message = f"{what} ({row.megabytes:,} MB)"
        elif model.endswith(".gguf"):
            message = f"there is no file {path}"
        else:
            message = f"there is no model {self.name}:{model}; write a path of a .gguf file, or {self._files.names}"
        raise ProviderFailure(Kind.UNKNOWN_MODEL, message, rejected=True)
