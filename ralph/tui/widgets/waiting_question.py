"""The common part of the questions above the prompt: the focus, early keys, and the key that leads back to them."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widget import Widget

from ralph.core.clock import Clock
from ralph.tui.keys import name_key
from ralph.tui.widgets.prompt import Prompt

# Seconds without a key before an answer counts: a person in the middle of a word has not read the question.
SETTLE_S = 0.4
OUT_OF_SIGHT = float("inf")


class WaitingQuestion(Widget, can_focus=True):
    """A question that takes the focus from the prompt, but not from a person who is on the blocks or in the search.

    A key that answers nothing goes to the prompt, and so does a key that comes before a person could read the question.
    So typed text is neither lost nor taken for an answer.
    """

    def __init__(self, clock: Clock, prompt: Prompt, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._prompt = prompt
        self._since = OUT_OF_SIGHT
        self.display = False

    def on_mount(self) -> None:
        self.watch(self.screen, "stack_updates", self._look, init=False)

    def appear(self, covered: str) -> None:
        """Show the question. If another screen covers it, a notice with the words `covered` says so."""
        self._since = OUT_OF_SIGHT
        self.display = True
        self.refresh(layout=True)
        if self.screen.focused in (None, self._prompt) or isinstance(self.screen.focused, WaitingQuestion):
            self.focus()
        self.call_after_refresh(self._look)
        if self.app.screen is not self.screen:
            self.app.notify(covered, severity="warning", markup=False, timeout=8)

    def withdraw(self) -> None:
        """Close the question, because nobody waits for the answer any more."""
        self.display = False

    @property
    def settled(self) -> bool:
        """Whether the person had the time to read the question since the last key."""
        return self._clock.monotonic() - self._since >= SETTLE_S

    def _look(self) -> None:
        """Start the wait again: the question came into sight, or another screen covers it."""
        self._since = self._clock.monotonic() if self.app.screen is self.screen else OUT_OF_SIGHT

    def on_focus(self) -> None:
        self.refresh(layout=True)
        self.call_after_refresh(self._look)

    def on_blur(self) -> None:
        self.refresh(layout=True)

    def on_key(self, event: events.Key) -> None:
        """Pass other keys and early keys to the prompt, before a binding is looked up."""
        if not event.is_printable and event.key not in ("escape", "enter", "backspace"):
            return  # a key that scrolls, or opens a screen
        if self.settled and (event.key in self.screen.active_bindings or not event.is_printable):
            return
        if self._since != OUT_OF_SIGHT:
            self._look()  # the next letters of the same word are no answer either
        if event.is_printable and event.character:
            self._prompt.insert(event.character)
        elif event.key == "backspace":
            self._prompt.action_delete_left()
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._prompt.post_message(events.Paste(event.text))

    def on_resize(self, _: events.Resize) -> None:
        self.refresh(layout=True)

    def key_line(self, answers: Content) -> Content:
        """Return the line of the answers; without the focus, the key that leads to the question stands before them."""
        if self.has_focus:
            return answers
        key = name_key(self.app, "question.focus", "Shift+Tab")
        return Content.assemble((key, "bold $text-warning"), (" to answer: ", "$text-warning"), answers)
