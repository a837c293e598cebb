"""The question above the prompt whether a tool may run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.binding import Binding
from textual.content import Content

from ralph.core.clock import Clock
from ralph.core.formatting import plural
from ralph.core.log.codec import dumps, plain
from ralph.core.ports.face import Consent, ConsentAnswer
from ralph.tui.keys import name_key
from ralph.tui.text import escape_unseen
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.waiting_question import WaitingQuestion

MAX_LINES = 12
EFFECTS = {
    "none": "It changes nothing.",
    "read": "It only reads files.",
    "network": "It uses the network.",
    "write": "It changes files.",
    "run": "It runs a program.",
    "unknown": "Its effects are unknown.",
}


class ConsentPanel(WaitingQuestion):
    """The panel that asks for consent. Esc and every unclear answer deny."""

    BINDINGS = [
        Binding("y", "answer(True)", "allow", id="consent.yes"),
        Binding("n", "answer(False)", "deny", id="consent.no"),
        Binding("escape", "answer(False)", "deny", id="consent.escape", show=False),
    ]

    def __init__(self, clock: Clock, prompt: Prompt, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(clock, prompt, id=id)
        self._consent: Consent | None = None
        self._answer: Callable[[ConsentAnswer], None] | None = None
        self._arguments: Sequence[tuple[str, str]] = ()

    def ask(self, consent: Consent, answer: Callable[[ConsentAnswer], None]) -> None:
        """Show the question. `answer` is called once."""
        self._consent, self._answer = consent, answer
        preview = [("preview", _escape(consent.preview))] if consent.preview else []
        self._arguments = [*preview, *((_line(name), _escape(value)) for name, value in consent.arguments.items())]
        self.appear(f"{_line(consent.name)} waits for your yes or no; close the screen over the question")

    def withdraw(self) -> None:
        self._consent = self._answer = None
        self._arguments = ()
        super().withdraw()

    def action_answer(self, allowed: bool) -> None:
        if self._answer and self.settled:
            answer = self._answer
            self.withdraw()
            answer(ConsentAnswer(allowed))

    def render(self) -> Content:
        consent = self._consent
        if consent is None:
            return Content("")
        question = Content.assemble(
            ("Allow ", ""), (_line(consent.name), "bold $step-tool"), ("? ", ""),
            (EFFECTS.get(consent.effect, EFFECTS["unknown"]), "$text-warning"),
        )  # fmt: skip
        yes, no, esc = (
            name_key(self.app, f"consent.{n}", k) for n, k in (("yes", "y"), ("no", "n"), ("escape", "Esc"))
        )
        keys = self.key_line(Content.assemble((yes, "bold"), " allow · ", (no, "bold"), " or ", (esc, "bold"), " deny"))
        width = max(1, self.app.size.width - self.gutter.width)
        asked = question.wrap(width)
        # The stylesheet allows half the screen, and the keys must be in sight.
        room = max(1, self.app.size.height // 2 - len(asked) - len(keys.wrap(width)))
        return Content("\n").join([*asked, *_fit(self._arguments, width, room), keys])


def _line(text: str) -> str:
    return " ".join(escape_unseen(text).split())


def _escape(value: object) -> str:
    return escape_unseen(value if isinstance(value, str) else dumps(plain(value)))


def _fit(arguments: Sequence[tuple[str, str]], width: int, room: int) -> list[Content]:
    """Return the arguments in `room` rows. Long ones lose their middles, and a row says how many rows are missing."""
    rows: list[Content] = []
    for lines in range(MAX_LINES, 0, -1):
        rows = [row for name, text in arguments for row in _rows(name, text, width, lines)]
        if len(rows) <= room:
            return rows
    more = plural(len(rows) - room + 1, "more row")
    told = Content.styled(f"  … {more} do not fit in this terminal", "$muted")
    return [*rows[: room - 1], *told.wrap(width)[:1]]


def _rows(name: str, text: str, width: int, lines: int) -> list[Content]:
    """Return one argument in about `lines` rows, always with its end, because a long beginning may hide something."""
    found = text.split("\n")
    if len(found) > lines:
        found = [*found[: lines - 1], f"… {plural(len(found) - lines, 'more line')} …", found[-1]]
    first, *rest = [_middle(line, width * lines) for line in found]
    made = [Content.assemble((f"  {name}: ", "$muted"), (first, "")), *(Content(f"    {line}") for line in rest)]
    return [row for line in made for row in line.wrap(width)]


def _middle(line: str, most: int) -> str:
    """Return a line without its middle if it is too long."""
    if len(line) <= most:
        return line
    told = f" … {plural(len(line) - most, 'more character')} … "
    end = max(1, most // 3)
    return line[: most - end] + told + line[-end:]
