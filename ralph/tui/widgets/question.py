"""A question above the prompt with two or three answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.binding import Binding
from textual.content import Content

from ralph.core.clock import Clock
from ralph.tui.keys import name_key
from ralph.tui.text import one_line
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.waiting_question import WaitingQuestion

# Two answers have the keys of yes and no. Three answers have numbers.
TWO = (("question.yes", "y"), ("question.no", "n"))
THREE = (("question.first", "1"), ("question.second", "2"), ("question.third", "3"))

Taken = Callable[[str | None], None]


class QuestionBar(WaitingQuestion):
    """The bar that asks a question."""

    BINDINGS = [
        Binding("y", "pick(0, 2)", "yes", id="question.yes"),
        Binding("n", "pick(1, 2)", "no", id="question.no"),
        Binding("1", "pick(0, 3)", "the first answer", id="question.first"),
        Binding("2", "pick(1, 3)", "the second answer", id="question.second"),
        Binding("3", "pick(2, 3)", "the third answer", id="question.third"),
        Binding("escape", "leave", "no answer", id="question.leave"),
    ]

    def __init__(self, clock: Clock, prompt: Prompt, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(clock, prompt, id=id)
        self._title = ""
        self._answers: Sequence[tuple[str, str]] = ()
        self._taken: Taken | None = None

    def ask(self, title: str, answers: Sequence[tuple[str, str]], taken: Taken) -> None:
        """Show the question. `answers` are two or three pairs of (value, description).

        `taken` is called once, with a value, or with None for no answer.
        """
        self._title, self._answers, self._taken = one_line(title), answers, taken
        self.appear("a question waits for your answer; close the screen over it")

    def withdraw(self) -> None:
        self._taken, self._answers = None, ()
        super().withdraw()

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

    def render(self) -> Content:
        if not self._answers:
            return Content("")
        labels = [label for _, label in self._answers]
        keys = [(name_key(self.app, *key), label) for key, label in zip(self._keys(), labels, strict=True)]
        keys.append((name_key(self.app, "question.leave", "Esc"), "cancel"))
        answers = Content(" · ").join([Content.assemble((key, "bold"), f" {one_line(label)}") for key, label in keys])
        told = self.key_line(answers)
        width = max(1, self.app.size.width - self.gutter.width)
        # The stylesheet allows half the screen, and the keys must be in sight.
        room = max(1, self.app.size.height // 2 - len(told.wrap(width)))
        return Content("\n").join([*Content.styled(self._title, "bold").wrap(width)[:room], told])

    def _keys(self) -> Sequence[tuple[str, str]]:
        return TWO if len(self._answers) == 2 else THREE
