"""Plays a stored timeline's own streams: the same answers at the same pace, without any request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind, ProviderFailure
from ralph.core.llm.messages import CallPart, Content, TextPart, ThinkingPart
from ralph.core.llm.provider import ModelInfo, Traits
from ralph.core.llm.request import Answer, Channel, Item, Piece, Report, Request
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.ports.provider_spec import ProviderSettings


@frozen
class StoredStream(Data):
    """One stored answer or failure. Pieces are pairs of the milliseconds since the request, and the piece."""

    role: str
    prompt: str
    pieces: tuple[tuple[float, Piece], ...]
    end: ev.AttemptFinished


class Stored:
    """A provider that answers each request with the next stream of its role, best from a turn with the same prompt.
    After the last stream the timeline starts again."""

    traits = Traits(local=True, free=True)

    def __init__(self, settings: ProviderSettings) -> None:
        self.name = settings.name
        self._recorded = settings.recorded
        self._streams: dict[str, tuple[StoredStream, ...]] = {}
        self._used: set[tuple[str, int]] = set()

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        found = await self._next(request)
        loop = asyncio.get_running_loop()
        began = loop.time()
        yield Report(model=request.model)
        for ms, piece in found.pieces:
            await asyncio.sleep(max(0.0, began + ms / 1000 - loop.time()))
            yield piece
        await asyncio.sleep(max(0.0, began + found.end.duration_ms / 1000 - loop.time()))
        end = found.end
        yield Report(end.usage, end.raw_usage, model=request.model)
        if end.error is not None:
            raise ProviderFailure(end.error.kind, f"as it was stored: {end.error.message}")
        # Opaque content goes back only to its maker, and this provider is another.
        stop: Any = end.stop_reason or "stop"
        yield Answer(stop, Content(end.message.parts if end.message else ()))

    async def _next(self, request: Request) -> StoredStream:
        streams = await self._read(request.model)
        prompt = next((m.text for m in reversed(request.messages) if m.role == "user" and m.text), "")
        fitting = [n for n, stream in enumerate(streams) if stream.role == request.role]
        same = [n for n in fitting if streams[n].prompt and streams[n].prompt in prompt]
        fitting = same or fitting
        if not fitting:
            raise ProviderFailure(
                Kind.PROTOCOL, f"the timeline {request.model} holds no {request.role} answer", rejected=True
            )
        fresh = [n for n in fitting if (request.model, n) not in self._used]
        if not fresh:
            self._used -= {(request.model, n) for n in fitting}
            fresh = fitting
        self._used.add((request.model, fresh[0]))
        return streams[fresh[0]]

    async def _read(self, timeline: str) -> tuple[StoredStream, ...]:
        if timeline not in self._streams:
            if self._recorded is None:
                raise ProviderFailure(Kind.UNKNOWN_MODEL, "there are no stored timelines here", rejected=True)
            try:
                self._streams[timeline] = streams(await self._recorded(timeline))
            except Failure as failure:
                raise ProviderFailure(Kind.UNKNOWN_MODEL, failure.message, rejected=True) from failure
        return self._streams[timeline]

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return nothing: a timeline is named by its id, and `ralph timelines` lists the ids."""
        return ()

    async def ready(self) -> None:
        """Do nothing, since there is nothing to open."""

    async def warm(self) -> None:
        """Do nothing, since there is nothing to open."""

    async def aclose(self) -> None:
        """Do nothing, since there is nothing to close."""


def streams(envelopes: Sequence[Envelope]) -> tuple[StoredStream, ...]:
    """Return the model requests of this timeline in order, without those that were stopped."""
    prompt, starts, blocks = "", dict[str, tuple[Envelope, ev.AttemptStarted]](), dict[str, float]()
    heard: dict[str, list[tuple[float, Piece]]] = {}
    made: list[tuple[int, StoredStream]] = []
    for envelope in envelopes:
        match envelope.event:
            case ev.TurnStarted() as turn:
                prompt = turn.prompt or turn.context
            case ev.BlockStarted() as block:
                blocks[block.block] = envelope.ms
            case ev.AttemptStarted() as started:
                starts[started.attempt] = envelope, started
                heard[started.block] = []  # pieces belong to the last request of their block
            case ev.BlockDelta() as delta:
                at = blocks.get(delta.block, 0.0)
                pieces = heard.setdefault(delta.block, [])
                if delta.restart:
                    pieces.clear()
                pieces += [(at + ms, Piece(delta.channel, text)) for ms, text in delta.chunks]
            case ev.AttemptFinished() as end if end.attempt in starts and end.outcome in ("ok", "failed"):
                first, started = starts[end.attempt]
                timed = _time_pieces(heard.get(started.block, []), first.ms, end)
                made.append((first.seq, StoredStream(started.role, prompt, timed, end)))
            case _:
                pass
    return tuple(stream for _, stream in sorted(made, key=lambda item: item[0]))


def _time_pieces(
    heard: Sequence[tuple[float, Piece]], began: float, end: ev.AttemptFinished
) -> tuple[tuple[float, Piece], ...]:
    """Return the stored pieces. If they are not the whole answer, return the answer in one piece per channel."""
    parts = end.message.parts if end.message else ()
    whole = {
        "text": "".join(p.text for p in parts if isinstance(p, TextPart)),
        "thinking": "".join(p.text for p in parts if isinstance(p, ThinkingPart)),
    }
    made: list[tuple[float, Piece]] = []
    channels: tuple[Channel, ...] = ("thinking", "text")
    for channel in channels:
        own = [(max(0.0, at - began), piece) for at, piece in heard if piece.channel == channel]
        if end.message is not None and "".join(piece.text for _, piece in own) != whole[channel]:
            own = [(end.ttft_ms or 0.0, Piece(channel, whole[channel]))] if whole[channel] else []
        made += own
    if any(isinstance(p, CallPart) for p in parts):
        made += [(at - began, piece) for at, piece in heard if piece.channel == "tool_input" and at >= began]
    return tuple(sorted(made, key=lambda item: item[0]))
