"""What was a long card over the conversation is a screen: the keys, the providers, the costs of a single day."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from ralph.core.errors import Kind
from ralph.tui.app import RalphApp
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play, failing_turn, turn
from tests.tui.see import ask, lines, part, text, until, write
from tests.tui.spent import month

NO_MODEL = "this question needs a model, and none is connected\nwithout a model there are sums\n  export A_KEY=…; ralph"


def screen_text(app: RalphApp) -> str:
    return part(app, "help-text")


async def test_the_keys_are_a_screen(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Connected:" in text(app))
        before = lines(app)
        await write(pilot, "/keys", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2 and "turn.stop" in screen_text(app))
        assert "On the screen" in screen_text(app)
        await pilot.press(*"clipb")
        await until(pilot, lambda: "turn.stop" not in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert lines(app) == before
        await write(pilot, "/keys stop", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert app.screen.query_one(Input).value == "stop"


async def test_the_providers_are_a_screen_and_one_of_them_is_words(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Connected:" in text(app))
        before = lines(app)
        await write(pilot, "/provider", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2 and "Not connected" in screen_text(app))
        connected, _, others = screen_text(app).partition("– Not connected")
        assert "used for tool, format" in connected
        assert "/connect openai, or export OPENAI_API_KEY=…" in others
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert lines(app) == before
        await write(pilot, "/provider ollama", "enter")
        await until(pilot, lambda: "runs on this machine" in text(app))


@pytest.mark.parametrize(("days", "tab"), [(1, "[o model]"), (20, "[d day]")])
async def test_the_costs_begin_with_the_models_where_there_is_one_day(
    days: int, tab: str, play: Play, make_app: MakeApp
) -> None:
    desk = Desk(play)
    kept = sorted({row["day"] for row in month()})[:days]
    desk.usage.rows = [row for row in month() if row["day"] in kept]
    app = make_app(desk=desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await write(pilot, "/usage", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2 and "requests" in part(app, "usage-columns"))
        assert tab in part(app, "usage-tabs")
        assert bool(part(app, "usage-days")) == (days > 1)
        await pilot.press("d")
        await until(pilot, lambda: "[d day]" in part(app, "usage-tabs"))


@pytest.mark.parametrize("width", [80, 120])
async def test_without_a_model_the_way_out_is_said_once(width: int, play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: failing_turn(n, p, Kind.NO_MODEL, NO_MODEL)
    app = make_app()
    async with app.run_test(size=(width, 40)) as pilot:
        await ask(pilot, "why is the sky blue?")
        await until(pilot, lambda: "No model is connected." in text(app))
        said = [line for line in lines(app) if line.startswith("   │ ")]
        assert len(said) == 3
        assert "/connect" in said[1]
        assert "restart" not in said[1].replace("no restart", "")
        assert said[2].endswith("/provider lists every way to connect a model.")
        assert [line.strip() for line in lines(app) if "▌" in line] == [
            "▌ this question needs a model, and none is connected (no_model)"
        ]
        await ask(pilot, "and the sea?")
        await until(pilot, lambda: text(app).count("(no_model)") == 2)
        assert text(app).count("No model is connected.") == 1
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "export A_KEY=…; ralph" in text(app))


async def test_an_answer_gives_no_hint(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "hello")
        assert "No model is connected" not in text(app)
