"""What more than one part of the program knows of its state, and the one signal by which they hear of a change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from ralph.core.data import Data, frozen
from ralph.core.ports.conversation import Conversation
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.session_cost import SessionCost
from ralph.tui.controllers.spending import SpendingSnapshot

# What may be another now. `header`: the title, the models or the money of the timeline, and what goes on as well.
# `activity`: what runs, what waits, what is out of sight. `keys`: which keys there are.
Change = Literal["header", "activity", "keys"]


@frozen
class QueueSnapshot(Data):
    """`waiting` are messages, the next first; `notes` say what the next one takes along.

    `packing`: the files that a message names are being read.
    """

    waiting: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    packing: bool = False


class ShellState:
    """The open timeline, the message queue, the spending and the search, as they are now.

    Whoever changes something sets it here; whoever shows something watches.
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
        """Call this function at each change, with what changed."""
        self._watchers.append(watcher)

    def announce(self, change: Change) -> None:
        """Tell every watcher."""
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
        """A turn runs, in the open timeline or beside it."""
        return self._open_timeline.busy

    @property
    def stopping(self) -> bool:
        """What runs was cancelled and has not ended."""
        return self._open_timeline.stopping

    @property
    def queue(self) -> QueueSnapshot:
        return self._queue

    @property
    def spending(self) -> SpendingSnapshot:
        return self._spending

    @property
    def lines_below(self) -> int:
        """How many lines of the timeline are out of sight below."""
        return self._lines_below

    @property
    def searching(self) -> bool:
        """The search is open."""
        return self._searching

    def open(self, conversation: Conversation) -> OpenTimeline:
        """Put this conversation in the place of the open one. Whoever shows it announces that."""
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
