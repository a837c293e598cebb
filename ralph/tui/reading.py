"""The keys for reading: scroll, fold, show thinking, copy."""

from __future__ import annotations

from ralph.core.workspace import Conversation
from ralph.tui.feed import Feed
from ralph.tui.recent import RecentApp
from ralph.tui.widgets.steps import Look
from ralph.tui.widgets.timeline import TimelineView


class ReadingApp(RecentApp):
    """An app with a timeline in it, and a feed that fills it."""

    conversation: Conversation
    feed: Feed
    view: TimelineView

    def action_details(self) -> None:
        look = self.feed.look
        self.feed.see(Look(not look.details, look.thinking))

    def action_thinking(self) -> None:
        look = self.feed.look
        self.feed.see(Look(look.details, not look.thinking))

    def action_copy_answer(self) -> None:
        """OSC 52: the terminal may refuse without a word, so the size is told."""
        text = next((t.text for t in reversed(self.conversation.timeline().turns) if t.text), "")
        if text:
            self.copy_to_clipboard(text)
            self.notify(f"copied the last answer, {len(text):,} characters")
        else:
            self.notify("there is no answer yet")

    def action_page(self, direction: int) -> None:
        view = self.view
        view.scroll_to(y=view.scroll_y + direction * (view.size.height - 2), animate=False)

    def action_top(self) -> None:
        self.view.scroll_to(y=0, animate=False)

    def action_end(self) -> None:
        self.view.end()
