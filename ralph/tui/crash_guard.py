"""The border around the screen: a mistake in ralph is shown and logged, and the program goes on.

Textual ends the program at an exception in any handler, timer, callback or drawing. A widget whose handler raised
receives no more messages. So each widget is guarded when it starts: each of its handlers alone, and its lines as a
whole, which are also cleaned. Before the first paint a mistake still ends the program, because nothing can go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from textual import events
from textual._callback import invoke
from textual._context import active_message_pump
from textual.app import App
from textual.dom import DOMNode
from textual.driver import Driver
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker, WorkerFailed, WorkerState

from ralph.core.errors import Failure
from ralph.tui.painted import harmless
from ralph.tui.prompt.input_framing import whole_input
from ralph.tui.terminal import follow_jobs, suspend

log = logging.getLogger("ralph.tui")

# A mistake that repeats at every frame is logged in full this many times, and then not at all.
LOGGED = 5


class GuardedApp(App[int]):
    """A Textual app that survives mistakes. `report` takes a caught mistake; `tell` shows it to the person."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._mistakes: dict[str, int] = {}
        self._watched_before: Any = None

    def on_mount(self) -> None:
        """Report failures of the loop and of tasks that nobody awaits. The loop would print them over the screen."""
        loop = asyncio.get_running_loop()
        self._watched_before = loop.get_exception_handler()
        loop.set_exception_handler(self._of_loop)
        follow_jobs(self)

    def on_unmount(self) -> None:
        asyncio.get_running_loop().set_exception_handler(self._watched_before)

    def get_driver_class(self) -> type[Driver]:
        """Return a driver class that no input of the terminal can end."""
        return whole_input(super().get_driver_class())

    def report(self, error: BaseException) -> None:
        """Log a mistake each time, and show it to the person the first time."""
        if isinstance(error, WorkerFailed):
            error = error.error
        words = error.message if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
        self._mistakes[words] = count = self._mistakes.get(words, 0) + 1
        if count <= LOGGED:
            last = " (from now on without a word)" if count == LOGGED else ""
            log.error("a mistake in ralph%s", last, exc_info=error)
        if count > 1 or self._exception:  # or the program is ending
            return
        try:
            self.tell(words)
        except Exception:  # border: `tell` itself may be broken
            log.exception("a mistake could not be told")

    def tell(self, words: str) -> None:
        """Show a mistake to the person."""
        self.notify(f"{words}. The log has the rest.", title="ralph hit a bug", severity="error", markup=False)

    def notice(self, error: BaseException | None) -> None:
        """Report the failure of background work that nobody awaits."""
        if isinstance(error, Exception):
            self.report(error)

    def work(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Worker[None]:
        """Run a job in the background. An exception in the job is reported and never ends the program.

        `work` is a function, not a coroutine: if the program ends first, no coroutine is created that nobody awaits.
        """
        return self.run_worker(work, exit_on_error=False)

    def rescue(self, error: Exception) -> None:
        """Report an exception that would have ended the program."""
        self.report(error)

    def write_terminal(self, sequence: str) -> None:
        """Write a sequence to the terminal, in order with the painted output."""
        if sequence and self._driver is not None and not self.is_headless:
            self._driver.write(sequence)
            self._driver.flush()

    def action_suspend_process(self) -> None:
        suspend(self)

    # Overrides of Textual's own methods.

    def _print_error_renderables(self) -> None:
        """Print nothing. Textual's report shows the values of variables, also keys; the log has a plain report."""

    def _handle_exception(self, error: Exception) -> None:
        """Survive exceptions of timers, callbacks, workers and layouts, and of a widget's `compose`."""
        if not self._dom_ready:
            super()._handle_exception(error)
            return
        self.rescue(error)
        self._leave_unborn(active_message_pump.get(None))

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # border: see above
            if not self._dom_ready:
                raise
            self.rescue(error)
        self._of_worker(message)

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        if child not in self._registry:
            self._guard(child)
        super()._register_child(parent, child, before, after)

    def _guard(self, widget: Widget) -> None:
        """Put the border around one widget before the widget gets its first message."""
        dispatch, methods, lines = widget._dispatch_message, widget._get_dispatch_methods, widget.render_lines

        async def guard(message: Message) -> None:
            try:
                await dispatch(message)
            except Exception as error:  # border: see above
                if not self._dom_ready:
                    raise
                self.rescue(error)
            self._of_worker(message)

        def each(method_name: str, message: Message) -> Iterable[tuple[type, Callable[[Message], Awaitable[None]]]]:
            """Guard each handler of the mounting: Textual's own handler comes after the widget's, and must run."""
            found = methods(method_name, message)
            return ((cls, alone(method)) for cls, method in found) if isinstance(message, events.Mount) else found

        def alone(method: Callable[[Message], Awaitable[None]]) -> Callable[[Message], Awaitable[None]]:
            async def call(message: Message) -> None:
                try:
                    await invoke(method, message)
                except Exception as error:  # border: see above
                    if not self._dom_ready:
                        raise
                    self.rescue(error)
                    self._leave_unborn(widget)

            return call

        def draw(crop: Region) -> list[Strip]:
            try:
                return [harmless(line) for line in lines(crop)]
            except Exception as error:  # border: one widget that cannot be drawn must not blank the screen
                if not self._dom_ready:
                    raise
                self.rescue(error)
                return [Strip.blank(crop.width) for _ in range(crop.height)]

        widget._dispatch_message = guard  # type: ignore[method-assign]
        widget._get_dispatch_methods = each  # type: ignore[method-assign]
        widget.render_lines = draw  # type: ignore[method-assign]

    def _of_worker(self, message: Message) -> None:
        """Report the failure of a worker of a screen. Textual tells only the screen, which may ignore the failure."""
        if isinstance(message, Worker.StateChanged) and message.state is WorkerState.ERROR and message.worker.error:
            self.report(message.worker.error)

    def _leave_unborn(self, pump: object) -> None:
        """Close a screen that failed to mount. It would cover the timeline, and no key would close it."""
        if isinstance(pump, Screen) and not pump._is_mounted and len(self.screen_stack) > 1:
            self.call_later(self._leave_screen, pump)

    def _leave_screen(self, screen: Screen[Any]) -> None:
        if screen is self.screen and len(self.screen_stack) > 1:
            screen.dismiss(None)

    def _of_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self.report(error)
        else:
            log.warning("%s", context.get("message"), exc_info=error)
