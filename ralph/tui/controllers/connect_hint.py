"""How to connect a model, said once, when the first question failed for want of one."""

from __future__ import annotations

from ralph.core.errors import Kind
from ralph.tui.controllers.ports import Say
from ralph.tui.controllers.shell_state import ShellState

WORDS = """\
**No model is connected.** Sums, units, dates and files work without one.\\
`/connect` asks for a key or finds Ollama; no restart is needed.\\
`/provider` lists every way to connect a model."""


class ConnectHint:
    """Looks at each turn that has ended, until the hint was given."""

    def __init__(self, shell: ShellState, say: Say) -> None:
        self._shell = shell
        self._say = say
        self._given = False

    def look(self) -> None:
        """Give the hint if the last turn needed a model and there was none."""
        turns = self._shell.conversation.timeline().turns
        if self._given or not turns:
            return
        self._given = any(b.error is not None and b.error.kind is Kind.NO_MODEL for b in turns[-1].blocks)
        if self._given:
            self._say(WORDS, reveal=False)
