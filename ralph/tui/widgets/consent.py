"""The question above the prompt whether a tool may run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual.binding import Binding
from textual.content import Content

from ralph.core.clock import Clock
from ralph.core.errors import Failure, Kind
from ralph.core.llm.consent import Scope
from ralph.core.ports.face import Consent, ConsentAnswer
from ralph.tui.keys import name_key
from ralph.tui.text import one_line
from ralph.tui.widgets.consent_rows import Field, all_rows, fit_rows, is_cut, line, list_fields, window
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.waiting_question import WaitingQuestion

EFFECTS = {
    "none": "It changes nothing.",
    "read": "It only reads files.",
    "network": "It uses the network.",
    "write": "It changes files.",
    "run": "It runs a program.",
    "unknown": "Its effects are unknown.",
}
WHY = (
    "The rules of tools.allow, ask and deny decide first, then your earlier answers, then what the tool does. Once "
    "allows this call. Turn, timeline and always allow later calls of the rule below too; /tools lists and revokes "
    "them. Nothing of that covers a call while outside content is in the context, or a program without a sandbox."
)
NO_RULE = "No rule can cover this call, so a yes is for this call alone."

Edit = Callable[[str], Awaitable[str]]


async def _no_editor(_: str) -> str:
    raise Failure(Kind.USAGE, "an editor cannot run in this terminal")


class ConsentPanel(WaitingQuestion):
    """The panel that asks for consent. Esc and every unclear answer deny."""

    BINDINGS = [
        Binding("y", "allow('once')", "allow this call", id="consent.yes"),
        Binding("t", "allow('turn')", "allow its rule in this turn", id="consent.turn"),
        Binding("T", "allow('timeline')", "allow its rule in this timeline", id="consent.timeline"),
        Binding("a", "allow('always')", "allow its rule always", id="consent.always"),
        Binding("n", "deny", "deny", id="consent.no"),
        Binding("escape", "deny", "deny", id="consent.escape", show=False),
        Binding("e", "edit", "edit the arguments", id="consent.edit"),
        Binding("question_mark", "why", "why it asks", id="consent.why"),
        Binding("down", "scroll(1)", "further down", id="consent.down", show=False),
        Binding("up", "scroll(-1)", "further up", id="consent.up", show=False),
        Binding("pagedown,space", "scroll(0)", "a page further", id="consent.page", show=False),
        Binding("pageup", "scroll(-9)", "a page back", id="consent.back", show=False),
    ]

    def __init__(self, clock: Clock, prompt: Prompt, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(clock, prompt, id=id)
        self.edit: Edit = _no_editor
        """Lets the person edit a text; set when the program is wired."""
        self._consent: Consent | None = None
        self._answer: Callable[[ConsentAnswer], None] | None = None
        self._fields: Sequence[Field] = ()
        self._top: int | None = None
        self._explained = False

    def ask(self, consent: Consent, answer: Callable[[ConsentAnswer], None]) -> None:
        """Show the question. `answer` is called once."""
        self._consent, self._answer = consent, answer
        self._fields = list_fields(consent)
        self._top, self._explained = None, False
        self.appear(f"{line(consent.name)} waits for your yes or no; close the screen over the question")

    def withdraw(self) -> None:
        self._consent = self._answer = None
        self._fields = ()
        super().withdraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the wider answers only where there is a rule that they would store."""
        return action != "allow" or parameters[0] == "once" or bool(self._consent and self._consent.always)

    def action_allow(self, scope: Scope) -> None:
        self._give(ConsentAnswer(allowed=True, scope=scope))

    def action_deny(self) -> None:
        self._give(ConsentAnswer(allowed=False))

    def action_why(self) -> None:
        self._explained = not self._explained
        self.refresh(layout=True)

    def action_scroll(self, rows: int) -> None:
        """Move by rows in the whole question; 0 is a page."""
        room = self._room(self._width)
        count = len(all_rows(self._fields, self._width))
        step = {0: max(1, room - 2), -9: -max(1, room - 2)}.get(rows, rows)
        top = (self._top or 0) + step
        self._top = max(0, min(top, count - room)) if count > room else None
        self.refresh(layout=True)

    async def action_edit(self) -> None:
        """Let the person edit the arguments, and answer with them: the call is decided about again."""
        consent, answer = self._consent, self._answer
        if consent is None or not self.settled:
            return
        from ralph.tui.edited_arguments import read_arguments, write_arguments  # only an edit needs it

        try:
            edited = read_arguments(await self.edit(write_arguments(line(consent.name), consent.arguments)))
        except Failure as failure:
            self._notify(failure.message)
            return
        if self._answer is not answer:
            self._notify("the turn no longer waits for this answer")
        elif edited == consent.arguments:
            self._look()
            self._notify("nothing was changed; the question stays")
        else:
            self._give(ConsentAnswer(allowed=True, arguments=edited), at_once=True)

    def _notify(self, text: str) -> None:
        self.app.notify(one_line(text), severity="warning", markup=False, timeout=8)

    def _give(self, answer: ConsentAnswer, *, at_once: bool = False) -> None:
        if self._answer and (at_once or self.settled):
            given = self._answer
            self.withdraw()
            given(answer)

    def render(self) -> Content:
        if self._consent is None:
            return Content("")
        width = self._width
        room = self._room(width)
        if self._top is None or not is_cut(self._fields, width, room):
            body = fit_rows(self._fields, width, room)
        else:
            body = window(all_rows(self._fields, width), self._top, room)
        return Content("\n").join([*self._question().wrap(width), *body, *self._foot(width)])

    @property
    def _width(self) -> int:
        return max(1, self.app.size.width - self.gutter.width)

    def _room(self, width: int) -> int:
        """Return the rows between the question and the keys: the stylesheet allows half the screen."""
        return max(1, self.app.size.height // 2 - len(self._question().wrap(width)) - len(self._foot(width)))

    def _question(self) -> Content:
        consent = self._consent or Consent("", "")
        return Content.assemble(
            ("Allow ", ""), (line(consent.name), "bold $step-tool"), ("? ", ""),
            (EFFECTS.get(consent.effect, EFFECTS["unknown"]), "$text-warning"),
        )  # fmt: skip

    def _foot(self, width: int) -> list[Content]:
        """Return the explanation, the rule of the wider answers, and the keys."""
        always = self._consent.always if self._consent else ""
        rows = Content.styled(WHY if always else f"{WHY} {NO_RULE}", "$muted").wrap(width) if self._explained else []
        if always:
            rows += Content.assemble(("  always stores: ", "$muted"), (line(always), "bold")).wrap(width)
        wider = (("turn", "t", "turn"), ("timeline", "T", "timeline"), ("always", "a", "always")) if always else ()
        parts = [self._key(*one) for one in (("yes", "y", "once"), *wider)]
        parts.append(
            Content.assemble(
                (name_key(self.app, "consent.no", "n"), "bold"), " or ", self._key("escape", "Esc", "deny")
            )
        )
        parts += [self._key("edit", "e", "edit"), self._key("why", "?", "why")]
        if is_cut(self._fields, width, self.app.size.height // 2 - len(rows) - 2):
            parts.append(self._key("down", "↓", "all of it"))
        return [*rows, *self.key_line(Content(" · ").join(parts)).wrap(width)]

    def _key(self, name: str, usual: str, what: str) -> Content:
        return Content.assemble((name_key(self.app, f"consent.{name}", usual), "bold"), f" {what}")
