"""What a run without a screen writes while it goes: the answer's pieces, or one envelope a line."""

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
    """A stream that may go away: after a broken pipe it is silent and says so once.

    `gone`: its reader has left. `refused`: why nothing more can be written, as on a full disk; the run goes on.
    """

    def __init__(self, stream: TextIO, leave: Callable[[], None]) -> None:
        self._stream = stream
        self._leave = leave
        self.gone = False
        self.refused = ""
        self.terminal = stream.isatty()

    def write(self, text: str) -> None:
        """Write at once, flushed: a pipe gets each piece as it comes."""
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
    """The answer, piece by piece, without what acts on a terminal; on one, also without what cannot be seen.

    A pipe or a file gets it so too: sooner or later it is shown. The exact text is in `--output json`.

    `void`: characters that were written before the answer began again. They cannot be taken back; the answer then
    begins on a line of its own.
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
    """The event stream, as stored and exported."""

    def __init__(self, out: Writing) -> None:
        self._out = out

    def event(self, envelope: Envelope) -> None:
        self._out.write(dump_visible(to_json(envelope)) + "\n")

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Comes again as `block.delta`."""

    def end(self) -> None:
        """Each line has its end."""


class SilentView:
    """For one object at the end."""

    def __init__(self, out: Writing) -> None:
        """It writes nothing to `out`."""

    def event(self, envelope: Envelope) -> None:
        """Folded by the session."""

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Comes again as `block.delta`."""

    def end(self) -> None:
        """Nothing was begun."""
