"""What the screen begins with: a message that is sent, a command that is run, words that are said, a draft."""

from __future__ import annotations

from collections.abc import Callable

from ralph.core.data import Data, frozen


@frozen
class Beginning(Data):
    """What was given at the start. Empty texts do nothing."""

    prompt: str = ""
    """Sent as the first message."""
    command: str = ""
    """A slash command that is run where no message is sent."""
    words: str = ""
    """Said in the timeline."""
    draft: str = ""
    """Typed before the screen was there; it stands in the prompt."""

    def begin(
        self, write: Callable[[str], None], send: Callable[[str], None], run: Callable[[str], None],
        say: Callable[[str], object],
    ) -> None:  # fmt: skip
        """Do all of it once."""
        if self.draft:
            write(self.draft)
        if self.prompt:
            send(self.prompt)
        elif self.command:
            run(self.command)
        if self.words:
            say(self.words)


NOTHING = Beginning()
