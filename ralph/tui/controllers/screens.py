"""The opener of screens, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

if TYPE_CHECKING:
    from ralph.tui.screens._ports import ScreenPorts


class ScreenOpener:
    """An opener of screens. A screen is a module of `ralph.tui.screens` with `screen(ports, **arguments)`.

    The module is imported when its screen opens. An open screen does not open a second time over itself.
    """

    def __init__(
        self,
        *,
        here: Callable[[], Screen[Any]],
        push: Callable[[Screen[Any]], object],
        ports: Callable[[], ScreenPorts],
    ) -> None:
        """`here` returns the screen on top."""
        self._here = here
        self._push = push
        self._ports = ports

    async def show(self, name: str, /, **arguments: Any) -> bool:
        """Open the screen `name`. Return False if there is no such screen."""
        try:
            module = importlib.import_module(f"ralph.tui.screens.{name}")
        except ModuleNotFoundError:
            return False
        if type(self._here()).__module__ != module.__name__:
            self._push(module.screen(self._ports(), **arguments))
        return True
