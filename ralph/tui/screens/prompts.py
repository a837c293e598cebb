"""The search over all sent prompts of all sessions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ralph.tui.fuzzy import best
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.screens.pick import PickScreen

SHOWN = 100
LABEL_CHARACTERS = 400


def screen(ports: ScreenPorts, *, prompts: Sequence[str], take: Callable[[str], None]) -> PromptsScreen:  # noqa: ARG001
    """Return the screen. `prompts` are oldest first; `take` gets the chosen prompt."""
    return PromptsScreen(prompts, take)


class PromptsScreen(PickScreen):
    """The picker of sent prompts, the latest first. Equal matches keep that order."""

    DEFAULT_CSS = """
    PromptsScreen #pick-list {
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, prompts: Sequence[str], take: Callable[[str], None]) -> None:
        super().__init__("Prompt history, latest first", ())
        self._prompts = list(reversed(prompts))
        self._take = take

    def dismiss(self, result: str | None = None) -> Any:
        if result is not None:
            self._take(result)
        return super().dismiss(result)

    def _fill(self, text: str) -> None:
        self._shown = best(text, self._prompts, SHOWN)
        self._list([p[:LABEL_CHARACTERS] for p in self._shown], "no match" if self._prompts else "nothing was sent yet")
