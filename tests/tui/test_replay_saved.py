"""Replay of what a real turn has stored: nothing is written, nothing is asked, and it is what there was."""

from __future__ import annotations

import hashlib
import io
import re
import sqlite3
from pathlib import Path

from ralph.assembly.workspace import workspace
from ralph.config.paths import database
from ralph.headless.saved import play, show
from ralph.tui.replay import ReplayApp
from ralph.tui.screens.replay import ReplayScreen
from tests.frozen import FrozenClock
from tests.headless.ask import Home, home_on
from tests.tui.see import until
from tests.wires.script import Reply
from tests.wires.server import Server

CALLS = ({"name": "calculate", "arguments": {"expression": "17% of 2340"}},)


def state(home: Path) -> tuple[str, list[str]]:
    """The bytes of the database file, and all that is in it; what SQLite keeps beside it is empty or gone."""
    path = database({"RALPH_DATA_DIR": str(home)})
    wal = path.with_name(f"{path.name}-wal")
    assert not wal.exists() or not wal.stat().st_size
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    dumped = list(connection.iterdump())
    connection.close()
    return hashlib.sha256(path.read_bytes()).hexdigest(), dumped


async def talked(home: Home, server: Server) -> None:
    usage = {"input": 50, "output": 9}
    server.will(Reply(calls=CALLS, usage=usage), Reply(text=("It is ", "397.8."), usage=usage))
    server.will(Reply(text=("You are ", "welcome."), usage=usage))
    assert (await home.ask("what is 17% of 2340?")).code == 0
    assert (await home.ask("well, thank you for that", timeline="last")).code == 0


async def test_nothing_is_written_and_nothing_is_asked(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "anthropic", server.url)
        await talked(home, server)
        before, asked = state(tmp_path), len(server.requests)
        assert asked >= 3
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            shown, plain = io.StringIO(), io.StringIO()
            assert await show(space.store, "last", shown) == 0
            assert await play(space.store, "last", plain, speed=None) == 0
            assert plain.getvalue() == shown.getvalue()
            events = await space.timelines.read_events("last")
            clock = FrozenClock()
            app = ReplayApp(events[-1].timeline, events, clock=clock)
            async with app.run_test(size=(110, 30)) as pilot:
                await until(pilot, lambda: isinstance(app.screen, ReplayScreen) and app.screen.is_mounted)
                made = app.screen
                assert isinstance(made, ReplayScreen)
                await pilot.press("end")
                await until(pilot, lambda: made.player.ended and not made.feed._sink.waiting)
                lines = [made.view.line_text(n) for n in range(made.view.model.total)]
                for key in ("0", "space", "+", ".", "]", "[", "5", "i", "right", "end"):
                    await pilot.press(key)
                await until(pilot, lambda: made.player.ended and not made.feed._sink.waiting)
                assert [made.view.line_text(n) for n in range(made.view.model.total)] == lines
                await pilot.press("q")
                await until(pilot, lambda: not app.is_running)
            assert "   It is 397.8." in lines
            assert "   You are welcome." in lines
        assert state(tmp_path) == before
        assert len(server.requests) == asked


async def test_one_turn_can_be_played_with_waits_cut_short(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "anthropic", server.url)
        await talked(home, server)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            plain = io.StringIO()
            assert await play(space.store, "last", plain, speed=1000.0, turn=2, idle_cap_s=0.0) == 0
            assert re.findall(r"❯ (.*?)   \[2", plain.getvalue()) == ["well, thank you for that"]
            assert "You are welcome." in plain.getvalue()
            assert "397.8" not in plain.getvalue()
