"""A timeline that is opened again: who answered in it, and who will."""

from __future__ import annotations

from dataclasses import replace

from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import ROLES, Play, turn
from tests.tui.see import text, until

BEFORE = f"{ROLES['format']} answered the last turn here"


async def opened(app_of: MakeApp, play: Play, desk: Desk | None = None) -> str:
    """What stands on the screen when everything has been said that is said at the start."""
    settled = list[bool]()
    app = app_of(desk=desk or Desk(play), settled=lambda: settled.append(True))
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: settled)
        await app.workers.wait_for_complete()
        await until(pilot, lambda: True)
        return text(app)


async def test_another_model_than_before_is_told(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "hello"))
    play.roles["format"] = "ollama:llama3.2:3b"
    shown = await opened(make_app, play)
    assert f"{BEFORE}, ollama:llama3.2:3b will answer the next." in shown
    assert f"/model {ROLES['format']} goes back to it." in shown


async def test_the_same_model_says_nothing(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "hello"))
    assert "answered the last turn" not in await opened(make_app, play)


async def test_an_empty_timeline_says_nothing(play: Play, make_app: MakeApp) -> None:
    play.roles["format"] = "builtin:rules"
    assert "answered the last turn" not in await opened(make_app, play)


async def test_a_model_that_cannot_be_had_any_more_is_told_without_a_way_back(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "hello"))
    play.roles["format"] = "ollama:llama3.2:3b"
    desk = Desk(play)
    rows = desk.models.providers()
    desk.models.providers = lambda: tuple(replace(row, configured=False) for row in rows)  # type: ignore[method-assign]
    shown = await opened(make_app, play, desk)
    assert f"{BEFORE}, ollama:llama3.2:3b will answer the next. /provider anthropic says what it needs." in shown
    desk.models.providers = lambda: ()  # type: ignore[method-assign]
    shown = await opened(make_app, play, desk)
    assert f"{BEFORE}, ollama:llama3.2:3b will answer the next." in shown
    assert "goes back" not in shown
    assert "/provider" not in shown.partition(BEFORE)[2]
