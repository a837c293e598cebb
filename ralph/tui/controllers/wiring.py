"""The wiring of the controllers: each gets the other controllers, the widgets and the services that it uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ralph.commands._dispatch import is_command, is_own_command
from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.ports.face import Command
from ralph.core.ports.workspace import Workspace
from ralph.tui import keys
from ralph.tui.controllers.attachments import FileAttachments, name_resources
from ralph.tui.controllers.command_runner import CommandRunner
from ralph.tui.controllers.connect_hint import ConnectHint
from ralph.tui.controllers.dialogs import DialogPorts, Dialogs
from ralph.tui.controllers.failure_offers import FailureOffers
from ralph.tui.controllers.interrupts import InterruptPorts, Interrupts
from ralph.tui.controllers.key_gate import KeyGate
from ralph.tui.controllers.key_mapping import KeyMapping
from ralph.tui.controllers.leaving import Leaving
from ralph.tui.controllers.message_queue import MessageQueue, QueuePorts
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.prompt_editor import PromptEditor
from ralph.tui.controllers.prompt_history import SentPrompts
from ralph.tui.controllers.screens import ScreenOpener
from ralph.tui.controllers.shell_state import ShellState
from ralph.tui.controllers.spending import SpendingReader
from ralph.tui.controllers.startup import StartupPorts, StartupTasks
from ralph.tui.controllers.status_lines import StatusLines
from ralph.tui.controllers.timeline_switch import SwitchPorts, TimelineSwitch
from ralph.tui.feed.feed import Feed
from ralph.tui.themed import ThemedApp
from ralph.tui.widgets.shell import ShellWidgets

if TYPE_CHECKING:
    from ralph.core.ports.store import PromptStore
    from ralph.tui.controllers.block_actions import BlockActions, BlockPorts
    from ralph.tui.controllers.face import TerminalFace
    from ralph.tui.controllers.model_cycle import ModelCycle
    from ralph.tui.controllers.own_commands import OwnCommands
    from ralph.tui.controllers.search import TextSearch
    from ralph.tui.prompt.completion import Completion
    from ralph.tui.screens._ports import ScreenPorts


@frozen
class Program(Data):
    """The inputs of the controllers: the app, its widgets, its state, and the services that `assembly` passed."""

    app: ThemedApp
    widgets: ShellWidgets
    feed: Feed
    shell: ShellState
    workspace: Workspace
    commands: Sequence[Command]
    clock: Clock
    mapping: KeyMapping
    leaving: Leaving


class Controllers:
    """All controllers of the program. They are made once the widgets exist, each after the ones that it needs.

    A controller that acts only when a person presses its key is loaded then.
    """

    def __init__(
        self, program: Program, root: Path, prompts: PromptStore | None, send: Callable[[str], None], piped: str
    ) -> None:
        """`root` is the folder whose files may be named. `prompts` stores the prompts of all sessions.

        `send` runs a slash command as if a person typed it. `piped` is the input of a pipe, for the first message.
        """
        self._program = p = program
        self._send = send
        app, shell, widgets = p.app, p.shell, p.widgets
        view, prompt, key = widgets.view, widgets.prompt, partial(keys.name_key, app)
        self.gate = KeyGate(screens=lambda: len(app.screen_stack), takes_keys=lambda: app.focused is not None)
        self.status_lines = StatusLines(app, shell, widgets)
        self.spending = SpendingReader(p.workspace, shell, app.work)
        self.offers = FailureOffers(p.workspace, shell, view)
        self.connect_hint = ConnectHint(shell, p.feed.say)
        dialog_ports = DialogPorts(app.call_later, app.push_screen, app.report, widgets.to_prompt)
        self.dialogs = Dialogs(widgets.panel, widgets.question_bar, dialog_ports)
        self.screens = ScreenOpener(here=lambda: app.screen, push=app.push_screen, ports=self._screen_ports)
        resources = partial(name_resources, p.workspace)
        self.attachments = FileAttachments(root, app.notify, self.dialogs.choose, resources)
        self.editor = PromptEditor(app, prompt)
        widgets.panel.edit = self.editor.edit_other
        self.history = SentPrompts(shell, prompt, prompts, clock=p.clock, screens=self.screens, notice=app.notice)
        self.queue = MessageQueue(shell, self._queue_ports(), piped)
        self.commands = CommandRunner(shell, self.queue, face=self.face, work=app.work, after=self.spending.read_more)
        self._root = root
        interrupt_ports = InterruptPorts(app.work, app.notify, key, self._take_selection, send, p.leaving.quit)
        self.interrupts = Interrupts(shell, self.queue, prompt, p.clock, interrupt_ports)
        self.startup = StartupTasks(p.workspace, shell, p.feed, self._startup_ports())
        self.switch = TimelineSwitch(p.workspace, shell, self._switch_ports())
        prompt.begin_completion = self.begin_completion
        prompt.take_back = self.queue.take_back

    @cached_property
    def models(self) -> ModelCycle:
        from ralph.tui.controllers.model_cycle import ModelCycle

        return ModelCycle(self._program.workspace, self._program.shell, self._program.app.notify)

    @cached_property
    def own_commands(self) -> OwnCommands:
        from ralph.tui.controllers.own_commands import OwnCommands

        p = self._program
        return OwnCommands(p.shell, self.queue, self._root, p.feed.say, p.widgets.prompt.add_before)

    def submit(self, text: str, typed: str, pastes: tuple[tuple[int, int], ...]) -> None:
        """Run what was sent from the prompt: a slash command, a line for the person's shell, or a message."""
        self.history.keep(typed)
        if is_command(text):
            self.commands.run(text)
        elif is_own_command(text):
            self.own_commands.run(text)
        else:
            self.queue.send(text, typed, pastes)

    @cached_property
    def search(self) -> TextSearch:
        from ralph.tui.controllers.search import TextSearch

        p, key = self._program, partial(keys.name_key, self._program.app)
        to_prompt, notify = p.widgets.to_prompt, p.app.notify
        return TextSearch(p.shell, p.widgets.view, p.feed.folding, to_prompt=to_prompt, notify=notify, key=key)

    @cached_property
    def blocks(self) -> BlockActions:
        from ralph.tui.controllers.block_actions import BlockActions

        p = self._program
        return BlockActions(p.shell, p.widgets.view, p.feed.folding, self.dialogs, self._block_ports())

    def face(self, open_timeline: OpenTimeline, line: str = "") -> TerminalFace:
        """Return the face of a command that was typed into this timeline. The first command imports the module."""
        from ralph.tui.controllers.face import FacePorts, TerminalFace

        p = self._program
        ports = FacePorts(
            p.app,
            p.shell,
            p.workspace,
            p.commands,
            p.clock,
            p.feed,
            p.widgets.view,
            p.widgets.prompt,
            self.queue,
            self.dialogs,
            self.screens,
            self.attachments,
            self.editor,
            p.mapping,
            self.switch.open,
            p.leaving.quit,
        )
        return TerminalFace(ports, open_timeline, line)

    def begin_completion(self) -> Completion:
        """Return the list above the prompt. The first slash or @ imports the module."""
        from ralph.tui.prompt.completion import Completion

        p = self._program
        return Completion(self.face(p.shell.open_timeline), p.widgets.menu, self.attachments.find_paths)

    def set_keys_of_vim(self, wanted: bool) -> None:
        """Give the prompt the keys of vim if the settings want them."""
        if wanted:
            p = self._program
            p.widgets.prompt.use_vim(p.clock, partial(p.shell.announce, "activity"))

    def _screen_ports(self) -> ScreenPorts:
        from ralph.tui.screens._ports import ScreenPorts

        p = self._program
        return ScreenPorts(
            p.app,
            p.workspace,
            lambda: p.shell.conversation,
            p.commands,
            p.clock,
            p.feed.folding.now,
            self._send,
            p.feed.say,
        )

    def _queue_ports(self) -> QueuePorts:
        p = self._program
        return QueuePorts(
            gather=self.attachments.gather,
            write_before=p.widgets.prompt.add_before,
            to_end=p.widgets.view.end,
            work=p.app.work,
            report=p.app.report,
            say=p.feed.say,
            after_turn=self._after_turn,
        )

    async def _after_turn(self) -> None:
        self.connect_hint.look()
        await self.spending.read_all()

    def _block_ports(self) -> BlockPorts:
        from ralph.tui.controllers.block_actions import BlockPorts

        p = self._program
        return BlockPorts(
            work=p.app.work,
            notify=p.app.notify,
            write=p.widgets.prompt.write,
            send=self._send,
            copy=p.app.copy_to_clipboard,
            rows=partial(keys.block_rows, p.app),
            run=lambda action: p.app.run_action(action, p.widgets.view),
        )

    def _startup_ports(self) -> StartupPorts:
        p = self._program
        return StartupPorts(
            work=p.app.work,
            notice=p.app.notice,
            load_themes=p.app.load_themes,
            check_keys=p.mapping.check,
            load_prompts=self.history.load,
            read_spending=self.spending.read,
            measure_window=self.spending.measure_again,
            remember=self.history.remember,
            notify=p.app.notify,
            every=p.app.set_interval,
            look=self.spending.look,
        )

    def _switch_ports(self) -> SwitchPorts:
        p = self._program
        return SwitchPorts(
            leave_queue=self.queue.leave,
            end_search=self._end_search,
            end_completion=p.widgets.prompt.end_completion,
            show=p.feed.open,
            remember=self.history.remember,
            read_earlier=self.startup.read_earlier,
            read_spending=self.spending.read,
            work=p.app.work,
            notify=p.app.notify,
        )

    async def _end_search(self) -> None:
        await self.search.forget()

    def _take_selection(self) -> bool:
        """Copy the selection on the screen or in the prompt. Return whether there was one."""
        app, prompt = self._program.app, self._program.widgets.prompt
        selected = app.screen.get_selected_text() or prompt.selected_text
        if selected:
            app.copy_to_clipboard(selected)
            app.screen.clear_selection()
        return bool(selected)
