"""The question whether a tool may run, above the prompt."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from ralph.core.clock import Clock
from ralph.core.codec import dumps, plain
from ralph.core.face import Consent
from ralph.tui.keys import named
from ralph.tui.text import clean, one_line
from ralph.tui.widgets.figures import plural

# Whoever is in the middle of a word when the question comes up has not read it yet.
SETTLE_S = 0.4
MAX_LINES = 12
EFFECTS = {
    "none": "It changes nothing.",
    "read": "It reads files.",
    "network": "It uses the network.",
    "write": "It changes files.",
    "run": "It runs a program.",
    "unknown": "What it may do is not known.",
}


class ConsentPanel(Widget, can_focus=True):
    """Has the focus while it asks. Esc and everything unclear is a no."""

    BINDINGS = [
        Binding("y", "answer(True)", "allow", id="consent.yes"),
        Binding("n", "answer(False)", "deny", id="consent.no"),
        Binding("escape", "answer(False)", "deny", id="consent.escape", show=False),
    ]

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._clock = clock
        self._consent: Consent | None = None
        self._answer: Callable[[bool], None] | None = None
        self._since = 0.0
        self.display = False

    def ask(self, consent: Consent, answer: Callable[[bool], None]) -> None:
        """Show the question; `answer` is called once."""
        self._consent, self._answer = consent, answer
        self._since = self._clock.monotonic()
        self.display = True
        self.refresh(layout=True)
        self.focus()

    def withdraw(self) -> None:
        """Nobody waits for the answer any more."""
        self._consent = self._answer = None
        self.display = False

    def action_answer(self, allowed: bool) -> None:
        if self._answer and self._clock.monotonic() - self._since >= SETTLE_S:
            answer = self._answer
            self.withdraw()
            answer(allowed)

    def render(self) -> Content:
        consent = self._consent
        if consent is None:
            return Content("")
        lines = [
            Content.assemble(
                ("May ", ""), (one_line(consent.name), "bold $step-tool"), (" run? ", ""),
                (EFFECTS.get(consent.effect, EFFECTS["unknown"]), "$text-warning"),
            )
        ]  # fmt: skip
        for name, value in list(consent.arguments.items())[:MAX_LINES]:
            shown = clean(value) if isinstance(value, str) else dumps(plain(value))
            rows = shown.split("\n")
            more = [f"… {plural(len(rows) - MAX_LINES, 'more line')}"] if len(rows) > MAX_LINES else []
            first, *rest = [*rows[:MAX_LINES], *more]
            lines.append(Content.assemble((f"  {one_line(name)}: ", "$muted"), (first, "")))
            lines += [Content(f"    {row}") for row in rest]
        yes, no, esc = (named(self.app, f"consent.{n}", k) for n, k in (("yes", "y"), ("no", "n"), ("escape", "Esc")))
        lines.append(Content.assemble((yes, "bold"), " allow · ", (no, "bold"), " or ", (esc, "bold"), " deny"))
        return Content("\n").join(lines)
