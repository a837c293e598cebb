"""The face in the terminal: a prompt, a timeline, and what happens between them."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.driver import Driver
from textual.widgets import Static
from textual.worker import Worker

from ralph.commands._dispatch import run, verbatim
from ralph.config.paths import shipped
from ralph.core.clock import Clock, SystemClock
from ralph.core.face import Command, Consent
from ralph.core.workspace import Conversation, Workspace
from ralph.tui import keys, stock
from ralph.tui.feed import FIRST_TURNS, Feed
from ralph.tui.finding import FindingApp
from ralph.tui.keyed import WrittenKeys
from ralph.tui.outbox import Outbox
from ralph.tui.palette import SlashCommands
from ralph.tui.prompt.arriving import arriving_whole
from ralph.tui.screens.pick import PickScreen
from ralph.tui.sending import SendingApp
from ralph.tui.themes import HOUSE
from ralph.tui.twice import Twice
from ralph.tui.widgets.block_view import BlockView
from ralph.tui.widgets.consent import ConsentPanel
from ralph.tui.widgets.figures import plural
from ralph.tui.widgets.menu import Menu
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.status import HintLine, KeyLine, StatusBar
from ralph.tui.widgets.waiting import Waiting

if TYPE_CHECKING:
    from ralph.store.prompts import Prompts
    from ralph.tui.prompt.completion import Completion

log = logging.getLogger("ralph.tui")

TWICE_S = 2.0
# What is not needed for the first paint is done this long after it.
IDLE_S = 0.15
STOP_S = 4.0


class RalphApp(SendingApp, FindingApp):
    """The caller closes `app.conversation` after `run_async` returns: a command may have changed it."""

    CSS_PATH = "app.tcss"
    TITLE = "ralph"
    BINDINGS = keys.BINDINGS
    COMMANDS: ClassVar = App.COMMANDS | {SlashCommands}

    def __init__(
        self,
        workspace: Workspace,
        conversation: Conversation,
        commands: Sequence[Command],
        *,
        first_prompt: str = "",
        draft: str = "",
        context: str = "",
        theme: str = HOUSE,
        themes: Sequence[Path] = (),
        keymap: Mapping[str, str] | None = None,
        written_keys: WrittenKeys | None = None,
        clock: Clock | None = None,
        pick: bool = False,
        settled: Callable[[], None] = lambda: None,
        root: Path | None = None,
        prompts: Prompts | None = None,
    ) -> None:
        """`root`: below it files may be named. `prompts`: what was sent in all sessions."""
        super().__init__(shipped("themes"), themes, theme)
        self.workspace = workspace
        self.conversation = conversation
        self.commands = commands
        self.clock = clock or SystemClock()
        self._first_prompt = first_prompt
        self.outbox = Outbox(context)
        self.root = root or Path.cwd()
        self.prompts = prompts
        self._draft = draft
        self._pick = pick
        self._settled = settled
        self._interrupted_at = float("-inf")
        self._escapes = Twice()
        self._below = 0
        self._stock = stock.Stock()
        self._asking = asyncio.Lock()
        self._background: set[asyncio.Task[None]] = set()
        self.set_keymap(dict(keymap or {}))
        self.use_keys(written_keys or WrittenKeys())

    def get_driver_class(self) -> type[Driver]:
        return arriving_whole(super().get_driver_class())

    def compose(self) -> ComposeResult:
        # Kept by name: a query looks only into the uppermost screen, which may be a dialog.
        self.view = BlockView(id="timeline")
        self.prompt = Prompt(id="prompt")
        self._status = StatusBar(id="status")
        self._hint = HintLine(id="hint")
        self._panel = ConsentPanel(self.clock, id="consent")
        self._waiting = Waiting(id="waiting")
        self.menu = Menu(id="menu")
        self.prompt.begin_completion = self._begin_completion
        self.prompt.take_back = self._take_back
        yield self._status
        yield self.view
        yield self._hint
        yield self._panel
        yield self._waiting
        yield self.menu
        with Horizontal(id="ask"):
            yield Static("❯", id="mark")
            yield self.prompt
        yield KeyLine(id="keys")

    def _begin_completion(self) -> Completion:
        from ralph.tui.prompt.completion import Completion

        return Completion(self, self.menu, self.find_paths)

    def on_mount(self) -> None:
        self.feed = Feed(self.view, self.clock, self.show_state)
        self.show_keys()
        self.screen.set_focus(self.prompt)  # at once: `focus()` comes later, and keys typed until then would be lost
        self.feed.open(self.conversation)
        self._remember()
        if self._draft:
            self.prompt.write(self._draft)
        self.call_after_refresh(self.set_timer, IDLE_S, self._idle)
        if self._first_prompt:
            self.prompt.recall.add(self._first_prompt)
            self.keep_prompt(self._first_prompt, self.conversation.id)
            self.send(self._first_prompt)
        elif self._pick:
            self.action_command("/timelines")

    def on_unmount(self) -> None:
        self.feed.close()
        if self.prompt.completion:
            self.prompt.completion.close()

    # What a command may do: the Face.

    def say(self, text: str) -> None:
        self.feed.say(text)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """From any task: also a turn that asks what to do. One that nobody waits for any more goes away."""
        picked: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        screen = PickScreen(title, options)
        self.call_later(self.push_screen, screen, lambda value: None if picked.done() else picked.set_result(value))
        try:
            return await picked
        except asyncio.CancelledError:
            self.call_later(lambda: screen.dismiss(None) if screen is self.screen else None)
            raise

    async def switch(self, timeline: str | None) -> None:
        """The new one is opened before the old one is left, so that a failure leaves everything as it was."""
        if timeline is not None and timeline == self.conversation.id:
            return
        opened = await self.workspace.open(timeline, turns=FIRST_TURNS)
        old, self.conversation = self.conversation, opened
        self._stopping = False
        self.prompt.add_before(self.outbox.all_back())
        self.feed.open(opened)
        self._remember()
        self._work(self._read_earlier)
        await old.close()
        await self._count()

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        """A screen is a module of `screens` that has a `screen(app, **arguments)`; loaded when it is wanted.

        One that is open already is not opened over itself.
        """
        try:
            module = importlib.import_module(f"ralph.tui.screens.{screen}")
        except ModuleNotFoundError:
            return False
        if type(self.screen).__module__ != module.__name__:
            self.push_screen(module.screen(self, **arguments))
        return True

    def copy(self, text: str) -> bool:
        """OSC 52: the terminal may refuse without a word."""
        self.copy_to_clipboard(text)
        return True

    def quit(self) -> None:
        self._work(self._leave)

    def key_help(self) -> Sequence[tuple[str, str]]:
        return keys.help_rows(self)

    # Consent: the Asker.

    async def allow(self, consent: Consent) -> bool:
        """One question at a time; one that nobody waits for any more goes away."""
        async with self._asking:
            answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self.call_later(self._ask, consent, lambda yes: None if answered.done() else answered.set_result(yes))
            try:
                return await answered
            finally:
                self.call_later(self._asked)

    def _ask(self, consent: Consent, answer: Callable[[bool], None]) -> None:
        try:
            self._panel.ask(consent, answer)
        except Exception as error:  # noqa: BLE001 - border: what cannot be asked is denied, and the turn goes on
            self.report(error)
            answer(False)

    def _asked(self) -> None:
        self._panel.withdraw()
        self.prompt.focus()

    # Money, and leaving.

    async def _count(self, *, full: bool = False) -> None:
        """Read what the top line tells of money, and how full the window is where a turn has just ended."""
        conversation = self.conversation
        rows = await stock.money(self.workspace, conversation)
        self._stock = self._stock.counted(conversation.id, rows)
        self.show_state()
        if full:
            place, share = stock.place(conversation), await stock.filled(self.workspace, conversation)
            self._stock = replace(self._stock, place=place, filled=share)
            self.show_state()

    async def _leave(self) -> None:
        if self.conversation.busy:
            self._stopping = True
            self.show_hint()
            try:
                await asyncio.wait_for(self.conversation.stop(), STOP_S)
            except TimeoutError:
                log.warning("the running turn did not stop within %s s", STOP_S)
        self.exit(0)

    # Keys.

    def action_command(self, line: str) -> None:
        self._work(partial(self._command, line))

    async def _command(self, line: str) -> None:
        """A command may have changed a budget."""
        await run(line, self)
        await self._count()

    def action_stop(self) -> None:
        """With nothing to stop, twice in a row shows the tree of turns."""
        if self._escapes.second(self.clock.monotonic(), counts=not self.conversation.busy):
            self.action_command("/tree")
        else:
            self._work(self._stop)

    def action_interrupt(self) -> None:
        """Copy what is selected; else clear, stop, and quit at the second time within two seconds."""
        prompt, now = self.prompt, self.clock.monotonic()
        selected = self.screen.get_selected_text() or prompt.selected_text
        if selected:
            self.copy_to_clipboard(selected)
            self.screen.clear_selection()
            self.notify("copied")
            return
        if prompt.text:
            prompt.clear()
        elif self.busy and not self._stopping:
            self.action_stop()
        elif now - self._interrupted_at < TWICE_S:
            self.quit()
        else:
            self.notify(f"{keys.named(self, 'app.interrupt', 'Ctrl+C')} again quits", timeout=TWICE_S)
        self._interrupted_at = now

    async def action_quit(self) -> None:
        self.quit()

    def action_leave(self) -> None:
        self.quit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Under a dialog the keys of the timeline are not there, but for help."""
        if action == "command" and parameters == ("/help",):
            return True
        return not (action in keys.ACTIONS and len(self.screen_stack) > 1)

    # The lines around the timeline.

    def show_state(self) -> None:
        """Title, model and money at the top; what goes on above the prompt."""
        timeline = self.conversation.timeline()
        ref = self.conversation.roles.get("format", "")
        spent = self._stock.spent(self.conversation, timeline)
        parts = (self._stock.context(self.conversation), spent, self._stock.today)
        self._status.show(("ralph", timeline.title or "new timeline", ref), parts)
        self.show_hint()

    def show_hint(self) -> None:
        """What goes on, what waits, what is out of sight. Called at every scroll, so it folds nothing."""
        stops = keys.named(self, "turn.stop", "Esc")
        going = "stopping …" if self._stopping else f"running, {stops} stops" if self.busy else ""
        below = f"↓ {plural(self._below, 'line')} below, End" if self._below else ""
        self._hint.show((going, *self.outbox.notes()), below)
        self._waiting.show(self.outbox.waiting)

    def on_item_scroll_scrolled(self, event: BlockView.Scrolled) -> None:
        self._below = event.below
        self.show_hint()

    # Background.

    def _work(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """In the background; an exception there is reported, and never ends the program.

        A function, no coroutine: one that the end of the program overtakes is then never made.
        """
        _: Worker[None] = self.run_worker(work, exit_on_error=False)

    def tell(self, words: str) -> None:
        """A note in the timeline; one that lies under a dialog is told over it too."""
        if len(self.screen_stack) > 1:
            super().tell(words)
        self.feed.say(f"**internal:** {verbatim(words)}. The log has the rest.", "failed")

    def _remember(self) -> None:
        self.prompt.remember(t.started.prompt for t in self.conversation.timeline().turns)

    def _idle(self) -> None:
        """After the first paint: warm what the first request and the first answer need, read the other themes."""
        warming = self.workspace.warm()
        self._background.add(warming)
        warming.add_done_callback(self._background.discard)
        # In a thread, so that typing goes on: 30 to 80 ms of imports.
        asyncio.get_running_loop().run_in_executor(None, _import_drawing)
        self.load_themes()
        self._work(self.load_prompts)
        self.check_keys()
        self._work(self._count)
        self._work(self._look_around)
        self._work(self._read_earlier)
        self._settled()

    async def _read_earlier(self) -> None:
        if await self.feed.earlier():
            self._remember()

    async def _look_around(self) -> None:
        """Who answers may be another after it, where nobody was named."""
        from ralph.tui import reopened
        from ralph.tui.welcome import words

        self.feed.welcome(words(await self.workspace.look_around(), self.workspace.providers()))
        self.show_state()
        if not self.busy and (told := reopened.words(self.workspace, self.conversation)):
            self.say(told)


def _import_drawing() -> None:
    for name in ("ralph.tui.widgets.stream_doc", "pygments.lexers.python"):
        importlib.import_module(name)
