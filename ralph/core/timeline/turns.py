"""One turn folded from its events: blocks with their attempts, waits and tool calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.errors import ErrorInfo
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.usage import Cost, Usage, total_cost, total_usage
from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.calls import Call, add_call

_RUNNING = ev.AttemptFinished(attempt="", outcome="interrupted")


@frozen
class Attempt(Data):
    """One request. `finished` is None while it runs."""

    id: str
    block: str
    ref: str
    started_at: str
    started_ms: float
    started: ev.AttemptStarted
    finished: ev.AttemptFinished | None = None
    waits: tuple[ev.AttemptWaiting, ...] = ()

    @property
    def end(self) -> ev.AttemptFinished:
        """Return its finish; for a running request, an empty finish."""
        return self.finished or _RUNNING

    @property
    def provider(self) -> str:
        return self.end.provider or ModelRef.parse(self.ref).provider

    @property
    def model(self) -> str:
        return self.end.model or ModelRef.parse(self.ref).model

    @property
    def usage(self) -> Usage:
        return self.end.usage

    @property
    def cost(self) -> Cost:
        return self.end.cost


@frozen
class Block(Data):
    """One visible unit of the timeline. `status` is None while it is open; `text` is then the text so far.

    `at` is the wall clock of its start, which orders the work between turns.
    """

    id: str
    kind: ev.BlockKind
    timeline: str = ""
    title: str = ""
    parent: str | None = None
    copied_from: str | None = None
    started_ms: float = 0.0
    at: str = ""
    status: ev.Status | None = None
    reason: str | None = None
    partial: bool = False
    text: str = ""
    thinking: str = ""
    ttft_ms: float | None = None
    duration_ms: float = 0.0
    error: ErrorInfo | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    waited: Mapping[str, float] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    calls: tuple[Call, ...] = ()
    waits: tuple[ev.AttemptWaiting, ...] = ()
    notes: tuple[ev.Note, ...] = ()

    @property
    def usage(self) -> Usage:
        """Return the usage of finished requests; a running request is in no sum yet."""
        return total_usage(a.usage for a in self.attempts if a.finished)

    @property
    def cost(self) -> Cost:
        return total_cost(a.cost for a in self.attempts if a.finished)


@frozen
class Turn(Data):
    """A user message and everything that followed. `status` is None while it runs."""

    number: int
    timeline: str
    at: str
    started: ev.TurnStarted
    blocks: tuple[Block, ...] = ()
    status: ev.Status | None = None
    text: str = ""
    duration_ms: float = 0.0
    notes: tuple[ev.Note, ...] = ()

    @property
    def attempts(self) -> list[Attempt]:
        return [a for b in self.blocks for a in b.attempts]

    @property
    def usage(self) -> Usage:
        return total_usage(a.usage for a in self.attempts if a.finished)

    @property
    def cost(self) -> Cost:
        return total_cost(a.cost for a in self.attempts if a.finished)

    def step(self, kind: str) -> Block | None:
        """Return the block of this kind, or None if it was not reached."""
        return next((b for b in self.blocks if b.kind == kind), None)


def fold_turn(envelopes: Iterable[Envelope]) -> Turn:
    """Return one turn (or the work between turns) from its events in order."""
    folding = _TurnFold()
    for envelope in envelopes:
        folding.add(envelope)
    return folding.turn()


class _TurnFold:
    """Folds into plain dictionaries; the result is frozen data."""

    def __init__(self) -> None:
        self.head: dict[str, Any] = {"number": 0, "timeline": "", "at": "", "started": ev.TurnStarted("")}
        self.blocks: dict[str, dict[str, Any]] = {}
        self.attempts: dict[str, dict[str, Any]] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.notes: list[ev.Note] = []

    def add(self, envelope: Envelope) -> None:
        event = envelope.event
        if not self.head["timeline"]:
            self.head.update(timeline=envelope.timeline, number=envelope.turn, at=envelope.at)
        match event:
            case ev.TurnStarted():
                self.head["started"] = event
            case ev.TurnFinished():
                self.head.update(status=event.status, text=event.text, duration_ms=event.duration_ms)
            case ev.BlockStarted() | ev.BlockDelta() | ev.BlockFinished():
                self._block(envelope, event)
            case ev.AttemptStarted() | ev.AttemptWaiting() | ev.AttemptFinished():
                self._attempt(envelope, event)
            case ev.ToolRequested() | ev.ToolDecided() | ev.ToolFinished():
                add_call(self.calls, envelope.ms, event)
            case ev.Note():
                self._note(event)
            case _:
                pass

    def _block(self, envelope: Envelope, event: ev.BlockStarted | ev.BlockDelta | ev.BlockFinished) -> None:
        match event:
            case ev.BlockStarted():
                self.blocks[event.block] = {
                    "id": event.block,
                    "kind": event.kind,
                    "timeline": envelope.timeline,
                    "title": event.title,
                    "parent": event.parent,
                    "copied_from": event.copied_from,
                    "started_ms": envelope.ms,
                    "at": envelope.at,
                }
            case ev.BlockDelta():
                block = self._open_block(event.block, envelope)
                if event.channel in ("text", "thinking") and "status" not in block:
                    before = "" if event.restart else block.get(event.channel, "")
                    block[event.channel] = before + "".join(text for _, text in event.chunks)
            case ev.BlockFinished():
                self._open_block(event.block, envelope).update(
                    (name, getattr(event, name))
                    for name in (
                        "status", "reason", "partial", "text", "thinking", "ttft_ms", "duration_ms", "error", "data",
                        "waited",
                    )
                )  # fmt: skip

    def _open_block(self, block: str, envelope: Envelope) -> dict[str, Any]:
        """Return the block; if its start was lost (a damaged row), its events appear as a note."""
        if block not in self.blocks:
            self._block(envelope, ev.BlockStarted(block, "note"))
        return self.blocks[block]

    def _attempt(self, envelope: Envelope, event: ev.AttemptStarted | ev.AttemptWaiting | ev.AttemptFinished) -> None:
        match event:
            case ev.AttemptStarted():
                self.attempts[event.attempt] = {
                    "id": event.attempt,
                    "block": event.block,
                    "ref": event.model,
                    "started_at": envelope.at,
                    "started_ms": envelope.ms,
                    "started": event,
                }
            case ev.AttemptWaiting():
                at = self.attempts.get(event.attempt or "") or self._open_block(event.block, envelope)
                at["waits"] = (*at.get("waits", ()), event)
            case ev.AttemptFinished():
                if event.attempt not in self.attempts:
                    ref, block = str(ModelRef(event.provider, event.model)), ids.block_of(event.attempt)
                    self._open_block(block, envelope)
                    self._attempt(envelope, ev.AttemptStarted(event.attempt, block, ref))
                self.attempts[event.attempt]["finished"] = event

    def _note(self, note: ev.Note) -> None:
        if note.block in self.blocks:
            block = self.blocks[note.block]
            block["notes"] = (*block.get("notes", ()), note)
        else:
            self.notes.append(note)

    def turn(self) -> Turn:
        attempts = [Attempt(**a) for a in self.attempts.values()]
        calls: dict[str, list[Call]] = {}
        for call in self.calls.values():
            calls.setdefault(ids.block_of(call["id"]), []).append(Call(**call))
        blocks = [
            Block(
                **block,
                attempts=tuple(a for a in attempts if a.block == block["id"]),
                calls=tuple(calls.get(block["id"], ())),
            )
            for block in self.blocks.values()
        ]
        # Numbers follow the order of the steps, whatever order they began in (speculation opens format early).
        blocks.sort(key=lambda b: ids.number_of(b.id))
        # The end of a turn repeats its text, mostly the text of a block: one copy is kept.
        text = next((b.text for b in blocks if b.text == self.head.get("text")), None)
        head = self.head if text is None else {**self.head, "text": text}
        return Turn(**head, blocks=tuple(blocks), notes=tuple(self.notes))
