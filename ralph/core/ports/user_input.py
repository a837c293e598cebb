"""The input of a person in one message."""

from __future__ import annotations

from ralph.core.data import Data, frozen
from ralph.core.log.events import Attachment, TurnStarted


@frozen
class UserInput(Data):
    """One message of a person, as written."""

    text: str
    """The typed text."""
    context: str = ""
    """Text from a pipe or a file."""
    attachments: tuple[Attachment, ...] = ()
    """Files whose bytes are blobs."""
    pastes: tuple[tuple[int, int], ...] = ()
    """The spans of pasted text in `text`: first character, and the character after the last."""

    @property
    def written(self) -> str:
        """Return `text` without its pasted parts; all of it if nothing else was written."""
        parts, at = [], 0
        for start, end in self.pastes:
            parts.append(self.text[at:start])
            at = end
        return "".join([*parts, self.text[at:]]).strip() or self.text

    @classmethod
    def of(cls, started: TurnStarted) -> UserInput:
        """Return the input of a recorded turn."""
        return cls(started.prompt, started.context, started.attachments, started.pastes)

    def __bool__(self) -> bool:
        return bool(self.text or self.context or self.attachments)
