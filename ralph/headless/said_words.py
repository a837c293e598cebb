"""The output of a slash command without a screen, and its destination."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TextIO

from ralph.core.errors import Failure, Kind
from ralph.core.log.envelope import Envelope
from ralph.core.sanitise import printable
from ralph.headless.plain import PlainView
from ralph.headless.shown_turn import Output
from ralph.headless.views import EndingView, JsonlView, Writing
from ralph.session.replay import replay


class SaidWords:
    """Prints the command's answer to standard output. Words before a turn are progress and go to standard error, as
    everything does beside the event stream of `jsonl`.
    """

    def __init__(self, output: Output, writing: Writing, out: TextIO, err: TextIO) -> None:
        self._output = output
        self._writing = writing
        self._out = out
        self._err = err
        self._waiting: list[str] = []
        self._played = False
        self.text = ""

    def say(self, text: str) -> None:
        self._waiting.append(text)

    @property
    def said(self) -> bool:
        return bool(self._waiting or self.text or self._played)

    def as_progress(self) -> None:
        """Treat the words so far as progress, not as part of the answer."""
        for text in self._waiting:
            print(f"ralph: {printable(text)}", file=self._err, flush=True)
        self._waiting.clear()

    def end(self) -> None:
        """Treat the words since then as the answer; `text` is all of it."""
        text = "\n\n".join(self._waiting)
        self._waiting.clear()
        self.text += text
        if self._output == "jsonl" and text:
            print(printable(text), file=self._err, flush=True)
        elif self._output == "text" and text:
            self._writing.write(f"{text}\n")

    async def play(self, envelopes: Sequence[Envelope]) -> None:
        """Play a replay, in true time if a terminal shows it."""
        self.as_progress()
        self._played = True
        kept = io.StringIO()
        writing = Writing(kept if self._output == "json" else self._out, _leave)
        view: EndingView = JsonlView(writing) if self._output == "jsonl" else PlainView(writing)
        await replay(envelopes, view, speed=1.0 if self._output == "text" else None)
        view.end()
        self.text += kept.getvalue()
        if writing.refused:
            raise Failure(Kind.IO, f"standard output could not be written: {writing.refused}")


def _leave() -> None:
    """Stop, since the reader has left."""
    raise BrokenPipeError
