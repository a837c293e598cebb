"""The widgets of the program, from the top of the screen to its bottom."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from ralph.core.clock import Clock
from ralph.tui.timeline.block_view import BlockView
from ralph.tui.widgets.consent import ConsentPanel
from ralph.tui.widgets.menu import Menu
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.question import QuestionBar
from ralph.tui.widgets.status import HintLine, KeyLine, StatusBar
from ralph.tui.widgets.waiting import WaitingList
from ralph.tui.widgets.waiting_question import WaitingQuestion


class ShellWidgets:
    """The widgets by name: a query searches only the top screen, which may be a dialog."""

    def __init__(self, clock: Clock) -> None:
        self.status_bar = StatusBar(id="status")
        self.view = BlockView(id="timeline")
        self.hint_line = HintLine(id="hint")
        self.waiting_list = WaitingList(id="waiting")
        self.menu = Menu(id="menu")
        self.prompt = Prompt(id="prompt")
        self.panel = ConsentPanel(clock, self.prompt, id="consent")
        self.question_bar = QuestionBar(clock, self.prompt, id="question")
        self.key_line = KeyLine(id="keys")

    def compose(self) -> ComposeResult:
        """Yield the widgets in their order on the screen."""
        yield self.status_bar
        yield self.view
        yield self.hint_line
        yield self.panel
        yield self.question_bar
        yield self.waiting_list
        yield self.menu
        with Horizontal(id="ask"):
            yield Static("❯", id="mark")
            yield self.prompt
        yield self.key_line

    def to_prompt(self) -> None:
        """Focus the prompt from the next key on. `focus()` would take effect some keys later."""
        self.view.screen.set_focus(self.prompt)

    @property
    def question(self) -> WaitingQuestion | None:
        """The question that waits for an answer."""
        return next((one for one in (self.panel, self.question_bar) if one.display), None)

    def to_question(self) -> None:
        """Focus the question that waits, or else the prompt."""
        self.view.screen.set_focus(self.question or self.prompt)

    def hand_over(self, left: BlockView.Left) -> None:
        """Focus the prompt, and pass on what was typed, pasted or pressed on the blocks. A question that waits gets the
        focus if nothing was written.
        """
        self.to_prompt() if left.typed or left.pasted else self.to_question()
        if left.typed:
            self.prompt.insert(left.typed)
        if left.pasted:
            self.prompt.post_message(events.Paste(left.pasted))
        if left.key:
            self.prompt.post_message(left.key)
