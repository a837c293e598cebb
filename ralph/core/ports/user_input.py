"""What a person sends with one message."""

from __future__ import annotations

from ralph.core.data import Data, frozen
from ralph.core.log.events import Attachment, TurnStarted


@frozen
class UserInput(Data):
    """One message of a person, as it was written."""

    text: str
    """What the person typed."""
    context: str = ""
    """Text that a pipe or a file brought along."""
    attachments: tuple[Attachment, ...] = ()
    """Files whose bytes lie in the blobs."""
    pastes: tuple[tuple[int, int], ...] = ()
    """Where pasted text stands in `text`: first character, and the character behind the last."""

    @property
    def written(self) -> str:
        """`text` without what was pasted; all of it where nothing else was written."""
        parts, at = [], 0
        for start, end in self.pastes:
            parts.append(self.text[at:start])
            at = end
        return "".join([*parts, self.text[at:]]).strip() or self.text

    @classmethod
    def of(cls, started: TurnStarted) -> UserInput:
        """What was sent with a recorded turn."""
        return cls(started.prompt, started.context, started.attachments, started.pastes)

    def __bool__(self) -> bool:
        return bool(self.text or self.context or self.attachments)
