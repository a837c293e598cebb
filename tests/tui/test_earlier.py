"""A long timeline is shown by its end at first; what came before is put in above it, and moves nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from ralph.core.errors import StoreFailure
from ralph.core.llm.usage import Cost
from ralph.core.log import events as ev
from ralph.tui.app import RalphApp
from ralph.tui.timeline.item_scroll import LANGUAGES
from ralph.tui.timeline.targets import target_of
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, Play, turn
from tests.tui.see import lines, quiet, screen, text, until, view, write

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

SIZE = (100, 30)
TURNS = 90
SHOWN = 80


@pytest.fixture
def long(play: Play) -> Play:
    for number in range(1, TURNS + 1):
        play.past(number, turn(number, f"question {number}", f"answer {number}"))
        if number in (30, 85):
            play.emit(0, 0, ev.RolesChanged(dict(play.roles), {**play.roles, "format": f"openai:gpt-{number}"}))
    play.first = SHOWN
    play.reading.clear()
    return play


def numbers(app: RalphApp) -> list[int]:
    """The turns that are shown, in order, each once."""

    def all_() -> Iterator[int]:
        for item in view(app).model.items:
            if (found := target_of(item)) and found.turn:
                yield found.turn

    return list(dict.fromkeys(all_()))


def whole(app: RalphApp) -> str:
    return "\n".join(lines(app))


def top(app: RalphApp) -> str:
    return str(app.widgets.status_bar.render())


async def test_what_came_before_is_put_in_above(long: Play, make_app: MakeApp) -> None:
    desk = Desk(long)
    desk.usage.spent = {"timeline": Cost(380_000_000, "computed")}
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: f"answer {TURNS}" in "".join(screen(app)))
        assert numbers(app) == list(range(SHOWN, TURNS + 1))
        await until(pilot, lambda: "timeline $0.38" in top(app))  # the ledger's sum, before all turns are read
        await quiet(pilot)
        before = screen(app)
        long.reading.set()
        await until(pilot, lambda: numbers(app) == list(range(1, TURNS + 1)))
        await quiet(pilot)
        assert screen(app) == before
        assert "timeline $0.38" in top(app)
        all_ = whole(app)
        assert all_.index("answer 30") < all_.index("openai:gpt-30") < all_.index("question 31")
        assert all_.index("answer 85") < all_.index("openai:gpt-85") < all_.index("question 86")
        assert all_.count("openai:gpt-") == 2


async def test_the_line_under_the_readers_eye_stays(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: f"answer {TURNS}" in "".join(screen(app)))
        await pilot.press("pageup", "pageup")
        await quiet(pilot)
        await quiet(pilot)
        before = screen(app)
        long.reading.set()
        await until(pilot, lambda: numbers(app) == list(range(1, TURNS + 1)))
        await quiet(pilot)
        assert screen(app) == before


async def test_a_turn_may_run_meanwhile(long: Play, make_app: MakeApp) -> None:
    gate = Gate()
    long.script = lambda n, p, c: turn(n, p, "a late answer", gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "and now?", "enter")
        await until(pilot, lambda: "and now?" in text(app))
        long.reading.set()
        await until(pilot, lambda: numbers(app) == list(range(1, TURNS + 2)))
        gate.opened.set()
        await until(pilot, lambda: not long.busy and "a late answer" in text(app))
        assert whole(app).count("and now?") == 1
        assert whole(app).rindex("question 90") < whole(app).index("and now?")


async def test_another_timeline_meanwhile_gets_nothing_of_it(long: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: f"answer {TURNS}" in "".join(screen(app)))
        await app.controllers.switch.open(None)
        long.reading.set()
        await quiet(pilot)
        assert "answer" not in whole(app)


async def test_what_cannot_be_read_is_told_at_the_top_and_can_be_tried_again(
    long: Play, make_app: MakeApp, mistakes: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable() -> None:
        raise StoreFailure("the disk is gone")

    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        with monkeypatch.context() as patch:
            patch.setattr(long, "whole", unreadable)
            await until(pilot, lambda: f"Everything before turn {SHOWN} is missing here" in lines(app)[1])
            with pytest.raises(StoreFailure):
                await app.feed.earlier()
            assert whole(app).count("could not be read") == 1
        long.reading.set()
        assert await app.feed.earlier()
        assert numbers(app) == list(range(1, TURNS + 1))
        assert "could not be read" not in whole(app)


async def test_work_between_turns_that_was_over_long_ago_stays_where_it_is(play: Play, make_app: MakeApp) -> None:
    for number in range(1, 31):
        play.past(number, turn(number, f"question {number}"))
        if number == 5:
            play.emit(0, 0, ev.BlockStarted("0.1", "summarise"), 5.5)
            play.emit(0, 1, ev.BlockFinished("0.1", "ok", text="the first five"), 5.6)
    play.first = 20
    play.reading.clear()
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "question 30" in text(app))
        play.update_timeline(title="another title")
        play.emit(0, 0, ev.BlockStarted("0.2", "summarise"))  # by a clock that was set back meanwhile
        play.emit(0, 9, ev.BlockFinished("0.2", "ok", text="the rest"))
        await until(pilot, lambda: "summarise" in text(app))
        assert whole(app).count("≡ summarise") == 1
        assert whole(app).index("question 30") < whole(app).index("≡ summarise")
        play.reading.set()
        await until(pilot, lambda: numbers(app) == list(range(1, 31)))
        all_ = whole(app)
        assert all_.count("≡ summarise") == 2
        assert all_.index("question 5 ") < all_.index("≡ summarise") < all_.index("question 6 ")


async def test_work_that_runs_when_a_timeline_is_opened(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "question"))
    play.emit(0, 0, ev.BlockStarted("0.1", "summarise"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "≡ summarise" in text(app))
        play.emit(0, 9, ev.BlockFinished("0.1", "ok", text="all of it"))
        await until(pilot, lambda: "✓" in next(line for line in lines(app) if "≡ summarise" in line))
        assert whole(app).count("≡ summarise") == 1


async def test_code_of_the_first_paint_is_coloured_a_moment_later(
    play: Play, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.past(1, turn(1, "how?", "```python\ndef f():\n    return 1\n```"))
    monkeypatch.delitem(sys.modules, LANGUAGES)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        row = next(n for n, line in enumerate(screen(app)) if "def f():" in line)

        def inks() -> int:
            return len({s.style.color for s in view(app).render_line(row) if s.style and s.text.strip()})

        assert inks() == 1
        await until(pilot, lambda: inks() > 1)
