"""The start of the screen: a message to send, a command to run, words to say, and a draft."""

from __future__ import annotations

from collections.abc import Callable

from ralph.core.data import Data, frozen


@frozen
class Beginning(Data):
    """The inputs of the start. An empty text does nothing."""

    prompt: str = ""
    """The first message to send."""
    command: str = ""
    """A slash command to run if there is no message."""
    words: str = ""
    """Words of ralph for the timeline."""
    draft: str = ""
    """Text that was typed before the screen appeared. The draft goes into the prompt."""

    def begin(
        self, write: Callable[[str], None], send: Callable[[str], None], run: Callable[[str], None],
        say: Callable[[str], object],
    ) -> None:  # fmt: skip
        """Write the draft, send the message or run the command, and say the words. Call this once."""
        if self.draft:
            write(self.draft)
        if self.prompt:
            send(self.prompt)
        elif self.command:
            run(self.command)
        if self.words:
            say(self.words)


NOTHING = Beginning()
