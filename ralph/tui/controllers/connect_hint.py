"""The hint that says how to connect a model, shown once after the first question that needed a model and had none."""

from __future__ import annotations

from ralph.core.errors import Kind
from ralph.tui.controllers.ports import Say
from ralph.tui.controllers.shell_state import ShellState

WORDS = """\
**No model is connected.** Sums, units, dates and files work without one.\\
`/connect` asks for a key or finds Ollama; no restart is needed.\\
`/provider` lists every way to connect a model."""


class ConnectHint:
    """The hint. Each turn that ends is checked until the hint was shown."""

    def __init__(self, shell: ShellState, say: Say) -> None:
        self._shell = shell
        self._say = say
        self._given = False

    def look(self) -> None:
        """Show the hint if the last turn needed a model and none was connected."""
        turns = self._shell.conversation.timeline().turns
        if self._given or not turns:
            return
        self._given = any(b.error is not None and b.error.kind is Kind.NO_MODEL for b in turns[-1].blocks)
        if self._given:
            self._say(WORDS, reveal=False)
