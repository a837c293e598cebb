"""The ring of recently used models, through which one key cycles."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ralph.core.errors import Failure
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.workspace import Workspace
from ralph.tui.controllers.ports import Notify
from ralph.tui.controllers.shell_state import ShellState


class ModelCycle:
    """A ring of models. Its order stays while a person cycles: by last use, two models would swap for ever."""

    def __init__(self, workspace: Workspace, shell: ShellState, notify: Notify) -> None:
        self._workspace = workspace
        self._shell = shell
        self._notify = notify
        self._refs: tuple[str, ...] = ()

    async def turn(self) -> None:
        """Use the next model for tool and format, and name it in a notice."""
        try:
            told = await self._next(self._workspace, self._shell.conversation)
        except Failure as failure:
            told = failure.message
        self._notify(told, markup=False)
        self._shell.announce("header")

    async def _next(self, workspace: Workspace, conversation: Conversation) -> str:
        now = conversation.roles.get("format", "")
        there = {row.name for row in workspace.models.providers() if row.configured or row.local}
        self._refs = join(self._refs, now, await workspace.models.recent(), there)
        if len(self._refs) < 2:
            return "only one model was used lately; /model chooses another"
        at = (self._refs.index(now) + 1) % len(self._refs)
        conversation.use_model(self._refs[at])
        await workspace.models.keep(self._refs[at], ("tool", "format"))
        return f"{self._refs[at]} from the next turn on ({at + 1} of {len(self._refs)})"


def join(ring: Iterable[str], now: str, recent: Iterable[str], there: Collection[str]) -> tuple[str, ...]:
    """Return the ring with the recently used models appended.

    The result always has `now`, and otherwise only models of the providers in `there` (a local one needs no key).
    """
    known = dict.fromkeys(ring)
    refs = [*known, now, *recent] if now in known else [now, *known, *recent]
    return tuple(dict.fromkeys(ref for ref in refs if ref == now or ModelRef.parse(ref).provider in there))
