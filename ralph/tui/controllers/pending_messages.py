"""Messages that wait, and the attachments of the next message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural

if TYPE_CHECKING:
    from ralph.workflows.attached import AttachedText


@frozen
class QueuedMessage(Data):
    """A message that the person sent.

    `typed` is the message with a token for each paste; file names in a paste do not count. `pastes` is the start and
    the end of each large paste in `text`.
    """

    text: str
    typed: str
    piped: str = ""
    attached: tuple[AttachedText, ...] = ()
    pastes: tuple[tuple[int, int], ...] = ()

    def context(self, named: Sequence[AttachedText] = ()) -> str:
        """Return the context to send beside the message. A file that is both attached and named is sent once."""
        return "\n\n".join(part for part in (self.piped, *_texts([*self.attached, *named])) if part)


class PendingMessages:
    """The waiting messages in the order of their writing, and the attachments of the next message."""

    def __init__(self, piped: str = "", changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is called after each change."""
        self._changed = changed
        self._piped = piped
        self._attached: dict[str, AttachedText] = {}
        self._elsewhere: dict[str, dict[str, AttachedText]] = {}  # by timeline
        self._waiting: list[QueuedMessage] = []

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(queued.text for queued in self._waiting)

    @property
    def attached(self) -> tuple[AttachedText, ...]:
        return tuple(self._attached.values())

    def attach(self, enclosure: AttachedText) -> None:
        """Attach a file. Its present content replaces an earlier attachment of the same file."""
        self._attached[enclosure.path] = enclosure
        self._changed()

    def drop(self) -> None:
        """Detach every file."""
        self._attached.clear()
        self._changed()

    def change_timeline(self, left: str, opened: str) -> None:
        """Put the attached files away with the timeline `left`, and bring back those of the timeline `opened`.

        The messages that still wait were written for the timeline `opened`, so they take its files and not the others.
        """
        files = [e for queued in self._waiting for e in queued.attached]
        self._waiting = [replace(queued, attached=()) for queued in self._waiting]
        self._elsewhere[left] = {e.path: e for e in (*files, *self._attached.values())}
        self._attached = self._elsewhere.pop(opened, {})
        if self._waiting:
            self._waiting[0] = replace(self._waiting[0], attached=self.attached)
            self._attached = {}
        self._changed()

    def post(self, text: str, typed: str = "", pastes: tuple[tuple[int, int], ...] = ()) -> None:
        """Add a message after all waiting messages. The message takes the attachments along."""
        self._waiting.append(QueuedMessage(text, typed or text, *self.take(), pastes))
        self._changed()

    def take(self) -> tuple[str, tuple[AttachedText, ...]]:
        """Take the attachments out, for a message that does not wait."""
        piped, attached = self._piped, self.attached
        self._piped = ""
        self._attached.clear()
        self._changed()
        return piped, attached

    def next(self) -> QueuedMessage | None:
        """Remove and return the message to send now, or None if none waits."""
        queued = self._waiting.pop(0) if self._waiting else None
        self._changed()
        return queued

    def back(self) -> str:
        """Remove the last waiting message, and return it as it was typed. Its attachments wait for the next message."""
        if not self._waiting:
            return ""
        queued = self._waiting.pop()
        self.keep(queued)
        return queued.typed

    def all_back(self, but: int = 0) -> str:
        """Remove the waiting messages except the last `but`, and return them as one text. Their attachments wait."""
        end = len(self._waiting) - but
        later, self._waiting = self._waiting[end:], self._waiting[:end]
        texts: list[str] = []
        while self._waiting:
            texts.insert(0, self.back())
        self._waiting = later
        self._changed()
        return "\n\n".join(texts)

    def keep(self, queued: QueuedMessage) -> None:
        """Keep the attachments of a message that could not be sent for the next message."""
        self._piped = "\n".join(part for part in (queued.piped, self._piped) if part)
        self._attached = {e.path: e for e in (*queued.attached, *self._attached.values())}
        self._changed()

    def notes(self) -> tuple[str, ...]:
        """Return the attachments in words, for the line above the prompt."""
        lines = self._piped.count("\n") + 1
        piped = f"{plural(lines, 'line')} of context will go with your message" if self._piped else ""
        names = [f"{e.path} ({e.size})" for e in self._attached.values()]
        return piped, f"attached: {', '.join(names)}" if names else ""


def _texts(enclosed: Sequence[AttachedText]) -> list[str]:
    return list({e.path: e.text for e in enclosed}.values())
