"""The start of the face on a workspace. It opens one conversation, and closes the open one at the end."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from ralph import registry
from ralph.commands._dispatch import verbatim
from ralph.config.settings import Config
from ralph.core.errors import Failure, Kind, OpenElsewhere
from ralph.core.ports.choices import ChoiceService
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Asker, Consent, ConsentAnswer
from ralph.core.ports.stopping import Stopping
from ralph.core.ports.store import PromptStore
from ralph.core.ports.workspace import Workspace
from ralph.tui.app import RalphApp
from ralph.tui.controllers.beginning import Beginning
from ralph.tui.controllers.key_mapping import WrittenKeys
from ralph.tui.feed.feed import FIRST_TURNS
from ralph.tui.terminal import run_until_stopped
from ralph.tui.terminal_background import AUTO, Background, detect
from ralph.workflows.latest import open_timeline


class LastingChoices(ChoiceService, Protocol):
    """Choices that are stored once `lasting` is true."""

    lasting: bool


class OpenWorkspace(Workspace, Protocol):
    """A workspace as `assembly` makes it. It has the settings, and `asker` is asked for consent."""

    asker: Asker | None
    config: Config
    config_file: Path

    @property
    def choices(self) -> LastingChoices: ...

    @property
    def root(self) -> Path:
        """The working directory. Files below it may be named."""
        ...

    @property
    def prompts(self) -> PromptStore | None:
        """The store of the prompts of all sessions, or None if nothing is saved."""
        ...


class LateAsker:
    """An asker that exists before the screen does, because the conversation opens first. Without a face it denies."""

    def __init__(self) -> None:
        self.face: Asker | None = None

    async def allow(self, consent: Consent) -> ConsentAnswer:
        return await self.face.allow(consent) if self.face else ConsentAnswer(allowed=False)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return await self.face.choose(title, options) if self.face else None

    async def enter(self, title: str, note: str) -> str | None:
        return await self.face.enter(title, note) if self.face else None


def reopen_terminal() -> None:
    """Read keys from the terminal if stdin was a pipe. Paint on it if stderr is no terminal: Textual uses stderr.

    Raise `Failure` if there is no terminal.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        raise Failure(
            Kind.USAGE, "there is no terminal to read keys from; write ralph -p … for a turn without a screen"
        ) from None
    if not os.isatty(0):
        os.dup2(terminal, 0)
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc] # noqa: SIM115
    if sys.__stderr__ is None or not sys.__stderr__.isatty():
        sys.__stderr__ = open(terminal, "w", encoding="utf-8")  # type: ignore[misc] # noqa: SIM115
    else:
        os.close(terminal)


async def _open_first(workspace: OpenWorkspace, timeline: str | None) -> tuple[Conversation, str, str]:
    """Return the first conversation, a command to run first, and words to say.

    If another window has the timeline open, the command opens it, because the command asks how.
    """
    try:
        conversation, passed = await open_timeline(workspace.timelines, timeline, turns=FIRST_TURNS)
        words = f"{verbatim(passed[0].upper() + passed[1:])}. `/timelines` goes to another." if passed else ""
        return conversation, "", words
    except OpenElsewhere as elsewhere:
        return await workspace.timelines.open(turns=FIRST_TURNS), f"/timelines {elsewhere.timeline}", ""


async def start(
    workspace: OpenWorkspace,
    timeline: str | None = None,
    *,
    prompt: str = "",
    context: str = "",
    pick: bool = False,
    settled: Callable[[], None] = lambda: None,
    stopping: Stopping | None = None,
) -> int:
    """Run the face until the person leaves or a signal ends it. Return the exit code.

    `pick` begins with the list of saved timelines. `settled` is called after the first paint, when most imports are
    done.
    """
    asker = workspace.asker = LateAsker()
    workspace.choices.lasting = True
    conversation, command, words = await _open_first(workspace, timeline)
    ui, ground = workspace.config.ui, Background(workspace.config.ui.theme)
    if ui.theme == AUTO:
        ground = detect(os.environ)
    app = RalphApp(
        workspace,
        conversation,
        registry.Offers("commands"),
        beginning=Beginning(prompt, "/timelines" if pick else command, words, ground.typed),
        context=context,
        theme=ground.theme,
        themes=[workspace.config_file.parent / "themes"],
        written_keys=WrittenKeys(workspace.config_file, ui.keys),
        settled=settled,
        root=workspace.root,
        prompts=workspace.prompts,
        ui=ui,
    )
    asker.face = app
    try:
        return await run_until_stopped(app, app.quit, stopping, app.attention.undo_title)
    finally:
        await app.shell.open_timeline.close()
        _say_farewell(app, saved=workspace.prompts is not None)


def _say_farewell(app: RalphApp, *, saved: bool) -> None:
    """Print how to resume and what the session cost, on the normal screen. The terminal may be gone."""
    conversation = app.shell.conversation
    here = conversation.id if conversation.timeline().turns else ""
    if said := app.shell.cost.farewell(here, saved=saved):
        with contextlib.suppress(OSError, ValueError):
            print(said, flush=True)
