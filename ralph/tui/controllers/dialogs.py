"""Asking the person: for consent to a tool call, or to pick one thing of several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ralph.core.ports.face import Consent
from ralph.tui.screens.pick import PickScreen

if TYPE_CHECKING:
    from ralph.tui.app import RalphApp

# Who types on does not see yet that there is something to choose.
REST_S = 0.8


class Dialogs:
    """From any task. A question that nobody waits for any more goes away."""

    def __init__(self, app: RalphApp) -> None:
        self._app = app
        self._one = asyncio.Lock()

    async def choose(self, title: str, options: Sequence[tuple[str, str]], *, unasked: bool = False) -> str | None:
        """One of (value, label), in a list over the timeline; None if the person would not.

        `unasked`: it comes while one may be typing, so that Enter chooses only after a rest.
        """
        picked: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        app, screen = self._app, PickScreen(title, options, settled=self._rest() if unasked else lambda: True)
        choice: Callable[[str | None], None] = lambda value: None if picked.done() else picked.set_result(value)  # noqa: E731
        app.call_later(self._show, screen, choice)
        try:
            return await picked
        except asyncio.CancelledError:
            app.call_later(screen.withdraw)
            raise

    def _rest(self) -> Callable[[], bool]:
        """Whether so much time has passed since it was last asked, or since now."""
        last = self._app.clock.monotonic()

        def rested() -> bool:
            nonlocal last
            before, last = last, self._app.clock.monotonic()
            return last - before >= REST_S

        return rested

    async def allow(self, consent: Consent) -> bool:
        """One question at a time, in the panel above the prompt."""
        async with self._one:
            answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            answer: Callable[[bool], None] = lambda yes: None if answered.done() else answered.set_result(yes)  # noqa: E731
            self._app.call_later(self._ask, consent, answer)
            try:
                return await answered
            finally:
                self._app.call_later(self._asked)

    def _show(self, screen: PickScreen, picked: Callable[[str | None], None]) -> None:
        try:
            self._app.push_screen(screen, picked)
        except Exception as error:  # noqa: BLE001 - border: whoever asked would wait for ever
            self._app.report(error)
            picked(None)

    def _ask(self, consent: Consent, answer: Callable[[bool], None]) -> None:
        try:
            self._app.panel.ask(consent, answer)
        except Exception as error:  # noqa: BLE001 - border: what cannot be asked is denied, and the turn goes on
            self._app.report(error)
            answer(False)

    def _asked(self) -> None:
        self._app.panel.withdraw()
        self._app.to_prompt()
