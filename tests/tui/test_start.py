"""Starting: the conversation is opened with somebody to ask, and closed whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.config.settings import Config
from ralph.core.ports.face import Asker, Consent
from ralph.tui.app import RalphApp
from ralph.tui.start import LateAsker, start
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play
from tests.tui.see import until


class Space(Desk):
    """A workspace as `assembly` makes it."""

    config = Config()
    config_file = Path("/nowhere/config.yaml")
    asker: Asker | None = None
    root = Path()
    prompts = None


async def test_nobody_to_ask_is_a_no() -> None:
    assert (await LateAsker().allow(Consent("1.3c1", "run"))).allowed is False


async def test_the_screen_is_asked_once_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = Play("saved00000")
    space = Space(saved)
    asked: list[str] = []

    async def allow(self: RalphApp, consent: Consent) -> bool:
        asked.append(consent.name)
        return True

    async def run(self: RalphApp) -> int:
        assert space.asker is not None
        assert await space.asker.allow(Consent("1.3c1", "write_file"))
        assert {c.name for c in self.commands} >= {"help", "model", "new", "provider", "quit", "timelines"}
        return 3

    monkeypatch.setattr(RalphApp, "allow", allow)
    monkeypatch.setattr(RalphApp, "run_async", run)
    assert await start(space, "saved00000") == 3
    assert asked == ["write_file"]
    assert saved.closed


async def test_the_conversation_is_closed_also_after_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = Play("saved00000")

    async def run(self: RalphApp) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(RalphApp, "run_async", run)
    with pytest.raises(ZeroDivisionError):
        await start(Space(saved), "saved00000")
    assert saved.closed


async def test_a_rule_for_a_tool_that_is_not_there_is_told(make_app: MakeApp, play: Play) -> None:
    desk = Desk(play)
    desk.tools.unknown_rules = ("tools.ask: there is no tool 'calcluate'; did you mean calculate?",)
    app = make_app(desk=desk)
    async with app.run_test(notifications=True) as pilot:
        await until(pilot, lambda: [n.message for n in app._notifications] == list(desk.tools.unknown_rules))
