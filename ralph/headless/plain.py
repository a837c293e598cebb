"""A timeline as plain lines, for a pipe, a screen reader or a small terminal; live text streams."""

from __future__ import annotations

import json
from typing import Any

from ralph.core import events as ev
from ralph.core.clock import local
from ralph.core.codec import plain
from ralph.core.envelope import Envelope
from ralph.core.screen import printable
from ralph.headless.outcome import cost_line
from ralph.headless.views import Writing

GLYPHS = {"route": "⇢ route ", "tool": "⚙ tool  ", "format": "◆ format", "summarise": "Σ summary", "note": "! note"}
MARKS = {"ok": "✓", "skipped": "·", "failed": "✗", "cancelled": "■", "interrupted": "✗"}
OUTPUT_LINES = 12


class PlainView:
    """Prints what a view is shown, in the order in which it happened."""

    def __init__(self, out: Writing) -> None:
        self._out = out
        self._kinds: dict[str, str] = {}
        self._calls: dict[str, ev.ToolRequested] = {}
        self._models: dict[str, str] = {}
        self._streamed: dict[str, str] = {}

    def chunk(self, block: str, channel: ev.Channel, ms: float, text: str) -> None:
        if self._kinds.get(block) == "format" and channel == "text":
            self._streamed[block] = text
            self._write(text)

    def event(self, envelope: Envelope) -> None:
        event = envelope.event
        match event:
            case ev.TurnStarted():
                self._line(f"\n❯ {event.prompt or event.context}   [{envelope.turn} · {local(envelope.at)[11:]}]")
            case ev.BlockStarted():
                self._kinds[event.block] = event.kind
                if event.copied_from:
                    self._models[event.block] = f"kept from {event.copied_from}"
            case ev.AttemptFinished():
                self._models[event.attempt.rpartition("a")[0]] = f"{event.provider}:{event.model}"
            case ev.ToolRequested():
                self._calls[event.call] = event
            case ev.ToolFinished():
                self._tool(event)
            case ev.BlockFinished():
                self._finished(event)
            case ev.TurnFinished():
                self._line(f"  {cost_line(event.usage, event.cost, event.duration_ms)}")
            case ev.Unknown() if event.damage:
                self._line(f"  ! event {envelope.seq} ({event.type}) is damaged and left out: {event.damage}")
            case ev.Note():
                self._line(f"  ! {event.text}")
            case _:
                pass

    def end(self) -> None:
        """Every line is ended already."""

    def _finished(self, event: ev.BlockFinished) -> None:
        kind = self._kinds.get(event.block, "")
        if kind == "format":
            shown = self._streamed.pop(event.block, None)
            rest = event.text if shown is None else ""
            self._write(rest)
            if not (shown or rest or "\n").endswith("\n"):
                self._write("\n")
        if kind not in GLYPHS:
            return
        model = self._models.get(event.block, "no model" if event.status != "skipped" else "")
        said = event.error.message if event.error else event.reason or _decision(event.data)
        parts = [f"{MARKS[event.status]} {event.status}", model, said, f"{event.duration_ms / 1000:.2f}s"]
        self._line(f"  {GLYPHS[kind]} " + " · ".join(p for p in parts if p))

    def _tool(self, event: ev.ToolFinished) -> None:
        call = self._calls.get(event.call)
        name = f"{call.name}({json.dumps(plain(call.arguments), ensure_ascii=False)})" if call else event.call
        lines = event.output.splitlines() or [""]
        more = f" … {len(lines) - OUTPUT_LINES} more lines" if len(lines) > OUTPUT_LINES else ""
        shown = "\n      ".join(lines[:OUTPUT_LINES]) + more
        self._line(f"    {name} → {event.status}: {shown}")

    def _line(self, text: str) -> None:
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        if text:
            self._out.write(printable(text))


def _decision(data: Any) -> str:
    if "tools" not in data:
        return ""
    return f"{', '.join(data['tools']) or 'no tool'}: {data.get('reason', '')}"
