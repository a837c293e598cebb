"""What controllers ask of the program that runs them, each as one callable."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from textual.worker import Worker

from ralph.tui.timeline.item_list import Drawing

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

Job = Callable[[], Coroutine[Any, Any, None]]
# Starts a job in the background; an exception in it is reported and ends nothing.
Work = Callable[[Job], Worker[None]]
# The key of an action as it is mapped, by the action's id and its usual key.
KeyName = Callable[[str, str], str]


class Notify(Protocol):
    """Shows a passing notice."""

    def __call__(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None: ...


class Say(Protocol):
    """Puts words of ralph itself at the end of the timeline."""

    def __call__(self, text: str, style: str = "faint", *, reveal: bool = True, command: str = "") -> Drawing: ...
