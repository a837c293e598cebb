"""Plays a file of answers with given timings: for demos, snapshots and tests."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.errors import Kind, ProviderFailure
from ralph.core.llm.messages import CallPart, Content, Part, TextPart, ThinkingPart
from ralph.core.llm.provider import ModelInfo, Traits
from ralph.core.llm.request import Answer, Item, Piece, Report, Request
from ralph.core.llm.usage import Usage
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.counting import estimate, estimate_request
from ralph.providers._settings import find_ignored

_KEYS = frozenset(
    ("role", "match", "text", "thinking", "calls", "stop_reason", "usage", "error", "first_token_ms", "piece_ms",
     "piece_characters")
)  # fmt: skip


@frozen
class ScriptLine(Data):
    """One answer of the script. `role` and `match` (a regex over the prompt) select the requests that it answers.

    Pieces of `piece_characters` arrive `piece_ms` apart, the first after `first_token_ms`. With `error` the stream
    fails with this kind after all pieces. A missing `usage` is counted from the text.
    """

    role: str = ""
    match: str = ""
    text: str = ""
    thinking: str = ""
    calls: tuple[Mapping[str, Any], ...] = ()
    stop_reason: str = ""
    usage: Mapping[str, int] | None = None
    error: Mapping[str, str] | None = None
    first_token_ms: float = 0.0
    piece_ms: float = 0.0
    piece_characters: int = 12

    def fits(self, request: Request, prompt: str) -> bool:
        return self.role in ("", request.role) and re.search(self.match, prompt) is not None


class Scripted:
    """A provider that answers each request with the next matching line; after the last line the script starts again."""

    traits = Traits(local=True, free=True)

    def __init__(self, settings: ProviderSettings) -> None:
        self.name = settings.name
        self._scripts: dict[str, tuple[ScriptLine, ...]] = {}
        self._used: set[tuple[str, int]] = set()

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        for word in find_ignored(request, ()):
            yield word
        line = self._next(request)
        usage = Usage(**line.usage, source="reported") if line.usage is not None else self._count(request, line)
        yield Report(Usage(usage.input, usage.cache_read, usage.cache_write, 0, 0, "reported"), model=request.model)
        await asyncio.sleep(line.first_token_ms / 1000)
        for n, piece in enumerate(_pieces(line)):
            if n:
                await asyncio.sleep(line.piece_ms / 1000)
            yield piece
        if line.error is not None:
            raise ProviderFailure(Kind(line.error["kind"]), line.error.get("message", "the script says so"))
        raw = {"input": usage.input, "output": usage.output}
        yield Report(usage, raw, model=request.model)
        stop: Any = line.stop_reason or ("tool_calls" if line.calls else "stop")
        yield Answer(stop, Content(_parts(line)))

    def _next(self, request: Request) -> ScriptLine:
        lines = self._script(request.model)
        prompt = next((m.text for m in reversed(request.messages) if m.role == "user" and m.text), "")
        fitting = [n for n, line in enumerate(lines) if line.fits(request, prompt)]
        if not fitting:
            raise ProviderFailure(
                Kind.PROTOCOL,
                f"the script {request.model} has no answer for this {request.role} request",
                rejected=True,
            )
        fresh = [n for n in fitting if (request.model, n) not in self._used]
        if not fresh:
            self._used -= {(request.model, n) for n in fitting}
            fresh = fitting
        self._used.add((request.model, fresh[0]))
        return lines[fresh[0]]

    def _script(self, path: str) -> tuple[ScriptLine, ...]:
        if path not in self._scripts:
            self._scripts[path] = read(Path(path).expanduser())
        return self._scripts[path]

    def _count(self, request: Request, line: ScriptLine) -> Usage:
        said = line.text + line.thinking + "".join(json.dumps(c) for c in line.calls)
        return Usage(input=estimate_request(request), output=estimate(said), source="counted")

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return nothing: a script is named by its path, so there is no list."""
        return ()

    async def ready(self) -> None:
        """Do nothing, since there is nothing to open."""

    async def warm(self) -> None:
        """Do nothing, since there is nothing to open."""

    async def aclose(self) -> None:
        """Do nothing, since there is nothing to close."""


def read(path: Path) -> tuple[ScriptLine, ...]:
    """Return the lines of a script, a YAML or JSON list. Raises `ProviderFailure`, which names file and line."""
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProviderFailure(
            Kind.UNKNOWN_MODEL, f"the script {path} could not be read: {error}", rejected=True
        ) from error
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise ProviderFailure(Kind.UNKNOWN_MODEL, f"the script {path} is not a list of answers", rejected=True)
    return tuple(_line(path, n, item) for n, item in enumerate(data, start=1))


def _line(path: Path, number: int, item: Mapping[str, Any]) -> ScriptLine:
    unknown = sorted(set(item) - _KEYS)
    if unknown:
        raise ProviderFailure(
            Kind.UNKNOWN_MODEL, f"{path}: answer {number} has the unknown key '{unknown[0]}'", rejected=True
        )
    return ScriptLine(**{**item, "calls": tuple(item.get("calls", ()))})


def _pieces(line: ScriptLine) -> Sequence[Piece]:
    size = max(1, line.piece_characters)
    made = [Piece("thinking", line.thinking[n : n + size]) for n in range(0, len(line.thinking), size)]
    made += [Piece("tool_input", json.dumps(call.get("arguments", {}))) for call in line.calls]
    made += [Piece("text", line.text[n : n + size]) for n in range(0, len(line.text), size)]
    return made


def _parts(line: ScriptLine) -> tuple[Part, ...]:
    parts: list[Part] = []
    if line.thinking:
        parts.append(ThinkingPart(line.thinking))
    if line.text:
        parts.append(TextPart(line.text))
    parts += [
        CallPart(f"s{n}", str(call["name"]), call.get("arguments", {})) for n, call in enumerate(line.calls, start=1)
    ]
    return tuple(parts)
