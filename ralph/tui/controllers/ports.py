"""The part of the program that every controller may use, each service as one callable."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from textual.worker import Worker

from ralph.tui.timeline.item_list import Drawing

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

Job = Callable[[], Coroutine[Any, Any, None]]
# Starts a job in the background. An exception in the job is reported and never ends the program.
Work = Callable[[Job], Worker[None]]
# Returns the name of the key that is mapped to an action, from the id of the action and its usual key.
KeyName = Callable[[str, str], str]


class Notify(Protocol):
    """A function that shows a notice for a few seconds."""

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
    """A function that puts words of ralph at the end of the timeline."""

    def __call__(self, text: str, style: str = "faint", *, reveal: bool = True, command: str = "") -> Drawing: ...
