"""Every scene in every theme, to be looked at; by hand: `python -m tests.tui.pictures FOLDER [THEME …]`.

`--scenes a,b` and `--sizes 80x24,200x60` draw less.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

# Read by Textual when it is first imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"

from ralph import registry
from ralph.config.paths import find_shipped
from ralph.tui.app import RalphApp
from ralph.tui.themes import theme_files
from tests.tui.play import HandClock, Play, failing_turn, turn
from tests.tui.scenes import FOUND, MARKDOWN, QUESTION, SCENES, Scene, desk_of, steady
from tests.tui.see import settled, until

SIZES = ("80x24", "100x30", "120x40", "200x60")


async def picture(scene: Scene, theme: str, size: tuple[int, int]) -> str:
    clock = HandClock()
    play = Play(clock=clock).past(1, failing_turn(1, "And in French?")).past(2, turn(2, QUESTION, MARKDOWN))
    desk = desk_of(play)
    desk.machine.findings = FOUND
    commands = [registry.load("commands", name) for name in registry.builtin_names("commands")]
    app = RalphApp(desk, play, commands, clock=clock, theme=theme)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: settled(app, 2))
        await until(pilot, lambda: desk.machine.warmed)
        app.prompt.cursor_blink = False
        await scene(pilot, app, play, clock)
        steady(app)
        await pilot.pause(0.2)
        drawn = app.export_screenshot(title=f"ralph · {theme}")
    # After the screen, which would send the next message that waits; and all of them, also those beside.
    for one in desk.timelines.saved.values():
        await one.stop()
    # Without this rsvg-convert drops blanks at the edges of a piece of text.
    return drawn.replace("<text ", '<text xml:space="preserve" ')


async def main(folder: Path, themes: Sequence[str], scenes: str, sizes: Sequence[str]) -> None:
    wanted = [s for s in SCENES if not scenes or s.__name__ in scenes.split(",")]
    for theme in themes or [path.stem for path in theme_files([find_shipped("themes")])]:
        for scene in wanted:
            for size in sizes:
                width, height = (int(part) for part in size.split("x"))
                drawn = await picture(scene, theme, (width, height))
                (folder / f"{theme}-{scene.__name__}-{size}.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    reader = argparse.ArgumentParser("python -m tests.tui.pictures")
    reader.add_argument("folder", type=Path)
    reader.add_argument("themes", nargs="*")
    reader.add_argument("--scenes", default="")
    reader.add_argument("--sizes", default=",".join(SIZES))
    given = reader.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(given.folder, given.themes, given.scenes, given.sizes.split(",")))
