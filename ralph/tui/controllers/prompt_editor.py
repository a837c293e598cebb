"""The text of the prompt, edited in the person's own editor."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from textual.app import App

from ralph.core.errors import Failure, Kind
from ralph.tui.prompt.pasted import again, plain
from ralph.tui.text import one_line
from ralph.tui.widgets.prompt import Prompt


class PromptEditor:
    """The editor of the prompt's text. A running turn continues meanwhile, and is painted after the editor ends."""

    def __init__(self, app: App[Any], prompt: Prompt) -> None:
        """`app` is suspended while the editor runs."""
        self._app = app
        self._prompt = prompt

    async def edit(self, text: str = "") -> None:
        """Edit `text`, or else the text of the prompt, and write the result into the prompt. Raise `Failure`."""
        from ralph.tui.prompt import editor

        typed = text or self._prompt.typed
        made = await editor.edit(plain(typed), editor.choose_editor(os.environ), self._aside())
        self._prompt.write(again(made, typed), made_of=typed)

    async def edit_other(self, text: str) -> str:
        """Return another text as the person edited it. Raise `Failure`."""
        from ralph.tui.prompt import editor

        return await editor.edit(text, editor.choose_editor(os.environ), self._aside())

    async def open(self) -> None:
        """Edit the text of the prompt. A failure is shown in a notice."""
        try:
            await self.edit()
        except Failure as failure:
            self._app.notify(one_line(failure.message), severity="warning", markup=False, timeout=8)

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """Give the screen away: ralph paints nothing and reads no key meanwhile."""
        from textual.app import SuspendNotSupported

        failed: BaseException | None = None
        try:
            with self._app.batch_update(), self._app.suspend():
                try:
                    yield
                # border: `suspend` takes the terminal back only after a good end
                except BaseException as error:  # noqa: BLE001 - border: raised below
                    failed = error
        except SuspendNotSupported:
            raise Failure(Kind.USAGE, "an editor cannot run in this terminal") from None
        self._app.refresh(layout=True)
        if failed:
            raise failed
