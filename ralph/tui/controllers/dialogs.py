"""Questions to the person: consent, a question with few answers, a choice from a list, and the entry of a key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from ralph.core.data import Data, frozen
from ralph.core.ports.face import Consent, ConsentAnswer

if TYPE_CHECKING:
    from ralph.tui.screens.key_entry import KeyEntryScreen
    from ralph.tui.screens.pick import PickScreen
    from ralph.tui.screens.text_entry import TextEntryScreen

    EntryScreen = PickScreen | KeyEntryScreen | TextEntryScreen


class Panel(Protocol):
    """The panel that asks for consent."""

    def ask(self, consent: Consent, answer: Callable[[ConsentAnswer], None]) -> None: ...

    def withdraw(self) -> None: ...


class AnswerBar(Protocol):
    """The bar that asks a question with few answers."""

    def ask(self, title: str, answers: Sequence[tuple[str, str]], taken: Callable[[str | None], None]) -> None: ...

    def withdraw(self) -> None: ...


@frozen
class DialogPorts(Data):
    """The part of the program that the dialogs use.

    `later` calls a function in the task of the program. `push` opens a screen. `to_prompt` gives the keys to the
    prompt.
    """

    later: Callable[..., object]
    push: Callable[[EntryScreen, Callable[[str | None], None]], object]
    report: Callable[[BaseException], None]
    to_prompt: Callable[[], None]


class Dialogs:
    """The dialogs that any task may open. A question disappears when nobody waits for its answer any more."""

    def __init__(self, panel: Panel, bar: AnswerBar, ports: DialogPorts) -> None:
        self._panel = panel
        self._bar = bar
        self._ports = ports
        self._one = asyncio.Lock()

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """Return the value that the person picks from a list of (value, label), or None if they pick nothing."""
        from ralph.tui.screens.pick import PickScreen  # the first question imports it

        return await self._answer(PickScreen(title, options))

    async def ask_key(self, title: str, note: str) -> str | None:
        """Return the key that the person enters, or None if they enter none. `note` says where they find the key."""
        from ralph.tui.screens.key_entry import KeyEntryScreen  # the first key imports it

        return await self._answer(KeyEntryScreen(title, note))

    async def enter(self, title: str, note: str) -> str | None:
        """Return the text of one line that the person enters, or None if they enter none."""
        from ralph.tui.screens.text_entry import TextEntryScreen  # the first text imports it

        return await self._answer(TextEntryScreen(title, note))

    async def _answer(self, screen: EntryScreen) -> str | None:
        picked: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        choice: Callable[[str | None], None] = lambda value: None if picked.done() else picked.set_result(value)  # noqa: E731
        self._ports.later(self._show, screen, choice)
        try:
            return await picked
        except asyncio.CancelledError:
            self._ports.later(screen.withdraw)
            raise

    async def ask(self, question: str, answers: Sequence[tuple[str, str]]) -> str | None:
        """Ask a question with two or three answers in the bar above the prompt. Return None without an answer."""
        async with self._one:
            answered: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
            taken: Callable[[str | None], None] = lambda value: None if answered.done() else answered.set_result(value)  # noqa: E731
            self._ports.later(self._put, question, answers, taken)
            try:
                return await answered
            finally:
                self._ports.later(self._end, self._bar)

    async def allow(self, consent: Consent) -> ConsentAnswer:
        """Ask for consent in the panel above the prompt, one question at a time."""
        async with self._one:
            answered: asyncio.Future[ConsentAnswer] = asyncio.get_running_loop().create_future()
            self._ports.later(self._ask, consent, lambda given: None if answered.done() else answered.set_result(given))
            try:
                return await answered
            finally:
                self._ports.later(self._end, self._panel)

    def _show(self, screen: EntryScreen, picked: Callable[[str | None], None]) -> None:
        try:
            self._ports.push(screen, picked)
        except Exception as error:  # noqa: BLE001 - border: otherwise the caller waits for ever
            self._ports.report(error)
            picked(None)

    def _ask(self, consent: Consent, answer: Callable[[ConsentAnswer], None]) -> None:
        try:
            self._panel.ask(consent, answer)
        except Exception as error:  # noqa: BLE001 - border: what cannot be asked is denied, and the turn goes on
            self._ports.report(error)
            answer(ConsentAnswer(allowed=False))

    def _put(self, question: str, answers: Sequence[tuple[str, str]], taken: Callable[[str | None], None]) -> None:
        try:
            self._bar.ask(question, answers, taken)
        except Exception as error:  # noqa: BLE001 - border: otherwise the caller waits for ever
            self._ports.report(error)
            taken(None)

    def _end(self, panel: Panel | AnswerBar) -> None:
        panel.withdraw()
        self._ports.to_prompt()
