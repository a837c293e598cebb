"""Esc and Ctrl+C: stop, clear, copy, and leave the program."""

from __future__ import annotations

from collections.abc import Callable

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.tui.controllers.message_queue import MessageQueue
from ralph.tui.controllers.ports import KeyName, Notify, Work
from ralph.tui.controllers.shell_state import ShellState
from ralph.tui.double_press import DoublePress
from ralph.tui.widgets.prompt import Prompt

TWICE_S = 2.0


@frozen
class InterruptPorts(Data):
    """The part of the program that the interrupts use.

    `take_selection` copies the selection of the timeline or the prompt, and returns whether there was one. `send` runs
    a slash command. `quit` ends the program.
    """

    work: Work
    notify: Notify
    key: KeyName
    take_selection: Callable[[], bool]
    send: Callable[[str], None]
    quit: Callable[[], None]


class Interrupts:
    """The effects of Esc and Ctrl+C. They depend on the running turn, the text of the prompt and the last press."""

    def __init__(
        self, shell: ShellState, queue: MessageQueue, prompt: Prompt, clock: Clock, ports: InterruptPorts
    ) -> None:
        self._shell = shell
        self._queue = queue
        self._prompt = prompt
        self._clock = clock
        self._ports = ports
        self._escapes = DoublePress()
        self._interrupts = DoublePress(TWICE_S)

    def stop(self) -> None:
        """Stop the running turn. If nothing runs, the second press in a row offers the turns to rewind to."""
        nothing = not self._shell.busy and not self._queue.packing
        if self._escapes.second(self._clock.monotonic(), counts=nothing):
            self._rewind()
        else:
            self._ports.work(self._queue.stop)

    def _rewind(self) -> None:
        if self._shell.conversation.timeline().turns:
            self._ports.send("/rewind")
        else:
            self._ports.notify("there is no turn yet, so there is nothing to rewind")

    def interrupt(self) -> None:
        """Copy the selection, or else clear the prompt, or else stop. The second press within two seconds quits."""
        now = self._clock.monotonic()
        if self._ports.take_selection():
            self._ports.notify("copied")
        elif self._prompt.text:
            self._prompt.clear()
            self._interrupts.begin(now)
        elif self._shell.busy and not self._shell.stopping:
            self.stop()
            self._interrupts.begin(now)
        elif self._interrupts.second(now):
            self._ports.quit()
            self._interrupts.begin(now)
        else:
            again = self._ports.key("app.interrupt", "Ctrl+C")
            self._ports.notify(f"{again} again quits", timeout=TWICE_S, markup=False)
