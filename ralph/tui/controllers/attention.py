"""Signs for a person who looks elsewhere: the title of the terminal, and a notification after a long turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ralph.config.settings import UiSettings
from ralph.core.clock import Clock
from ralph.core.formatting import seconds
from ralph.tui.controllers.open_timeline import OpenTimeline
from ralph.tui.controllers.shell_state import Change, ShellState
from ralph.tui.terminal_title import TerminalTitle
from ralph.tui.text import one_line

BELL = "\x07"
# The terminals that show a notification for OSC 9, by their `TERM_PROGRAM` or `TERM`.
_OSC_9 = ("iTerm.app", "WezTerm", "ghostty", "xterm-kitty", "xterm-ghostty")
LONGEST = 60


class TerminalApp(Protocol):
    """The part of the program that `Attention` uses."""

    app_focus: Any
    """True while the terminal has the focus, as far as the terminal reports its focus."""

    def write_terminal(self, sequence: str) -> None:
        """Send a sequence to the terminal."""
        ...


class Attention:
    """A watcher of the program's state. It writes the title and the notifications to the terminal."""

    def __init__(
        self, shell: ShellState, ui: UiSettings, clock: Clock, app: TerminalApp, environ: Mapping[str, str]
    ) -> None:
        self._shell = shell
        self._ui = ui
        self._clock = clock
        self._app = app
        self._write = app.write_terminal
        self._title = TerminalTitle(self._write, wanted=ui.terminal_title, term=environ.get("TERM", ""))
        self._environ = environ
        self._running: OpenTimeline | None = None
        self._began = 0.0
        self._stopped = False
        shell.watch(self._look)

    def follow_suspending(self) -> None:
        """Give the terminal its own title back while the shell or an editor has the terminal."""
        app: Any = self._app  # a widget, because `subscribe` takes one
        app.app_suspend_signal.subscribe(app, lambda _: self._write(self.undo_title()), immediate=True)
        app.app_resume_signal.subscribe(app, lambda _: self.show_title())

    def show_title(self) -> None:
        """Set the title of the terminal to the name of the timeline, also after the shell had the terminal."""
        self._title.show(f"ralph · {self._name()}")

    def undo_title(self) -> str:
        """Return the sequence that gives the terminal its own title back."""
        return self._title.undo()

    def _name(self) -> str:
        return self._shell.conversation.timeline().title or "new timeline"

    def _look(self, change: Change) -> None:
        if change == "header":
            self.show_title()
        elif change == "activity":
            self._follow()

    def _follow(self) -> None:
        """Time the work from the first running turn to the last waiting one: a queue is one piece of work."""
        here = self._shell.open_timeline
        if self._running is not here:
            self._running = here if here.busy else None
            self._began, self._stopped = self._clock.monotonic(), False
        elif here.busy:
            self._stopped = self._stopped or here.stopping
        elif not self._shell.queue.waiting:
            took, self._running = self._clock.monotonic() - self._began, None
            if not self._stopped and took >= self._ui.notify_after_s and self._wanted:
                self._write(sign(f"ralph: {self._name()} · done in {seconds(took * 1000)}", self._environ))

    @property
    def _wanted(self) -> bool:
        match self._ui.notify:
            case "always":
                return True
            case "focus":
                return not self._app.app_focus
            case "off":
                return False


def sign(words: str, environ: Mapping[str, str]) -> str:
    """Return a notification for a terminal that shows one, else the bell. tmux and screen pass on only the bell."""
    said, term = one_line(words)[:LONGEST], environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith(("screen", "tmux")):
        return BELL
    if environ.get("TERM_PROGRAM", "") in _OSC_9 or term in _OSC_9:
        return f"\x1b]9;{said}\x07"
    if term.startswith(("foot", "rxvt-unicode")):
        return f"\x1b]777;notify;ralph;{said.replace(';', ',')}\x07"
    return BELL
