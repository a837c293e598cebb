"""What waits to be sent: messages, and what goes along with the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ralph.core.data import Data, frozen
from ralph.core.figures import plural

if TYPE_CHECKING:
    from ralph.tui.prompt.enclosing import Enclosure


@frozen
class Letter(Data):
    """A message that was sent; `typed` is it with the signs of what was pasted, which names no files."""

    text: str
    typed: str
    piped: str = ""
    attached: tuple[Enclosure, ...] = ()

    def context(self, named: Sequence[Enclosure] = ()) -> str:
        """All that goes along; a file that was both attached and named goes once."""
        return "\n\n".join(part for part in (self.piped, *_texts([*self.attached, *named])) if part)


class Outbox:
    """Letters in the order in which they were written, and what the next one will take with it."""

    def __init__(self, piped: str = "") -> None:
        self._piped = piped
        self._attached: dict[str, Enclosure] = {}
        self._waiting: list[Letter] = []

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(letter.text for letter in self._waiting)

    @property
    def attached(self) -> tuple[Enclosure, ...]:
        return tuple(self._attached.values())

    def attach(self, enclosure: Enclosure) -> None:
        """A file that is attached again goes as it is now."""
        self._attached[enclosure.path] = enclosure

    def drop(self) -> None:
        """Nothing that was attached goes along."""
        self._attached.clear()

    def post(self, text: str, typed: str = "") -> None:
        """To be sent after all that waits; it takes along what there is."""
        self._waiting.append(Letter(text, typed or text, *self.taken()))

    def taken(self) -> tuple[str, tuple[Enclosure, ...]]:
        """What there is to go along, for a message that does not wait."""
        piped, attached = self._piped, self.attached
        self._piped = ""
        self._attached.clear()
        return piped, attached

    def next(self) -> Letter | None:
        """The one to be sent now."""
        return self._waiting.pop(0) if self._waiting else None

    def back(self) -> str:
        """The last one as it was typed, to be written anew; what went with it waits for the next."""
        if not self._waiting:
            return ""
        letter = self._waiting.pop()
        self.keep(letter)
        return letter.typed

    def all_back(self, but: int = 0) -> str:
        """The same with all of them, as one text; but not with the last so many, which go on waiting."""
        end = len(self._waiting) - but
        later, self._waiting = self._waiting[end:], self._waiting[:end]
        texts: list[str] = []
        while self._waiting:
            texts.insert(0, self.back())
        self._waiting = later
        return "\n\n".join(texts)

    def keep(self, letter: Letter) -> None:
        """It could not be sent: what went with it waits for the next."""
        self._piped = "\n".join(part for part in (letter.piped, self._piped) if part)
        self._attached = {e.path: e for e in (*letter.attached, *self._attached.values())}

    def notes(self) -> tuple[str, ...]:
        """What will go along, for the line above the prompt."""
        lines = self._piped.count("\n") + 1
        piped = f"{plural(lines, 'line')} of context will go with your message" if self._piped else ""
        names = [f"{e.path} ({e.size})" for e in self._attached.values()]
        return piped, f"attached: {', '.join(names)}" if names else ""


def _texts(enclosed: Sequence[Enclosure]) -> list[str]:
    return list({e.path: e.text for e in enclosed}.values())
