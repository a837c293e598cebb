"""Messages that wait to be sent, and what the next one takes along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural

if TYPE_CHECKING:
    from ralph.workflows.attached import AttachedText


@frozen
class QueuedMessage(Data):
    """A message that was sent; `typed` is it with the signs of what was pasted, which names no files. `pastes`: where
    large pastes stand in it."""

    text: str
    typed: str
    piped: str = ""
    attached: tuple[AttachedText, ...] = ()
    pastes: tuple[tuple[int, int], ...] = ()

    def context(self, named: Sequence[AttachedText] = ()) -> str:
        """Return what is sent beside the message. A file that is both attached and named is sent once."""
        return "\n\n".join(part for part in (self.piped, *_texts([*self.attached, *named])) if part)


class PendingMessages:
    """Messages in the order in which they were written, and what the next message takes along."""

    def __init__(self, piped: str = "", changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is called after each change."""
        self._changed = changed
        self._piped = piped
        self._attached: dict[str, AttachedText] = {}
        self._elsewhere: dict[str, dict[str, AttachedText]] = {}  # by the timeline that it waits in
        self._waiting: list[QueuedMessage] = []

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(queued.text for queued in self._waiting)

    @property
    def attached(self) -> tuple[AttachedText, ...]:
        return tuple(self._attached.values())

    def attach(self, enclosure: AttachedText) -> None:
        """Attach a file. If it was attached before, its present content replaces the earlier one."""
        self._attached[enclosure.path] = enclosure
        self._changed()

    def drop(self) -> None:
        """Nothing that was attached goes along."""
        self._attached.clear()
        self._changed()

    def change_timeline(self, left: str, opened: str) -> None:
        """What is attached stays with the timeline that is left; what was attached in the opened one is there again."""
        self._elsewhere[left] = self._attached
        self._attached = self._elsewhere.pop(opened, {})
        self._changed()

    def post(self, text: str, typed: str = "", pastes: tuple[tuple[int, int], ...] = ()) -> None:
        """To be sent after all that waits; it takes along what there is."""
        self._waiting.append(QueuedMessage(text, typed or text, *self.take(), pastes))
        self._changed()

    def take(self) -> tuple[str, tuple[AttachedText, ...]]:
        """What there is to go along, for a message that does not wait."""
        piped, attached = self._piped, self.attached
        self._piped = ""
        self._attached.clear()
        self._changed()
        return piped, attached

    def next(self) -> QueuedMessage | None:
        """The one to be sent now."""
        queued = self._waiting.pop(0) if self._waiting else None
        self._changed()
        return queued

    def back(self) -> str:
        """The last one as it was typed, to be written anew; what went with it waits for the next."""
        if not self._waiting:
            return ""
        queued = self._waiting.pop()
        self.keep(queued)
        return queued.typed

    def all_back(self, but: int = 0) -> str:
        """The same with all of them, as one text; but not with the last so many, which go on waiting."""
        end = len(self._waiting) - but
        later, self._waiting = self._waiting[end:], self._waiting[:end]
        texts: list[str] = []
        while self._waiting:
            texts.insert(0, self.back())
        self._waiting = later
        self._changed()
        return "\n\n".join(texts)

    def keep(self, queued: QueuedMessage) -> None:
        """It could not be sent: what went with it waits for the next."""
        self._piped = "\n".join(part for part in (queued.piped, self._piped) if part)
        self._attached = {e.path: e for e in (*queued.attached, *self._attached.values())}
        self._changed()

    def notes(self) -> tuple[str, ...]:
        """What will go along, for the line above the prompt."""
        lines = self._piped.count("\n") + 1
        piped = f"{plural(lines, 'line')} of context will go with your message" if self._piped else ""
        names = [f"{e.path} ({e.size})" for e in self._attached.values()]
        return piped, f"attached: {', '.join(names)}" if names else ""


def _texts(enclosed: Sequence[AttachedText]) -> list[str]:
    return list({e.path: e.text for e in enclosed}.values())
