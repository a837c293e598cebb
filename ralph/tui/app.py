"""The face in the terminal: a prompt, a timeline, and what happens between them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static
from textual.worker import Worker

from ralph.commands._dispatch import is_command, run, verbatim
from ralph.config.paths import shipped
from ralph.core.clock import Clock, SystemClock
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Command, Consent
from ralph.core.ports.workspace import Workspace
from ralph.tui import keys
from ralph.tui.controllers.block_actions import BlockActions
from ralph.tui.controllers.composer import Composer
from ralph.tui.controllers.dialogs import Dialogs
from ralph.tui.controllers.face import TerminalFace
from ralph.tui.controllers.key_gate import KeyGate
from ralph.tui.controllers.key_mapping import KeyMapping, WrittenKeys
from ralph.tui.controllers.message_queue import MessageQueue, PendingMessages
from ralph.tui.controllers.model_cycle import ModelCycle
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.search import TextSearch
from ralph.tui.controllers.startup import StartupTasks
from ralph.tui.controllers.status_lines import StatusLines
from ralph.tui.double_press import DoublePress
from ralph.tui.feed.feed import FIRST_TURNS, Feed
from ralph.tui.themed import ThemedApp
from ralph.tui.themes import HOUSE
from ralph.tui.timeline.block_view import BlockView
from ralph.tui.widgets.consent import ConsentPanel
from ralph.tui.widgets.find_bar import FindBar
from ralph.tui.widgets.menu import Menu
from ralph.tui.widgets.palette import SlashCommands
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.status import HintLine, KeyLine, StatusBar
from ralph.tui.widgets.waiting import WaitingList

if TYPE_CHECKING:
    from ralph.core.ports.store import PromptStore

log = logging.getLogger("ralph.tui")

TWICE_S = 2.0
# What is not needed for the first paint is done this long after it.
IDLE_S = 0.15
STOP_S = 4.0


class RalphApp(ThemedApp):
    """Widgets, keys and messages; what is done with them is done by its parts.

    The caller closes `app.open_timeline` after `run_async` returns: a command may have changed it.
    """

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
        prompts: PromptStore | None = None,
    ) -> None:
        """`root`: below it files may be named. `prompts`: what was sent in all sessions."""
        super().__init__(shipped("themes"), themes, theme)
        self.workspace = workspace
        self.open_timeline = OpenTimeline(conversation)
        self.commands = commands
        self.clock = clock or SystemClock()
        self._first_prompt = first_prompt
        self._draft = draft
        self._pick = pick
        self._settled = settled
        self._interrupted_at = float("-inf")
        self._escapes = DoublePress()
        self._switching = asyncio.Lock()
        self.set_keymap(dict(keymap or {}))
        self.key_mapping = KeyMapping(self, written_keys)
        self.message_queue = MessageQueue(self, PendingMessages(context))
        self.writer = Composer(self, root or Path.cwd(), prompts)
        self.block_actions = BlockActions(self)
        self.timeline_search = TextSearch(self)
        self.dialogs = Dialogs(self)
        self.status_lines = StatusLines(self)
        self.startup = StartupTasks(self)
        self._opening = KeyGate(self)
        self._ring = ModelCycle(self)

    def compose(self) -> ComposeResult:
        # Kept by name: a query looks only into the uppermost screen, which may be a dialog.
        self.view = BlockView(id="timeline")
        self.prompt = Prompt(id="prompt")
        self.status_bar = StatusBar(id="status")
        self.hint_line = HintLine(id="hint")
        self.panel = ConsentPanel(self.clock, id="consent")
        self.waiting_list = WaitingList(id="waiting")
        self.menu = Menu(id="menu")
        self.key_line = KeyLine(id="keys")
        self.prompt.begin_completion = self.writer.begin_completion
        self.prompt.take_back = self.message_queue.take_back
        yield self.status_bar
        yield self.view
        yield self.hint_line
        yield self.panel
        yield self.waiting_list
        yield self.menu
        with Horizontal(id="ask"):
            yield Static("❯", id="mark")
            yield self.prompt
        yield self.key_line

    def on_mount(self) -> None:
        self.feed = Feed(self.view, self.clock, self.status_lines.state)
        self.status_lines.keys()
        self.to_prompt()  # before any key is handed out: what was typed earlier is for it
        self.feed.open(self.conversation)
        self.remember()
        if self._draft:
            self.prompt.write(self._draft)
        self.call_after_refresh(self.set_timer, IDLE_S, self._idle)
        if self._first_prompt:
            self.prompt.recall.add(self._first_prompt)
            self.writer.keep_prompt(self._first_prompt, self.conversation.id)
            self.message_queue.send(self._first_prompt)
        elif self._pick:
            self.action_command("/timelines")

    def on_unmount(self) -> None:
        self.feed.close()
        self.prompt.end_completion()

    @property
    def conversation(self) -> Conversation:
        return self.open_timeline.conversation

    @property
    def busy(self) -> bool:
        """A turn runs, here or beside."""
        return self.open_timeline.busy

    # The timeline.

    async def open(self, timeline: str | None) -> OpenTimeline:
        """Leave this timeline for another (None: a new one); the one that is open then.

        It is opened before the old one is left, so that a failure leaves everything as it was.
        """
        async with self._switching:
            old = self.open_timeline
            if timeline is not None and await self._is_here(timeline):
                return old
            opened = await self.workspace.timelines.open(timeline, turns=FIRST_TURNS)
            self.message_queue.leave()
            self.open_timeline = made = OpenTimeline(opened)
            await self.timeline_search.forget()
            self.prompt.end_completion()
            self.feed.open(opened)
            self.remember()
            self.work(self.startup.read_earlier)
            if old.busy:
                self.notify(f"the running answer was stopped; what had come is kept in {old.conversation.id}")
            await old.close()
            await self.status_lines.count()
            return made

    async def _is_here(self, timeline: str) -> bool:
        """By its id, a prefix or `last`; one in which nothing was asked yet is known by its id only."""
        here = self.conversation.id
        return timeline == here or await self.workspace.timelines.resolve(timeline) == here

    def say(self, text: str, *, reveal: bool = True) -> None:
        """Markdown that is no part of the timeline: words of ralph itself."""
        self.feed.say(text, reveal=reveal)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """For a turn that asks what to do."""
        return await self.dialogs.choose(title, options, unasked=True)

    async def allow(self, consent: Consent) -> bool:
        return await self.dialogs.allow(consent)

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        """Open the screen of this name."""
        return await TerminalFace(self, self.open_timeline).show(screen, **arguments)

    def quit(self, code: int = 0) -> None:
        self.work(partial(self._leave, code))

    async def _leave(self, code: int) -> None:
        if self.busy:
            stopping = self.open_timeline.stop()
            self.status_lines.hint()
            try:
                await asyncio.wait_for(stopping, STOP_S)
            except TimeoutError:
                log.warning("the running turn did not stop within %s s", STOP_S)
        self.exit(code)

    # The prompt, and what comes from it.

    def to_prompt(self) -> None:
        """The keys are the prompt's, from the next one on: `focus()` would come some keys later."""
        self.view.screen.set_focus(self.prompt)

    def on_prompt_sent(self, event: Prompt.Sent) -> None:
        self.writer.keep_prompt(event.typed, self.conversation.id)
        if is_command(event.text):
            self.action_command(event.text)
        else:
            self.message_queue.send(event.text, event.typed)

    def on_menu_clicked(self, event: Menu.Clicked) -> None:
        self.prompt.click_completion(event.at)

    def action_command(self, line: str) -> None:
        """Run a slash command; messages that are sent meanwhile wait for its end."""
        self.message_queue.hold()
        self.work(partial(self._command, line, self.open_timeline))

    async def _command(self, line: str, open_timeline: OpenTimeline) -> None:
        try:
            await run(line, TerminalFace(self, open_timeline, line))
        finally:
            self.message_queue.release()
        await self.status_lines.count()  # a command may have changed a budget

    def action_open(self, line: str) -> None:
        """A command that opens a screen, by its key."""
        self.action_command(line)
        self._opening.begin(lambda: self.message_queue.held)

    def action_search_prompts(self) -> None:
        worker = self.work(self.writer.search_prompts)
        self._opening.begin(lambda: not worker.is_finished)

    def action_editor(self) -> None:
        self.work(self.writer.open_editor)

    def action_next_model(self) -> None:
        self.work(self._ring.turn)

    # Keys.

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._opening.over()
        await super().on_event(event)

    def action_stop(self) -> None:
        """With nothing to stop, twice in a row shows the tree of turns."""
        if self._escapes.second(self.clock.monotonic(), counts=not self.busy and not self.message_queue.packing):
            self.action_command("/tree")
        else:
            self.work(self.message_queue.stop)

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
        elif self.busy and not self.open_timeline.stopping:
            self.action_stop()
        elif now - self._interrupted_at < TWICE_S:
            self.quit()
        else:
            again = keys.named(self, "app.interrupt", "Ctrl+C")
            self.notify(f"{again} again quits", timeout=TWICE_S, markup=False)
        self._interrupted_at = now

    async def action_quit(self) -> None:
        self.quit()

    def action_leave(self) -> None:
        self.quit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Under a dialog the keys of the timeline are not there, but for help."""
        if action == "open" and parameters == ("/help",):
            return True
        return not (action in keys.ACTIONS and len(self.screen_stack) > 1)

    # The timeline's own keys.

    def action_details(self) -> None:
        self.feed.folding.details()

    def action_thinking(self) -> None:
        self.feed.folding.thinking()

    def action_page(self, direction: int) -> None:
        self.view.page(direction)

    def action_top(self) -> None:
        self.view.scroll_to(y=0, animate=False)

    def action_end(self) -> None:
        self.view.end()

    def action_copy_answer(self) -> None:
        """The block that the cursor is on; without one, the last answer."""
        self.block_actions.copy(self.view.place)

    def action_point(self) -> None:
        self.block_actions.enter()

    def action_block(self, verb: str) -> None:
        self.block_actions.do(verb)

    async def action_find(self) -> None:
        await self.timeline_search.begin()

    def action_find_next(self, step: int) -> None:
        self.timeline_search.next(step)

    def on_find_bar_sought(self, event: FindBar.Sought) -> None:
        self.timeline_search.seek(event.text)

    def on_find_bar_go(self, event: FindBar.Go) -> None:
        self.timeline_search.go(event.step)

    async def on_find_bar_closed(self) -> None:
        await self.timeline_search.end()

    def on_block_view_pointed(self) -> None:
        self.status_lines.keys()

    def on_block_view_left(self, event: BlockView.Left) -> None:
        self.to_prompt()
        if event.typed:
            self.prompt.insert(event.typed)
        if event.pasted:
            self.prompt.post_message(events.Paste(event.pasted))
        if event.key:
            self.prompt.post_message(event.key)
        if not self.timeline_search.open:
            self.view.show_found(None)

    def on_text_area_changed(self) -> None:
        """Who writes means no block any more."""
        if not self.view.has_focus and self.prompt.text:
            self.view.forget_cursor()

    def on_item_scroll_scrolled(self, event: BlockView.Scrolled) -> None:
        self.status_lines.scrolled(event.below)

    # Background.

    def work(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Worker[None]:
        """In the background; an exception there is reported, and never ends the program.

        A function, no coroutine: one that the end of the program overtakes is then never made.
        """
        return self.run_worker(work, exit_on_error=False)

    def tell(self, words: str) -> None:
        """A note in the timeline; one that lies under a dialog is told over it too."""
        if len(self.screen_stack) > 1:
            super().tell(words)
        self.feed.say(f"**A mistake in ralph:** {verbatim(words)}. The log has the rest.", "failed", reveal=False)

    def remember(self) -> None:
        """What was asked in this timeline is found by Up."""
        self.prompt.remember(t.started.prompt for t in self.conversation.timeline().turns)

    def _idle(self) -> None:
        self.startup.begin()
        self._settled()
