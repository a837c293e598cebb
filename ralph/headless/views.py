"""The output of a run without a screen: the answer's pieces, or one envelope per line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TextIO

from ralph.core.llm.request import Channel
from ralph.core.log import events as ev
from ralph.core.log.codec import dump_visible, to_json
from ralph.core.log.envelope import Envelope
from ralph.core.log.listener import EventListener
from ralph.core.sanitise import Cleaner


class Writing:
    """A stream whose reader may leave: after a broken pipe it is silent and reports so once.

    `gone`: the reader has left. `refused`: why nothing more can be written, for example a full disk; the run continues.
    """

    def __init__(self, stream: TextIO, leave: Callable[[], None]) -> None:
        self._stream = stream
        self._leave = leave
        self.gone = False
        self.refused = ""
        self.terminal = stream.isatty()

    def write(self, text: str) -> None:
        """Write at once, flushed, so that a pipe gets each piece as it arrives."""
        if self.gone or self.refused:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except UnicodeEncodeError:
            encoding = self._stream.encoding or "ascii"
            self._stream.write(text.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            self.gone = True
            self._leave()
        except OSError as error:
            self.refused = error.strerror or str(error)


class EndingView(EventListener, Protocol):
    """A view of a run that has an end."""

    def end(self) -> None: ...


class TextView:
    """Prints the answer, piece by piece, without terminal control sequences; on a terminal, also without invisible
    text.

    A pipe or a file gets clean text too, because it will be shown sooner or later. The exact text is in `--output
    json`.

    `void`: characters that were written before the answer began again. They cannot be taken back; the answer then
    begins on a new line.
    """

    def __init__(self, out: Writing) -> None:
        self._out = out
        self._format = ""
        self._last = ""
        self._written = 0
        self.void = 0
        self._cleaner = Cleaner(all_unseen=out.terminal)

    def event(self, envelope: Envelope) -> None:
        event = envelope.event
        if isinstance(event, ev.BlockStarted) and event.kind == "format":
            self._format = event.block
        elif isinstance(event, ev.BlockDelta) and event.restart and event.block == self._format:
            self._restart(event.channel)

    def _restart(self, channel: Channel) -> None:
        if channel == "text" and self._written > self.void:
            self._cleaner.end()
            self.void = self._written
            self._out.write("\n" if self._last.endswith("\n") else "\n\n")

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        if block == self._format and channel == "text" and text:
            self._write(self._cleaner.feed(text))

    def end(self) -> None:
        """End the last line."""
        self._write(self._cleaner.end())
        if self._last and not self._last.endswith("\n"):
            self._out.write("\n")

    def _write(self, text: str) -> None:
        if text:
            self._last = text
            self._written += len(text)
            self._out.write(text)


class JsonlView:
    """Prints the event stream, as stored and exported."""

    def __init__(self, out: Writing) -> None:
        self._out = out

    def event(self, envelope: Envelope) -> None:
        self._out.write(dump_visible(to_json(envelope)) + "\n")

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Ignore live pieces, which arrive again as `block.delta`."""

    def end(self) -> None:
        """Do nothing, since each line is complete."""


class SilentView:
    """Prints nothing until the one object at the end."""

    def __init__(self, out: Writing) -> None:
        """Ignore `out`, since this view writes nothing to it."""

    def event(self, envelope: Envelope) -> None:
        """Ignore events, which the session folds."""

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Ignore live pieces, which arrive again as `block.delta`."""

    def end(self) -> None:
        """Do nothing, since nothing was begun."""
