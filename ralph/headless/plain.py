"""Prints a timeline as plain lines, for a pipe, a screen reader or a small terminal; live text streams."""

from __future__ import annotations

import json
from typing import Any

from ralph.core.clock import local
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Channel
from ralph.core.llm.usage import Cost, format_charge
from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.codec import plain
from ralph.core.log.envelope import Envelope
from ralph.core.sanitise import Cleaner, line, printable
from ralph.core.timeline.figure_words import apart, token_words
from ralph.core.timeline.same_failure import is_same
from ralph.core.timeline.step_times import step_figures
from ralph.core.timeline.turns import fold_turn
from ralph.headless.outcome import cost_line
from ralph.headless.views import Writing

GLYPHS = {"route": "⇢ route ", "tool": "⚙ tool  ", "format": "◆ format", "summarise": "Σ summary", "note": "! note"}
MARKS = {"ok": "✓", "skipped": "·", "failed": "✗", "cancelled": "■", "interrupted": "✗"}
OUTPUT_LINES = 12


class AnswerText:
    """The text of one format block. It begins after the rows of the steps before it, and no row interrupts it.

    A model may be asked for the answer while the route still runs, so its text may arrive before the rows of the
    earlier steps, and a note may arrive in the middle of it.
    """

    def __init__(self, out: Writing) -> None:
        self._out = out
        self._cleaner = Cleaner()
        self._text = ""  # text that waits for the steps before it
        self._rows = ""  # rows that wait for the end of the text
        self._last = ""
        self._going = False
        self.began = False
        self.ended = False

    def go(self) -> None:
        """Start printing, because the steps before it have ended."""
        self._going = True
        self._write(self._text)
        self._text = ""
        if self.ended:
            self.end("")

    def put(self, text: str) -> None:
        self.began = True
        text = self._cleaner.feed(text)
        if self._going:
            self._write(text)
        else:
            self._text += text

    def restart(self) -> None:
        """Drop the text so far. Printed text stays, on its own lines."""
        self._cleaner = Cleaner()
        self.began, self._text = False, ""
        if self._last:
            self._write("\n  ! the answer begins again\n" if self._last != "\n" else "  ! the answer begins again\n")

    def row(self, text: str) -> None:
        """Print another row: now, or after the text."""
        if self._going and self._last in ("", "\n") and not self.began:
            self._out.write(text)
        else:
            self._rows += text

    def end(self, row: str) -> None:
        """End the text. Its own row follows the rows that arrived meanwhile."""
        self.ended = True
        self._rows += row
        if not self._going:
            return
        self._write(self._cleaner.end())
        if self._last not in ("", "\n"):
            self._write("\n")
        self._out.write(self._rows)
        self._rows = ""

    def _write(self, text: str) -> None:
        if text:
            self._last = text[-1]
            self._out.write(text)


