"""The border around everything on the screen: a mistake in ralph is told and logged, and the program goes on.

Textual ends the program at an exception in any handler, timer, callback or drawing, and a widget whose handler raised
is deaf from then on. What the program does is worth more than what one part of the screen shows, so each widget is
guarded when it starts: its handlers one by one, its lines as a whole, which are cleaned besides. Before the first paint
there is nothing to go on with, so a mistake there still ends the program.
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

# The same mistake at every frame is logged this often in full, and after that not at all.
LOGGED = 5


class GuardedApp(App[int]):
    """`report` is for whoever has caught a mistake; `tell` is how a person learns of it."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._mistakes: dict[str, int] = {}
        self._watched_before: Any = None

    def on_mount(self) -> None:
        """What fails in the loop itself, or in a task that nobody waits for, would else be printed over the screen."""
        loop = asyncio.get_running_loop()
        self._watched_before = loop.get_exception_handler()
        loop.set_exception_handler(self._of_loop)
        follow_jobs(self)

    def on_unmount(self) -> None:
        asyncio.get_running_loop().set_exception_handler(self._watched_before)

    def get_driver_class(self) -> type[Driver]:
        """What a terminal sends does not end the program either."""
        return whole_input(super().get_driver_class())

    def report(self, error: BaseException) -> None:
        """A line in the log each time, a word for the person the first time."""
        if isinstance(error, WorkerFailed):
            error = error.error
        words = error.message if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
        self._mistakes[words] = count = self._mistakes.get(words, 0) + 1
        if count <= LOGGED:
            last = " (from now on without a word)" if count == LOGGED else ""
            log.error("a mistake in ralph%s", last, exc_info=error)
        if count > 1 or self._exception:  # or it is ending anyway
            return
        try:
            self.tell(words)
        except Exception:  # border: it may be the telling that is broken
            log.exception("a mistake could not be told")

    def tell(self, words: str) -> None:
        """Show that there was a mistake."""
        self.notify(f"{words}. The log has the rest.", title="ralph hit a bug", severity="error", markup=False)

    def notice(self, error: BaseException | None) -> None:
        """For work in the background that nobody waits for: what went wrong is reported."""
        if isinstance(error, Exception):
            self.report(error)

    def work(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Worker[None]:
        """Run it in the background; an exception in it is reported, and never ends the program.

        A function, no coroutine: one that the end of the program overtakes is then never made.
        """
        return self.run_worker(work, exit_on_error=False)

    def rescue(self, error: Exception) -> None:
        """Report what would have ended the program."""
        self.report(error)

    def write_terminal(self, sequence: str) -> None:
        """A sequence for the terminal itself, in its order among what is painted."""
        if sequence and self._driver is not None and not self.is_headless:
            self._driver.write(sequence)
            self._driver.flush()

    def action_suspend_process(self) -> None:
        suspend(self)

    # Textual's own ways.

    def _print_error_renderables(self) -> None:
        """Its report of a mistake shows the values of variables, keys among them; the log has a plain one."""

    def _handle_exception(self, error: Exception) -> None:
        """Here come timers, callbacks, workers and layouts, and the contents of a widget that could not be made."""
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
        """Put the border into this one widget, before it gets its first message."""
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
            """Textual's own part of the mounting comes after a widget's, and must come."""
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
            except Exception as error:  # border: one widget that cannot be drawn must not take the screen with it
                if not self._dom_ready:
                    raise
                self.rescue(error)
                return [Strip.blank(crop.width) for _ in range(crop.height)]

        widget._dispatch_message = guard  # type: ignore[method-assign]
        widget._get_dispatch_methods = each  # type: ignore[method-assign]
        widget.render_lines = draw  # type: ignore[method-assign]

    def _of_worker(self, message: Message) -> None:
        """A worker of a screen tells its screen only, which need not listen."""
        if isinstance(message, Worker.StateChanged) and message.state is WorkerState.ERROR and message.worker.error:
            self.report(message.worker.error)

    def _leave_unborn(self, pump: object) -> None:
        """A screen that could not be made would lie over the timeline with nothing to leave it by."""
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
