"""The face in the terminal: a prompt, a timeline, and the program around the two."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from ralph.commands._dispatch import verbatim
from ralph.config.paths import find_shipped
from ralph.config.settings import UiSettings
from ralph.core.clock import Clock, SystemClock
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Command, Consent, ConsentAnswer
from ralph.core.ports.workspace import Workspace
from ralph.tui import keys
from ralph.tui.controllers.attention import Attention
from ralph.tui.controllers.beginning import NOTHING, Beginning
from ralph.tui.controllers.key_mapping import KeyMapping, WrittenKeys
from ralph.tui.controllers.leaving import Leaving
from ralph.tui.controllers.shell_state import ShellState
from ralph.tui.controllers.wiring import Controllers, Program
from ralph.tui.feed.feed import Feed
from ralph.tui.themed import ThemedApp
from ralph.tui.themes import HOUSE
from ralph.tui.timeline.block_view import BlockView
from ralph.tui.widgets.menu import Menu
from ralph.tui.widgets.palette import SlashCommands
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.shell import ShellWidgets

if TYPE_CHECKING:
    from ralph.core.ports.store import PromptStore
    from ralph.tui.widgets.find_bar import FindBar

# Seconds between the first paint and the start of work that the first paint does not need.
IDLE_S = 0.15


class RalphApp(ThemedApp):
    """The program: its widgets, its keys and its messages. The controllers act on them.

    The caller closes `app.shell.open_timeline` after `run_async` returns: a command may have changed the open timeline.
    """

    CSS_PATH = "app.tcss"
    TITLE = "ralph"
    BINDINGS = keys.BINDINGS
    COMMANDS: ClassVar = {SlashCommands}

    def __init__(
        self,
        workspace: Workspace,
        conversation: Conversation,
        commands: Sequence[Command],
        *,
        beginning: Beginning = NOTHING,
        context: str = "",
        theme: str = HOUSE,
        themes: Sequence[Path] = (),
        keymap: Mapping[str, str] | None = None,
        written_keys: WrittenKeys | None = None,
        clock: Clock | None = None,
        settled: Callable[[], None] = lambda: None,
        root: Path | None = None,
        prompts: PromptStore | None = None,
        ui: UiSettings | None = None,
    ) -> None:
        """`root` is the folder whose files may be named. `prompts` stores the prompts of all sessions.

        `theme` and `keymap` are used in place of the values of `ui`.
        """
        super().__init__(find_shipped("themes"), themes, theme)
        self.workspace, self.commands = workspace, commands
        self.clock = clock or SystemClock()
        self.shell = ShellState(conversation)
        self._beginning, self._settled = beginning, settled
        self._piped, self._prompts, self._root = context, prompts, root or Path.cwd()
        self._leaving = Leaving(self.shell, work=self.work, exit=self.exit)
        self._ui = ui or UiSettings()
        self.attention = Attention(self.shell, self._ui, self.clock, self, os.environ)
        self.set_keymap(dict(keymap or {}))
        self._mapping = KeyMapping(self, written_keys, lambda: self.shell.announce("keys"))

    def compose(self) -> ComposeResult:
        self.widgets = widgets = ShellWidgets(self.clock)
        self.view, self.prompt = widgets.view, widgets.prompt
        yield from widgets.compose()

    def on_mount(self) -> None:
        self.feed = Feed(self.view, self.clock, self._refresh_lines)
        handed = (self.workspace, self.commands, self.clock, self._mapping, self._leaving)
        program = Program(self, self.widgets, self.feed, self.shell, *handed)
        self.controllers = Controllers(program, self._root, self._prompts, self.action_command, self._piped)
        self.controllers.set_keys_of_vim(self._ui.vim)
        self.attention.follow_suspending()
        self.shell.announce("keys")
        self.widgets.to_prompt()  # before any key is handed out: earlier keys are for the prompt
        self.feed.open(self.conversation)
        self.controllers.history.remember()
        self.call_after_refresh(self.set_timer, IDLE_S, self._idle)
        self._beginning.begin(self.prompt.write, self._send_first, self.action_command, self.feed.say)

    def _send_first(self, message: str) -> None:
        self.prompt.recall.add(message)
        self.controllers.history.keep(message)
        self.controllers.queue.send(message)

    def _refresh_lines(self) -> None:
        """Refresh the lines around the timeline after an event was recorded."""
        self.shell.announce("header")
        self.controllers.spending.refresh()

    def on_unmount(self) -> None:
        self.feed.close()
        self.prompt.end_completion()

    def _idle(self) -> None:
        self.controllers.startup.begin()
        self._settled()

    @property
    def conversation(self) -> Conversation:
        return self.shell.conversation

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """Ask the person what a running turn should do. Return None if the person chooses nothing."""
        return await self.controllers.dialogs.ask(title, options)

    async def enter(self, title: str, note: str) -> str | None:
        """Let the person enter a text of one line for a running turn."""
        return await self.controllers.dialogs.enter(title, note)

    async def allow(self, consent: Consent) -> ConsentAnswer:
        return await self.controllers.dialogs.allow(consent)

    def quit(self, code: int = 0) -> None:
        self._leaving.quit(code)

    def tell(self, words: str) -> None:
        """Add a note to the timeline. If a dialog covers the timeline, show a notice over the dialog too."""
        if len(self.screen_stack) > 1:
            super().tell(words)
        self.feed.say(f"**ralph hit a bug:** {verbatim(words)}. The log has the rest.", "failed", reveal=False)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.controllers.gate.over()
        await super().on_event(event)

    def on_prompt_sent(self, event: Prompt.Sent) -> None:
        self.controllers.submit(event.text, event.typed, event.pastes)

    def on_menu_clicked(self, event: Menu.Clicked) -> None:
        self.prompt.click_completion(event.at)

    def on_find_bar_sought(self, event: FindBar.Sought) -> None:
        self.controllers.search.seek(event.text)

    def on_find_bar_go(self, event: FindBar.Go) -> None:
        self.controllers.search.go(event.step)

    async def on_find_bar_closed(self) -> None:
        await self.controllers.search.end()

    def on_block_view_pointed(self) -> None:
        self.shell.announce("keys")

    def on_block_view_left(self, event: BlockView.Left) -> None:
        self.widgets.hand_over(event)
        if not self.shell.searching:
            self.view.show_found(None)

    def on_text_area_changed(self) -> None:
        """Take the cursor off the blocks: a person who writes in the prompt no longer points at a block."""
        if not self.view.has_focus and self.prompt.text:
            self.view.forget_cursor()

    def on_item_scroll_scrolled(self, event: BlockView.Scrolled) -> None:
        self.shell.set_lines_below(event.below)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the keys of the timeline under a dialog, except the key of help."""
        if action == "open" and parameters == ("/help",):
            return True
        if action == "block" and str(parameters[0]).startswith("take "):  # elsewhere a digit is text
            return bool(self.controllers.blocks.takes())
        if action == "answer":  # elsewhere Shift+Tab moves the focus
            return self.widgets.question is not None and len(self.screen_stack) == 1
        return not (action in keys.ACTIONS and len(self.screen_stack) > 1)

    def action_command(self, line: str) -> None:
        """Run a slash command."""
        self.controllers.commands.run(line)

    def action_open(self, line: str) -> None:
        """Run a command that opens a screen. Keys typed meanwhile go to that screen."""
        self.action_command(line)
        self.controllers.gate.begin(lambda: self.controllers.queue.held)

    def action_search_prompts(self) -> None:
        worker = self.work(self.controllers.history.search)
        self.controllers.gate.begin(lambda: not worker.is_finished)

    def action_editor(self) -> None:
        self.work(self.controllers.editor.open)

    def action_next_model(self) -> None:
        self.work(self.controllers.models.turn)

    def action_stop(self) -> None:
        self.controllers.interrupts.stop()

    def action_interrupt(self) -> None:
        self.controllers.interrupts.interrupt()

    async def action_quit(self) -> None:
        self.quit()

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
        """Copy the block under the cursor. Without a cursor, copy the last answer."""
        self.controllers.blocks.copy(self.view.place)

    def action_point(self) -> None:
        self.controllers.blocks.enter()

    def action_answer(self) -> None:
        self.widgets.to_question()

    def action_block(self, verb: str) -> None:
        self.controllers.blocks.do(verb)

    async def action_find(self) -> None:
        await self.controllers.search.begin()

    def action_find_next(self, step: int) -> None:
        self.controllers.search.next(step)
