"""Replay on the screen: the same rows at the same times, and every key that moves it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

from ralph.commands._dispatch import run
from ralph.core.log.envelope import Envelope
from ralph.session.timetable import timetable
from ralph.tui.app import RalphApp
from ralph.tui.replay import ReplayApp
from ralph.tui.screens.replay import ReplayScreen
from ralph.tui.widgets.scrubber import cell, length, track
from ralph.tui.widgets.status import KeyLine
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import ANSWER, HandClock, Play, turn
from tests.tui.recorded import recorded
from tests.tui.see import hint, text, until, write
from tests.tui.test_commands import Listening

SIZE = (110, 30)
# A turn of `play` with tools is over at 3134 ms: route until 411, tool until 2332, text from 2853 on.
TURN_MS = 3134.0


def log(turns: int = 3) -> list[Envelope]:
    return recorded(*(turn(n, f"question {n}") for n in range(1, turns + 1)))


def make(clock: HandClock, envelopes: Sequence[Envelope] | None = None, **more: Any) -> ReplayApp:
    more.setdefault("idle_cap_s", 3.0)
    return ReplayApp("k3f9w2m7qd", log() if envelopes is None else envelopes, clock=clock, **more)


def playing(pilot: Pilot[int]) -> ReplayScreen:
    found = pilot.app.screen
    assert isinstance(found, ReplayScreen)
    return found


def rows(pilot: Pilot[int]) -> list[str]:
    view = playing(pilot).view
    return [view.line_text(n) for n in range(view.model.total)]


def row(pilot: Pilot[int], name: str) -> str:
    return next((r for r in rows(pilot) if f" {name} " in r), "")


def words(pilot: Pilot[int]) -> str:
    return playing(pilot).scrubber.text


async def opened(pilot: Pilot[int]) -> ReplayScreen:
    await until(pilot, lambda: isinstance(pilot.app.screen, ReplayScreen) and pilot.app.screen.is_mounted)
    await until(pilot, lambda: rows(pilot))
    return playing(pilot)


async def at(pilot: Pilot[int], clock: HandClock, seconds: float) -> None:
    """Let the clock of the person come to this, and the screen with it."""
    clock.at = seconds
    made = playing(pilot)
    await until(pilot, lambda: not made.player.playing or abs(made.player._at - seconds) < 1e-6)
    await until(pilot, lambda: not made.feed._sink.waiting)


async def test_rows_fill_up_and_numbers_count_as_they_did(clock: HandClock) -> None:
    async with make(clock).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await at(pilot, clock, 0.2)
        await until(pilot, lambda: "0.20s" in row(pilot, "route"))
        assert "running" in row(pilot, "route")
        assert "question 1" in rows(pilot)[1]
        assert not row(pilot, "tool")
        await at(pilot, clock, 1.0)
        await until(pilot, lambda: "0.59s" in row(pilot, "tool"))
        assert "✓ ok  calculate, read_file" in row(pilot, "route")
        assert "212↑ 31↓" in row(pilot, "route")
        await at(pilot, clock, 2.855)
        await until(pilot, lambda: any("17 % of" in r for r in rows(pilot)))
        assert not any("212 lines" in r for r in rows(pilot))
        assert re.search(r"running +0\.52s", row(pilot, "format"))
        await at(pilot, clock, TURN_MS / 1000)
        await until(pilot, lambda: rows(pilot)[-1] == "   ─ 3.13s · 1,752↑ (900 cached) 187↓ · $0.0042")
        assert "turn 1 of 3" in words(pilot)


async def test_at_the_end_it_is_what_the_timeline_shows(play: Play, clock: HandClock, make_app: MakeApp) -> None:
    for n in range(1, 4):
        play.past(n, turn(n, f"question {n}"))
    app = make_app()
    async with app.run_test(size=SIZE):
        whole = text(app)
    envelopes = [replace(e, at=play.events[0].at) for e in log()]
    async with make(clock, envelopes, speed=None).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await until(pilot, lambda: "at the end" in words(pilot) and not playing(pilot).feed.busy)
        stamps = re.compile(r"\d\d:\d\d:\d\d")
        assert stamps.sub("", "\n".join(rows(pilot))) == stamps.sub("", whole)


async def test_pause_holds_everything_and_goes_on(clock: HandClock) -> None:
    async with make(clock).run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        await at(pilot, clock, 1.0)
        await pilot.press("space")
        await until(pilot, lambda: "paused" in words(pilot))
        shown = rows(pilot)
        clock.at = 60.0
        await pilot.pause(0.3)
        assert rows(pilot) == shown
        assert not made._ticker._active.is_set()
        assert not made.feed._pulse._active.is_set()
        await pilot.press("space")
        await at(pilot, clock, 60.5)
        await until(pilot, lambda: "1.09s" in row(pilot, "tool"))


async def test_a_step_goes_to_the_end_of_the_next_block(clock: HandClock) -> None:
    async with make(clock).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press(".")
        await until(pilot, lambda: "✓ ok" in row(pilot, "route"))
        assert "paused" in words(pilot)
        await pilot.press(".")
        await until(pilot, lambda: "✓ ok" in row(pilot, "tool"))
        assert not row(pilot, "format")
        await pilot.press(".")
        await until(pilot, lambda: "─ 3.13s" in rows(pilot)[-1])
        await pilot.press(".")
        await until(pilot, lambda: any("question 2" in r for r in rows(pilot)))
        await pilot.press(",", ",")
        await until(pilot, lambda: "✓ ok" in row(pilot, "tool") and not row(pilot, "format"))
        assert not any("question 2" in r for r in rows(pilot))


async def test_every_key_goes_where_it_says(clock: HandClock) -> None:
    async with make(clock).run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        player, marks = made.player, [m.at for m in made.player.table.marks]
        await pilot.press("space")
        for key, position in (
            ("]", marks[1]), ("]", marks[2]), ("]", player.table.length), ("[", marks[2]), ("[", marks[1]),
            ("right", marks[1] + 5000), ("left", marks[1]), ("5", player.table.length / 2), ("0", 0.0),
            ("end", player.table.length), ("home", 0.0), ("left", 0.0), ("9", player.table.length * 0.9),
        ):  # fmt: skip
            await pilot.press(key)
            assert player.position == pytest.approx(position), key
            assert not player.playing
            number = player.turn
            await until(pilot, lambda n=number: any(f"question {n}" in r for r in rows(pilot)), key)
            assert not any(f"question {number + 1}" in r for r in rows(pilot))


async def test_the_end_is_reached_to_the_last_bit(clock: HandClock) -> None:
    """For one length in sixteen, ten of its tenths are a little less than all of it: it stood there as if it played."""
    events = log(1)
    longer = ([*events[:-1], replace(events[-1], ms=events[-1].ms + n * 1.001)] for n in range(5000))
    made = next(e for e in longer if (whole := timetable(e).length) * 10 / 10 < whole)
    async with make(clock, made).run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.press("end")
        await until(pilot, lambda: screen.player.ended)


async def test_speeds(clock: HandClock) -> None:
    async with make(clock).run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        await pilot.press("+", "=")
        assert "playing 4×" in words(pilot)
        await at(pilot, clock, 0.1)
        assert made.player.position == pytest.approx(400)
        for _ in range(20):
            await pilot.press("-")
        assert "playing 0.25×" in words(pilot)
        await pilot.press("space")
        for _ in range(20):
            await pilot.press("+")
        assert "paused as fast as possible" in words(pilot)


async def test_long_waits_are_cut_and_told_and_can_be_had_in_full(clock: HandClock) -> None:
    slow = [(ms + 42_000 if ms >= 2853 else ms, step) for ms, step in turn(1, "slow")]
    async with make(clock, recorded(slow)).run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        await at(pilot, clock, 3.0)
        assert "a wait of 42.5s, shown in 3.00s" in words(pilot)
        await pilot.press("space")
        ms = made.player.turn_ms
        assert ms > 10_000
        await pilot.press("i")
        assert "waits in full" in words(pilot)
        assert made.player.turn_ms == pytest.approx(ms)
        assert made.player.table.length == pytest.approx(TURN_MS + 42_000)
        await pilot.press("i", "home")
        assert "waits cut to 3 s, 39.5s left out" in words(pilot)


async def test_a_click_and_a_drag_on_the_line_go_there(clock: HandClock) -> None:
    async with make(clock).run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        await pilot.press("space")
        await pilot.click(made.scrubber, offset=(1 + (SIZE[0] - 3) // 2, 0))
        assert made.player.position == pytest.approx(made.player.table.length / 2, rel=0.02)
        await pilot.mouse_down(made.scrubber, offset=(1, 0))
        await pilot.hover(made.scrubber, offset=(SIZE[0] - 2, 0))
        await pilot.mouse_up(made.scrubber, offset=(SIZE[0] - 2, 0))
        await until(pilot, lambda: "at the end" in words(pilot))
        await pilot.click(made.scrubber, offset=(5, 1))
        assert made.player.ended


async def test_a_reader_keeps_the_place(clock: HandClock) -> None:
    envelopes = log(20)
    async with make(clock, envelopes).run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        await pilot.press("space", "9")
        await until(pilot, lambda: made.view.scroll_y > 0)
        await pilot.press("pageup", "pageup", "up")
        await until(pilot, lambda: "below" in words(pilot))
        seen = [made.view.line_text(int(made.view.scroll_y) + y) for y in range(10)]
        for key in ("]", "left", "."):
            await pilot.press(key)
            await until(pilot, lambda: not made.feed._sink.waiting)
            assert [made.view.line_text(int(made.view.scroll_y) + y) for y in range(10)] == seen, key
        await pilot.press("0")
        await until(pilot, lambda: any("question 1" in r for r in rows(pilot)))
        assert made.view.scroll_y <= made.view.max_scroll_y


async def test_another_size_in_the_middle(clock: HandClock) -> None:
    async with make(clock).run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        await at(pilot, clock, 2.9)
        await until(pilot, lambda: any("17 % of" in r for r in rows(pilot)))
        await pilot.resize_terminal(50, 16)
        await until(pilot, lambda: made.view.size.width == 50)
        assert len(made.scrubber.render().plain.split("\n")[0]) == 49
        await at(pilot, clock, 4.0)
        await until(pilot, lambda: "question 2" in "".join(rows(pilot)))
        assert ANSWER.replace("*", "").replace("`", "") in " ".join(" ".join(rows(pilot)).split())
        assert max(len(r) for r in rows(pilot)) <= 50


async def test_details_and_thinking(clock: HandClock) -> None:
    async with make(clock, recorded(turn(1, "hm", thinking="let me see"))).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("end")
        await until(pilot, lambda: row(pilot, "format"))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "let me see" in "\n".join(rows(pilot)))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "attempt 1.4a1" in "\n".join(rows(pilot)))


async def test_from_the_command_line_it_begins_at_a_turn_and_its_end_is_the_program_s(clock: HandClock) -> None:
    app = make(clock, turn=2)
    async with app.run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        assert made.player.position == made.player.table.marks[1].at
        await until(pilot, lambda: any("question 2" in r for r in rows(pilot)))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert app.return_value == 0


@pytest.mark.parametrize("key", ["q", "escape", "ctrl+c"])
async def test_from_a_timeline_it_leads_back_there(key: str, play: Play, clock: HandClock, make_app: MakeApp) -> None:
    play.past(1, turn(1, "here"))
    desk = Desk(play)
    desk.timelines.recordings["saved00000"] = recorded(turn(1, "elsewhere"), name="saved00000")
    app: RalphApp = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/replay saved00000", "enter")
        await opened(pilot)
        await pilot.press("end")
        await until(pilot, lambda: any("elsewhere" in r for r in rows(pilot)))
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, ReplayScreen))
        assert app.focused is app.prompt
        assert "here" in text(app)
        assert "elsewhere" not in text(app)
        assert play.submitted == []
        await write(pilot, "/replay", "enter")
        await opened(pilot)
        assert playing(pilot).replay.id == play.id


async def test_a_key_can_be_mapped_anew_and_the_line_of_keys_says_so(clock: HandClock) -> None:
    app = make(clock)
    app.set_keymap({"replay.play": "p"})
    async with app.run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        await pilot.press("space")
        assert "playing" in words(pilot)
        await pilot.press("p")
        assert "paused" in words(pilot)
        shown = made.query_one(KeyLine).render().plain
        assert shown.startswith(" p play, pause · . next block · q leave · [ ] turn · ← → 5 s · + - speed")


async def test_what_cannot_be_replayed_is_said(play: Play) -> None:
    face = Listening(Desk(play), play)
    await run("/replay", face)
    assert "nothing to replay yet" in face.said[-1]
    await run("/replay nope", face)
    assert face.said[-1] == "✗ there is no timeline 'nope'"
    await run("/replay one two", face)
    assert face.said[-1].startswith("✗ ")
    play.past(1, turn(1, "here"))
    await run("/replay", face)
    assert "--plain" in face.said[-1]
    face.workspace.timelines.saved.clear()
    await run("/replay", face)
    assert "not saved" in face.said[-1]


async def test_a_long_timeline_is_sought_through_quickly(clock: HandClock) -> None:
    """No seek looks at what was before it more than once: the work of 40 seeks is a small multiple of one reading."""
    envelopes = recorded(*(turn(n, f"question {n}") for n in range(1, 301)))
    assert len(envelopes) > 9000
    async with make(clock, envelopes).run_test(size=SIZE) as pilot:
        made = await opened(pilot)
        await pilot.press("space")
        for key in "9182736450":
            await pilot.press(key)
            number = made.player.turn
            await until(pilot, lambda n=number: any(f"question {n}" in r for r in rows(pilot)))
        assert made.player.position == 0.0


def test_the_bindings_have_ids_of_their_own() -> None:
    ids = [b.id for b in ReplayScreen.BINDINGS if isinstance(b, Binding)]
    assert all(ids)
    assert len(set(ids)) == len(ids) == len(ReplayScreen.BINDINGS)


def test_the_track_fits_its_width_and_marks_turns() -> None:
    for width in range(1, 60):
        for part in (0.0, 0.3, 1.0):
            played, head, ahead = track(part, (0.0, 0.5), width)
            assert len(played + head + ahead) == width
            assert len(played) == cell(part, width)
    assert track(0.5, (0.0, 1.0), 5) == ("┿━", "●", "─┼")
    assert track(0.5, (), 0) == ("", "", "")
    assert [length(ms) for ms in (0, 42_000, 61_000, 3_785_000)] == ["0:00", "0:42", "1:01", "1:03:05"]


def test_the_screen(clock: HandClock, snap_compare: Any) -> None:
    """In the middle of an answer, two turns ahead."""

    async def show(pilot: Pilot[int]) -> None:
        await opened(pilot)
        await at(pilot, clock, 2.857)
        await pilot.press("space")
        await until(pilot, lambda: "paused" in words(pilot))
        playing(pilot).feed._frame = 0
        playing(pilot).feed._show()

    assert snap_compare(make(clock), terminal_size=SIZE, run_before=show)


async def test_lines_below_are_told_of_the_replay_only(play: Play, make_app: MakeApp) -> None:
    long = "\n\n".join(f"paragraph {n}" for n in range(60))
    play.past(1, turn(1, "one", long))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/replay", "enter")
        await until(pilot, lambda: isinstance(app.screen, ReplayScreen))
        await pilot.press("end")
        await until(pilot, lambda: "paragraph 59" in "".join(rows(pilot)))
        await pilot.press("pageup", "pageup")
        await until(pilot, lambda: "lines below" in str(playing(pilot).scrubber.render()))
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(app.screen, ReplayScreen))
        await pilot.pause()
        assert app.view.follow
        assert "below" not in hint(app)
