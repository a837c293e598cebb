"""A question above the prompt with two or three answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from ralph.core.clock import Clock
from ralph.tui.keys import name_key
from ralph.tui.text import one_line
from ralph.tui.widgets.consent import SETTLE_S
from ralph.tui.widgets.prompt import Prompt

OUT_OF_SIGHT = float("inf")
# Two answers have the keys of yes and no. Three answers have numbers.
TWO = (("question.yes", "y"), ("question.no", "n"))
THREE = (("question.first", "1"), ("question.second", "2"), ("question.third", "3"))

Taken = Callable[[str | None], None]


class QuestionBar(Widget, can_focus=True):
    """The bar that asks a question. It has the focus while it asks.

    A key that answers nothing goes to the prompt, and so does a key that comes before a person could read the question.
    So typed text is neither lost nor taken for an answer.
    """

    BINDINGS = [
        Binding("y", "pick(0, 2)", "yes", id="question.yes"),
        Binding("n", "pick(1, 2)", "no", id="question.no"),
        Binding("1", "pick(0, 3)", "the first answer", id="question.first"),
        Binding("2", "pick(1, 3)", "the second answer", id="question.second"),
        Binding("3", "pick(2, 3)", "the third answer", id="question.third"),
        Binding("escape", "leave", "no answer", id="question.leave"),
    ]

    def __init__(self, clock: Clock, prompt: Prompt, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._prompt = prompt
        self._title = ""
        self._answers: Sequence[tuple[str, str]] = ()
        self._taken: Taken | None = None
        self._since = OUT_OF_SIGHT
        self.display = False

    def on_mount(self) -> None:
        self.watch(self.screen, "stack_updates", self._look, init=False)

    def ask(self, title: str, answers: Sequence[tuple[str, str]], taken: Taken) -> None:
        """Show the question. `answers` are two or three pairs of (value, description).

        `taken` is called once, with a value, or with None for no answer.
        """
        self._title, self._answers, self._taken = one_line(title), answers, taken
        self._since = OUT_OF_SIGHT
        self.display = True
        self.refresh(layout=True)
        self.focus()
        self.call_after_refresh(self._look)
        if self.app.screen is not self.screen:
            words = "a question waits for your answer; close the screen over it"
            self.app.notify(words, severity="warning", markup=False, timeout=8)

    def withdraw(self) -> None:
        """Close the bar, because nobody waits for the answer any more."""
        self._taken, self._answers = None, ()
        self.display = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "pick" or parameters[1] == len(self._answers)

    def action_pick(self, number: int, _: int) -> None:
        self._take(self._answers[number][0])

    def action_leave(self) -> None:
        self._take(None)

    def _take(self, value: str | None) -> None:
        taken = self._taken
        self.withdraw()
        if taken:
            taken(value)

    @property
    def _settled(self) -> bool:
        return self._clock.monotonic() - self._since >= SETTLE_S

    def _look(self) -> None:
        """Start the wait again: the question came into sight, or another screen covers it."""
        self._since = self._clock.monotonic() if self.app.screen is self.screen else OUT_OF_SIGHT

    def on_focus(self) -> None:
        self.call_after_refresh(self._look)

    def on_key(self, event: events.Key) -> None:
        """Pass other keys and early keys to the prompt, before a binding is looked up."""
        if self._settled and (event.key in self.screen.active_bindings or not event.is_printable):
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

    def render(self) -> Content:
        if not self._answers:
            return Content("")
        labels = [label for _, label in self._answers]
        keys = [(name_key(self.app, *key), label) for key, label in zip(self._keys(), labels, strict=True)]
        keys.append((name_key(self.app, "question.leave", "Esc"), "cancel"))
        told = Content(" · ").join([Content.assemble((key, "bold"), f" {one_line(label)}") for key, label in keys])
        width = max(1, self.app.size.width - self.gutter.width)
        # The stylesheet allows half the screen, and the keys must be in sight.
        room = max(1, self.app.size.height // 2 - len(told.wrap(width)))
        return Content("\n").join([*Content.styled(self._title, "bold").wrap(width)[:room], told])

    def _keys(self) -> Sequence[tuple[str, str]]:
        return TWO if len(self._answers) == 2 else THREE
