"""The face of `ralph replay`: it shows one replay and then ends. It opens no conversation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

from textual.binding import Binding

from ralph.config.paths import find_shipped
from ralph.config.settings import Config
from ralph.core.clock import Clock, SystemClock
from ralph.core.errors import NotFound
from ralph.core.log.envelope import Envelope
from ralph.core.ports.stopping import Stopping
from ralph.core.ports.workspace import Workspace
from ralph.tui.screens.replay import ReplayScreen
from ralph.tui.terminal import run_until_stopped
from ralph.tui.terminal_background import AUTO, detect
from ralph.tui.themed import ThemedApp
from ralph.tui.themes import HOUSE


class ReplayApp(ThemedApp):
    """An app that shows a `ReplayScreen`, and exits when the person leaves that screen."""

    CSS_PATH = "app.tcss"
    TITLE = "ralph replay"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = [Binding("ctrl+z", "suspend_process", show=False, priority=True)]

    def __init__(
        self,
        timeline: str,
        envelopes: Sequence[Envelope],
        *,
        speed: float | None = 1.0,
        turn: int | None = None,
        idle_cap_s: float | None = None,
        theme: str = HOUSE,
        themes: Sequence[Path] = (),
        clock: Clock | None = None,
        screen: type[ReplayScreen] = ReplayScreen,
    ) -> None:
        super().__init__(find_shipped("themes"), themes, theme)
        self.clock = clock or SystemClock()
        self._shown = screen(timeline, envelopes, self.clock, speed=speed, turn=turn, idle_cap_s=idle_cap_s)

    def on_mount(self) -> None:
        self.push_screen(self._shown, lambda _: self.exit(0))

    async def action_quit(self) -> None:
        self.exit(0)


class ReplayWorkspace(Workspace, Protocol):
    """A workspace with the settings."""

    config: Config
    config_file: Path


async def play(
    workspace: ReplayWorkspace,
    name: str,
    *,
    speed: float | None,
    turn: int | None,
    idle_cap_s: float | None,
    stopping: Stopping | None = None,
) -> int:
    """Play a saved timeline until the person leaves. Return the exit code. Raise `NotFound`."""
    envelopes = await workspace.timelines.read_events(name)
    turns = {e.turn for e in envelopes if e.turn}
    timeline = envelopes[-1].timeline
    if not turns:
        raise NotFound(f"timeline {timeline} has no turns to play")
    if turn is not None and turn not in turns:
        raise NotFound(f"timeline {timeline} has no turn {turn}")
    return await _run(workspace, timeline, envelopes, stopping, speed=speed, turn=turn, idle_cap_s=idle_cap_s)


async def play_demo(
    workspace: ReplayWorkspace, envelopes: Sequence[Envelope], *, speed: float | None, stopping: Stopping | None = None
) -> bool:
    """Play the shipped timeline. Return whether the person then wants a prompt."""
    from ralph.tui.screens.demo import PROMPT, DemoScreen

    code = await _run(workspace, envelopes[-1].timeline, envelopes, stopping, speed=speed, screen=DemoScreen)
    return code == PROMPT


async def _run(
    workspace: ReplayWorkspace,
    timeline: str,
    envelopes: Sequence[Envelope],
    stopping: Stopping | None,
    **how: Any,
) -> int:
    wanted = workspace.config.ui.theme
    theme = detect(os.environ).theme if wanted == AUTO else wanted
    app = ReplayApp(timeline, envelopes, theme=theme, themes=[workspace.config_file.parent / "themes"], **how)
    return await run_until_stopped(app, app.exit, stopping)
