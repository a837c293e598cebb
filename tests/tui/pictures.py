"""The main screens in every theme, to be looked at; by hand: `python -m tests.tui.pictures FOLDER [THEME …]`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

# Read by Textual when it is first imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"

from textual.pilot import Pilot

from ralph import registry
from ralph.config.paths import shipped
from ralph.core.face import Consent
from ralph.tui.app import RalphApp
from ralph.tui.themes import theme_files
from ralph.tui.widgets.consent import ConsentPanel
from tests.tui.play import Desk, Gate, HandClock, Play, failing_turn, turn
from tests.tui.see import settled, text, until, write
from tests.tui.spent import month

SIZES = ((80, 24), (120, 40))
QUESTION = "What is 17 % of 2,340, and how many lines has README.md?"
MARKDOWN = """\
## Running totals

A **generator** with `yield`, as in [the docs](https://docs.python.org/3/):

```python
def accumulate(values, start=0):
    total = start  # what came before
    for value in values:
        yield (total := total + value)
```

| name | calls | cost |
|------|------:|-----:|
| alpha | 12 | 0.031 |
| beta | 7 | 0.120 |

- one
- two
"""
Scene = Callable[[Pilot[int], RalphApp, Play, HandClock], Awaitable[None]]


async def answered(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Turns that are over: an answer in markdown, and one that failed."""


async def running(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The format step streams, and a message waits."""
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    await write(pilot, "Again, please", "enter")
    await until(pilot, lambda: "17 % of 2,340 is 397" in text(app).rpartition("❯")[2])
    await write(pilot, "and thank you", "enter")
    clock.at = 2.8
    await until(pilot, lambda: "0.47s" in text(app))


async def asking(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The question whether a tool may run."""
    consent = Consent("1.3c1", "write_file", {"path": "notes/today.md", "content": "one\ntwo"}, "write")
    app.query_one(ConsentPanel).ask(consent, lambda allowed: None)


async def dashboard(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """What was used and what it cost."""
    app.action_command("/usage model")
    await until(pilot, lambda: len(app.screen_stack) == 2)


async def listed(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """A list to pick from."""
    app.action_command("/model")
    await until(pilot, lambda: len(app.screen_stack) == 2)


async def themes(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The themes, with a turn beside them."""
    app.action_command("/theme")
    await until(pilot, lambda: len(app.screen_stack) == 2)


SCENES: tuple[Scene, ...] = (answered, running, asking, dashboard, listed, themes)


async def picture(scene: Scene, theme: str, size: tuple[int, int]) -> str:
    clock = HandClock()
    play = Play(clock=clock).past(1, failing_turn(1, "And in French?")).past(2, turn(2, QUESTION, MARKDOWN))
    desk = Desk(play)
    desk.rows = month()
    commands = [registry.load("commands", name) for name in registry.builtin_names("commands")]
    app = RalphApp(desk, play, commands, clock=clock, theme=theme)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: settled(app, 2))
        await until(pilot, lambda: desk.warmed)
        await scene(pilot, app, play, clock)
        await pilot.pause(0.2)
        drawn = app.export_screenshot(title=f"ralph · {theme}")
        await play.stop()
        # Without this rsvg-convert drops blanks at the edges of a piece of text.
        return drawn.replace("<text ", '<text xml:space="preserve" ')


async def main(folder: Path, themes: list[str]) -> None:
    for theme in themes or [path.stem for path in theme_files([shipped("themes")])]:
        for scene in SCENES:
            for size in SIZES:
                name = f"{theme}-{scene.__name__}-{size[0]}x{size[1]}.svg"
                (folder / name).write_text(await picture(scene, theme, size), encoding="utf-8")


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
