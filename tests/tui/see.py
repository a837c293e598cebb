"""What a test reads off the screen, and how it waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from textual.pilot import Pilot
from textual.strip import Strip
from textual.style import Style
from textual.widgets import OptionList, Static

from ralph.tui.app import RalphApp
from ralph.tui.brush import Brush
from ralph.tui.themes import own_variables
from ralph.tui.timeline.view import TimelineView
from ralph.tui.widgets.prompt import Prompt

# Only to end a test that hangs; nothing is measured by it.
PATIENCE_S = 60.0


def view(app: RalphApp) -> TimelineView:
    return app.view


def prompt(app: RalphApp) -> Prompt:
    return app.prompt


def hint(app: RalphApp) -> str:
    return app.widgets.hint_line.text


def lines(app: RalphApp) -> list[str]:
    """All lines of the timeline, seen or not, once every height is known."""
    shown = view(app)
    anchor = shown._anchor()
    for index in range(len(shown.model)):
        shown._measure(index)
    shown._after_change(anchor, 0)
    return [shown.line_text(n) for n in range(shown.model.total)]


def text(app: RalphApp) -> str:
    return "\n".join(lines(app))


def screen(app: RalphApp) -> list[str]:
    """The lines of the timeline that are in sight."""
    shown = view(app)
    return [shown.render_line(y).text.rstrip() for y in range(shown.size.height)]


def part(app: RalphApp, name: str) -> str:
    """What a part of the uppermost screen shows."""
    return str(app.screen.query_one(f"#{name}", Static).visual)


def options(app: RalphApp) -> list[str]:
    """The lines of the uppermost screen's list."""
    found = app.screen.query_one(OptionList)
    return [str(found.get_option_at_index(n).prompt) for n in range(found.option_count)]


async def until(pilot: Pilot[int], condition: Callable[[], object], what: str = "") -> None:
    """Wait for a condition, not for a time."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await pilot.pause(0.005)
    await pilot.pause()


async def write(pilot: Pilot[int], words: str, *then: str) -> None:
    """Type a line and press keys."""
    assert isinstance(pilot.app, RalphApp)
    prompt(pilot.app).insert(words)
    await pilot.press(*then)
    await pilot.pause()


async def ask(pilot: Pilot[int], words: str) -> None:
    """Send a message and wait for its turn to be over on the screen."""
    app = pilot.app
    assert isinstance(app, RalphApp)
    before = len(app.conversation.timeline().turns)
    await write(pilot, words, "enter")
    await until(pilot, lambda: settled(app, before + 1))


def settled(app: RalphApp, turns: int) -> bool:
    """So many turns are over, and all of them shown."""
    done = app.conversation.timeline().turns
    return len(done) == turns and not app.conversation.busy and not app.feed.busy


async def quiet(pilot: Pilot[int]) -> None:
    """Until everything around the view has been measured."""
    app = pilot.app
    assert isinstance(app, RalphApp)
    await pilot.pause()
    deadline = time.monotonic() + PATIENCE_S
    while view(app)._idle is not None:
        assert app.is_running, "the app ended while its view was measured"
        assert time.monotonic() < deadline, f"never quiet: {app.animator._animations}"
        await pilot.pause(0.005)
    await pilot.pause()


def brush(*, wraps: bool = False) -> Brush:
    """A brush without a screen."""
    from textual.theme import BUILTIN_THEMES

    theme = BUILTIN_THEMES["textual-dark"]
    variables = {**theme.to_color_system().generate(), **own_variables(theme)}
    return Brush(variables, Style.parse("#e0e0e0 on #121212"), wraps=wraps)


def plain(strips: Iterable[Strip]) -> list[str]:
    return [strip.text.rstrip() for strip in strips]
