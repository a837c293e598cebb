"""The screen of tests: one size, one theme, one time zone, nothing that moves by itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

# Read by Textual when it is first imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.pop("NO_COLOR", None)

import pytest
import textual.highlight  # noqa: F401 - code has its colours at once, whichever test comes first

from ralph import registry
from ralph.tui.app import RalphApp
from ralph.tui.crash_guard import GuardedApp
from ralph.tui.widgets.prompt import Prompt
from tests.tui.desk import Desk
from tests.tui.play import HandClock, Play

MakeApp = Callable[..., RalphApp]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def steady_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Prompt.__init__

    def steady(self: Prompt, *args: Any, **more: Any) -> None:
        made(self, *args, **more)
        self.cursor_blink = False

    monkeypatch.setattr(Prompt, "__init__", steady)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def play(clock: HandClock) -> Play:
    return Play(clock=clock)


@pytest.fixture
def make_app(play: Play, clock: HandClock) -> MakeApp:
    def make(**more: Any) -> RalphApp:
        desk = more.pop("desk", None) or Desk(play)
        commands = [registry.load("commands", name) for name in registry.builtin_names("commands")]
        return RalphApp(desk, more.pop("conversation", play), commands, clock=clock, **more)

    return make


@pytest.fixture(autouse=True)
def rescued(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Exception]]:
    """What would have ended the program; only a test that asks for `mistakes` may have any."""
    caught: list[Exception] = []
    made = GuardedApp.rescue

    def rescue(self: GuardedApp, error: Exception) -> None:
        caught.append(error)
        made(self, error)

    monkeypatch.setattr(GuardedApp, "rescue", rescue)
    yield caught
    if "mistakes" not in request.fixturenames and caught:
        raise caught[0]


@pytest.fixture
def mistakes(rescued: list[Exception]) -> list[Exception]:
    return rescued
