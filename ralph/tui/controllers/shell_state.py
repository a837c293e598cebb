"""The state that several parts of the program share, and the one signal for its changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from ralph.core.data import Data, frozen
from ralph.core.ports.conversation import Conversation
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.session_cost import SessionCost
from ralph.tui.controllers.spending import SpendingSnapshot

# The parts of the screen that may have changed. `header`: the title, the models or the costs, and the activity too.
# `activity`: the running turn, the waiting messages, the lines out of sight. `keys`: the available keys.
Change = Literal["header", "activity", "keys"]


@frozen
class QueueSnapshot(Data):
    """The message queue at one moment.

    `waiting` has the messages, the next one first. `notes` name the attachments of the next message. `packing` is true
    while the files that a message names are being read.
    """

    waiting: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    packing: bool = False


class ShellState:
    """The present state: the open timeline, the message queue, the spending and the search.

    A controller that changes the state sets it here. A controller that shows the state watches it.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._watchers: list[Callable[[Change], None]] = []
        self.cost = SessionCost()
        self._open_timeline = self._make_open_timeline(conversation)
        self._queue = QueueSnapshot()
        self._spending = SpendingSnapshot()
        self._lines_below = 0
        self._searching = False

    def watch(self, watcher: Callable[[Change], None]) -> None:
        """Call `watcher` with the kind of change after each change."""
        self._watchers.append(watcher)

    def announce(self, change: Change) -> None:
        """Call every watcher."""
        for watcher in self._watchers:
            watcher(change)

    @property
    def open_timeline(self) -> OpenTimeline:
        return self._open_timeline

    @property
    def conversation(self) -> Conversation:
        """The conversation of the open timeline."""
        return self._open_timeline.conversation

    @property
    def busy(self) -> bool:
        """Whether a turn runs, in the open timeline or beside it."""
        return self._open_timeline.busy

    @property
    def stopping(self) -> bool:
        """Whether the running turns were cancelled and have not ended."""
        return self._open_timeline.stopping

    @property
    def queue(self) -> QueueSnapshot:
        return self._queue

    @property
    def spending(self) -> SpendingSnapshot:
        return self._spending

    @property
    def lines_below(self) -> int:
        """The number of lines of the timeline below the view."""
        return self._lines_below

    @property
    def searching(self) -> bool:
        """Whether the search bar is open."""
        return self._searching

    def open(self, conversation: Conversation) -> OpenTimeline:
        """Replace the open timeline by this conversation. The caller announces the change once the screen shows it."""
        self._open_timeline = self._make_open_timeline(conversation)
        return self._open_timeline

    def set_queue(self, queue: QueueSnapshot) -> None:
        self._queue = queue
        self.announce("activity")

    def set_spending(self, spending: SpendingSnapshot) -> None:
        self._spending = spending
        self.announce("header")

    def set_lines_below(self, lines: int) -> None:
        self._lines_below = lines
        self.announce("activity")

    def set_searching(self, searching: bool) -> None:
        self._searching = searching
        self.announce("keys")

    def _make_open_timeline(self, conversation: Conversation) -> OpenTimeline:
        return OpenTimeline(conversation, partial(self.announce, "activity"), self.cost)
