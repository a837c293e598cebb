"""The pictures of the README, made anew from the screen itself; by hand: `python -m tests.tui.readme_pictures`."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

# Read by Textual when it is first imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"

from textual.pilot import Pilot

from ralph import registry
from ralph.core.llm.usage import Cost
from ralph.core.log import events as ev
from ralph.tui.app import RalphApp
from tests.tui.play import HandClock, Play, Step, turn
from tests.tui.scenes import QUESTION, desk_of, fallen_turn, models, steady
from tests.tui.see import ask, settled, text, until

DOCS = Path(__file__).parents[2] / "docs"
FRENCH = "17 % de 2 340 font **397,8**. `README.md` a 212 lignes."
Scene = Callable[[Pilot[int], RalphApp, Play, HandClock], Awaitable[None]]


def asked() -> list[Step]:
    """The turn that is shown, with the tools and the words of the real ones."""
    counted = {"action": "count", "path": "README.md"}
    made: list[Step] = []
    for ms, step in turn(1, QUESTION):
        if isinstance(step, ev.ToolRequested) and step.name == "read_file":
            made.append((ms, replace(step, name="files", arguments=counted)))
        elif isinstance(step, ev.ToolFinished) and step.call.endswith("c2"):
            made.append((ms, replace(step, output="README.md has 212 lines.")))
        elif isinstance(step, ev.BlockFinished) and step.block == "1.2":
            data = {**step.data, "tools": ["calculate", "files"], "reason": "a sum and a file"}
            made.append((ms, replace(step, data=data)))
        else:
            made.append((ms, step))
    return made


async def timeline(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Two turns; in the second another model had to answer."""
    play.script = lambda n, p, c: fallen_turn(n, p, FRENCH)
    await ask(pilot, "And in French?")
    await until(pilot, lambda: "ctx 4%" in str(app.widgets.status_bar.render()))


async def waterfall(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Where the time of a turn went, with the cursor on its tool step."""
    await pilot.press("alt+up", "g", "down", "down", "w")
    await until(pilot, lambda: "until the first token" in text(app))


PICTURES: dict[str, tuple[Scene, tuple[int, int]]] = {
    "timeline": (timeline, (124, 22)),
    "waterfall": (waterfall, (124, 20)),
    "models": (models, (124, 22)),
}


async def picture(scene: Scene, size: tuple[int, int]) -> str:
    clock = HandClock()
    play = Play(clock=clock).past(1, asked())
    desk = desk_of(play)
    desk.usage.caps["day"], desk.usage.spent["day"] = 5_000_000_000, Cost(1_200_000_000, "computed")
    commands = [registry.load("commands", name) for name in registry.builtin_names("commands")]
    app = RalphApp(desk, play, commands, clock=clock)
    async with app.run_test(size=size) as pilot:
        await until(
            pilot, lambda: settled(app, 1) and desk.machine.warmed and "today" in str(app.widgets.status_bar.render())
        )
        app.prompt.cursor_blink = False
        await scene(pilot, app, play, clock)
        steady(app)
        await pilot.pause(0.2)
        drawn = app.export_screenshot(title="ralph")
        await play.stop()
    # Fonts from elsewhere are not loaded where a README is shown; blanks at the edges of a piece are to stay.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    return re.sub(r"terminal-\d+-", "terminal-", drawn).replace("<text ", '<text xml:space="preserve" ')


async def main() -> None:
    for name, (scene, size) in PICTURES.items():
        drawn = await picture(scene, size)
        await asyncio.to_thread((DOCS / f"{name}.svg").write_text, drawn, encoding="utf-8")


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    asyncio.run(main())