class PlainView:
    """Prints the events of a timeline: the rows in the order of the steps, the answer's text in one piece."""

    def __init__(self, out: Writing) -> None:
        self._out = out
        self._kinds: dict[str, str] = {}
        self._calls: dict[str, ev.ToolRequested] = {}
        self._models: dict[str, str] = {}
        self._turn: list[Envelope] = []  # the events of the turn so far, for the figures of its rows
        self._answer: AnswerText | None = None
        self._going = False  # the turn's steps before format have ended

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        if self._answer and channel == "text" and self._kinds.get(block) == "format":
            self._answer.put(text)

    def event(self, envelope: Envelope) -> None:
        event = envelope.event
        self._keep(envelope)
        match event:
            case ev.TurnStarted():
                self.end()
                self._line(f"\n❯ {event.prompt or event.context}   [{envelope.turn} · {local(envelope.at)[11:]}]")
            case ev.BlockStarted():
                self._start_block(event)
            case ev.BlockDelta(restart=True):
                if self._answer and event.channel == "text" and self._kinds.get(event.block) == "format":
                    self._answer.restart()
            case ev.AttemptFinished():
                self._models[ids.block_of(event.attempt)] = str(ModelRef(event.provider, event.model))
            case ev.ToolRequested():
                self._calls[event.call] = event
            case ev.ToolFinished():
                self._tool(event)
            case ev.BlockFinished():
                self._finish_block(event)
            case ev.TurnFinished():
                self.end()
                self._line(f"  {cost_line(fold_turn(self._turn))}")
            case ev.Unknown() if event.damage:
                self._line(f"  ! event {envelope.seq} ({event.type}) is damaged and left out: {event.damage}")
            case ev.Note():
                self._note(event)
            case _:
                pass

    def _keep(self, envelope: Envelope) -> None:
        if isinstance(envelope.event, ev.TurnStarted):
            self._turn = []
        if not isinstance(envelope.event, ev.BlockDelta):
            self._turn.append(envelope)

    def end(self) -> None:
        """Print the rest: a turn or its record may end before each step has ended."""
        if answer := self._answer:
            self._answer = None
            answer.go()
            if not answer.ended:
                answer.end("")
        self._going = False

    def _start_block(self, event: ev.BlockStarted) -> None:
        self._kinds[event.block] = event.kind
        if event.copied_from:
            self._models[event.block] = f"kept from {event.copied_from}"
        if event.kind == "format":
            self._answer = AnswerText(self._out)
            if self._going:
                self._answer.go()

    def _finish_block(self, event: ev.BlockFinished) -> None:
        kind = self._kinds.get(event.block, "")
        row = self._row(event, kind) if kind in GLYPHS else ""
        if kind == "format" and self._answer:
            if not self._answer.began:
                self._answer.put(event.text)
            self._answer.end(row)
        elif kind in ("route", "tool"):
            self._write(row)
            if kind == "tool":  # every turn has one, even if it had nothing to do
                self._going = True
                if self._answer:
                    self._answer.go()
        elif kind == "note" and event.text:
            self._aside(f"\n{event.text}\n")
        else:
            self._aside(row)

    def _row(self, event: ev.BlockFinished, kind: str) -> str:
        model = self._models.get(event.block, "no model" if event.status != "skipped" else "")
        said = self._describe_failure(event) if event.error else event.reason or _decision(event.data)
        block = next(b for b in fold_turn(self._turn).blocks if b.id == event.block)
        figures = step_figures(block)
        took = "" if event.status == "skipped" else f"{(figures.own_ms or 0.0) / 1000:.2f}s"
        cost = (
            format_charge(figures.cost, figures.usage)
            if figures.usage.source != "none" or figures.cost != Cost()
            else ""
        )
        used = [token_words(figures.usage), cost]
        parts = [f"{MARKS[event.status]} {event.status}", model, said, took, *used, *apart(figures)]
        return line(f"  {GLYPHS[kind]} " + " · ".join(p for p in parts if p)) + "\n"

    def _describe_failure(self, event: ev.BlockFinished) -> str:
        """Return the sentence of a failure; if an earlier step has failed for the same reason, only that."""
        assert event.error  # noqa: S101 - the caller checks it
        earlier = [b for b in fold_turn(self._turn).blocks if b.id != event.block and is_same(b.error, event.error)]
        return f"for the same reason as {earlier[0].kind}" if earlier else event.error.message

    def _note(self, event: ev.Note) -> None:
        if event.kind == "given_up":  # the row of the step says it
            return
        text = f"  ! {line(event.text)}\n"
        if self._kinds.get(event.block or "") in ("route", "tool"):
            self._write(text)
        else:
            self._aside(text)

    def _aside(self, text: str) -> None:
        """Print a row that belongs to no step before format."""
        if self._answer:
            self._answer.row(text)
        else:
            self._write(text)

    def _tool(self, event: ev.ToolFinished) -> None:
        call = self._calls.get(event.call)
        name = f"{call.name}({json.dumps(plain(call.arguments), ensure_ascii=False)})" if call else event.call
        lines = event.output.splitlines() or [""]
        more = f" … {len(lines) - OUTPUT_LINES} more lines" if len(lines) > OUTPUT_LINES else ""
        shown = "\n      ".join(lines[:OUTPUT_LINES]) + more
        self._line(f"    {line(name)} → {event.status}: {shown}")

    def _line(self, text: str) -> None:
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        if text:
            self._out.write(printable(text))


def _decision(data: Any) -> str:
    if "tools" not in data:
        return ""
    return f"{', '.join(data['tools']) or 'no tool'}: {data.get('reason', '')}"
