"""The waterfall: three lanes on one axis, phases told apart by glyphs, growing while the turn runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.turns import Turn, fold_turn
from ralph.tui.app import RalphApp
from ralph.tui.timeline.block_view import MARK
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.waterfall import LANES, PHASES, WaterfallDrawing, axis, bars, legend, paint
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, HandClock, Play, Step, turn
from tests.tui.see import ask, brush, lines, plain, screen, settled, text, until, view, write


def folded(steps: list[Step]) -> Turn:
    events = [(ms, s) for ms, s in steps if not isinstance(s, Gate) and hasattr(s, "type")]
    return fold_turn(Envelope("t", n, 1, "2026-11-20T14:02:11Z", ms, s) for n, (ms, s) in enumerate(events, 1))  # type: ignore[arg-type]


def drawn(made: Turn, width: int = 100, now: float | None = None, first: dict[str, float] | None = None) -> list[str]:
    return plain(WaterfallDrawing(1).of(made, FoldState(True), now, first).draw(brush(), width))


def phased(steps: list[Step], **phases: float) -> list[Step]:
    """With these phases in the format step's request."""
    return [
        (ms, replace(s, phases=phases) if isinstance(s, ev.AttemptFinished) and s.attempt == "1.4a1" else s)
        for ms, s in steps
    ]


def test_three_lanes_share_one_axis_with_its_scale() -> None:
    shown = drawn(folded(turn(1, "q")))
    assert [row[5:11].strip() for row in shown[:5]] == ["route", "tool", "", "", "format"]
    assert [row[12:22].strip() for row in shown[1:4]] == ["1 claude-s", "calculate", "read_file"]
    starts = [min(row.index(g) for g in "░▒█" if g in row[30:]) for row in shown[:5]]
    assert starts == sorted(starts)
    assert all(mark in shown[5] for mark in ("╵0s", "╵1s", "╵2s", "╵3s"))
    assert shown[6].strip() == "░ until the first token · █ writes · ▒ tool runs · ▸ first token"


@pytest.mark.parametrize("width", [70, 78, 118])
def test_names_of_models_are_whole_where_there_is_room(width: int) -> None:
    shown = drawn(folded(turn(1, "q")), width)
    assert "1 claude-haiku-4-5  ░" in shown[0]
    assert "1 claude-sonnet-5-5 " in shown[4]


def test_phases_of_a_request_have_glyphs_and_words() -> None:
    steps = phased(turn(1, "q"), retry=300.0, limited=200.0, connect=200.0, first_token=320.0, decode=280.0)
    shown = drawn(folded(steps), 160)
    row = next(r for r in shown if "format" in r)
    assert all(glyph in row[40:] for glyph in "~:-░▸█")
    places = [row.index(glyph, 40) for glyph in "~:-░▸"]
    assert places == sorted(places)
    words = " ".join(shown[-2:])
    assert "~ waits to try again 0.30s · : rate limited 0.20s" in words
    assert "- connects" in words


def test_a_failed_request_and_a_denied_call_say_so() -> None:
    steps: list[Step] = []
    for ms, s in turn(1, "q"):
        changed: Any = s
        if isinstance(s, ev.AttemptFinished) and s.attempt == "1.4a1":
            changed = replace(s, outcome="failed")
        if isinstance(s, ev.ToolFinished):
            changed = replace(s, status="denied")
        steps.append((ms, changed))
    shown = "\n".join(drawn(folded(steps), 140))
    assert "1 failed claude-s" in shown
    assert "denied calculate" in shown


def test_a_skipped_step_has_an_empty_lane() -> None:
    shown = drawn(folded(turn(1, "q", tools=False)))
    assert shown[1].split() == ["tool", "nothing", "to", "do"]


@pytest.mark.parametrize("width", [30, 40, 60, 78, 120, 200])
def test_it_fits(width: int) -> None:
    strips = WaterfallDrawing(1).of(folded(turn(1, "q")), FoldState(True)).draw(brush(), width)
    assert all(strip.cell_length <= width for strip in strips)


def test_what_runs_grows_to_now() -> None:
    steps = turn(1, "q")
    part = [s for s in steps if s[0] <= 2333]
    started = folded(part)
    waiting = bars(started, 2500, {})[2][1][0]
    assert waiting.open
    assert [(p.name, p.start, p.end) for p in waiting.phases] == [("first_token", 2333, 2500)]
    writing = bars(started, 2900, {"1.4": 2600})[2][1][0]
    assert [(p.name, p.end) for p in writing.phases] == [("first_token", 2600), ("decode", 2900)]
    assert writing.ttft == 2600


def test_a_running_request_names_what_it_waits_for() -> None:
    part = [s for s in turn(1, "q", tools=False) if s[0] <= 413]
    waits: Step = (420.0, ev.AttemptWaiting("1.4", "loading", "1.4a1"))
    shown = drawn(folded([*part, waits]), 100, 2000)
    assert "o model loads" in shown[-1]
    assert "…" in next(r for r in shown if "format" in r)


def test_the_wait_between_two_tries_is_a_bar() -> None:
    part: list[Step] = [s for s in turn(1, "q", tools=False) if s[0] <= 413]
    failed: list[Step] = [(500.0, ev.AttemptFinished("1.4a1", "failed", duration_ms=87.0))]
    waits: list[Step] = [(500.0, ev.AttemptWaiting("1.4", "retry"))]
    shown = drawn(folded([*part, *failed, *waits]), 100, 2000)
    assert "waits" in next(r for r in shown if "~~~" in r)
    assert "~ waits to try again" in shown[-1]


def test_a_call_that_waits_for_consent_says_so() -> None:
    part = [s for s in turn(1, "q") if not isinstance(s[1], ev.ToolDecided | ev.ToolFinished) and s[0] < 1902]
    shown = drawn(folded(part), 100, 3000)
    assert "? waits for you 1.10s" in shown[-1]


@given(st.floats(1, 4e6), st.integers(8, 160))
def test_the_scale_fits_its_room(whole: float, room: int) -> None:
    made = axis(whole, room)
    assert cell_len(made) == room
    assert made.startswith(("╵0s", "╵0ms"))
    units = {mark.lstrip("0123456789.") for mark in made.replace("╵", " ").split()}
    assert units == {"s" if whole >= 1000 else "ms"}


@pytest.mark.parametrize(
    ("whole", "marks"),
    [
        (36, ["0ms", "10ms", "20ms", "30ms"]),
        (999, ["0ms", "200ms", "400ms", "600ms", "800ms"]),
        (1400, ["0s", "0.5s", "1s"]),
        (3134, ["0s", "1s", "2s", "3s"]),
    ],
)
def test_one_unit_an_axis(whole: float, marks: list[str]) -> None:
    assert axis(whole, 60).replace("╵", " ").split() == marks


@given(st.lists(st.tuples(st.sampled_from(sorted(PHASES)), st.floats(0, 9e5), st.floats(0, 9e5)), max_size=5))
def test_bars_are_as_wide_as_their_room(phases: list[tuple[str, float, float]]) -> None:
    from ralph.tui.timeline.waterfall import Bar, Phase

    bar = Bar("x", "route", tuple(Phase(name, min(a, b), max(a, b)) for name, a, b in phases), 12.0)
    assert sum(cell_len(t) for t, _ in paint(bar, 9e5, 40)) == 40
    assert legend([bar]).endswith("first token")


async def test_w_shows_and_hides_it(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 30)) as pilot:
        await ask(pilot, "hello")
        before = lines(app)
        await pilot.press("alt+up", "w")
        assert "▸ first token" in text(app)
        await pilot.press("w")
        assert lines(app) == before
        await pilot.press("ctrl+o")
        assert "▸ first token" in text(app)


def in_sight(app: RalphApp) -> bool:
    """All of the waterfall, from its first lane to its legend."""
    shown = screen(app)
    lanes = [n for n, row in enumerate(shown) if row.startswith(tuple(f"     {lane} " for lane in LANES))]
    legends = [n for n, row in enumerate(shown) if "░ until the first token" in row]
    return len(lanes) == 3 and len(legends) == 1 and lanes[0] < legends[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)])
@pytest.mark.parametrize("keys", [("alt+up",), ("alt+up", "up"), ("alt+up", "g")], ids=["sum", "answer", "question"])
async def test_w_shows_it_where_it_can_be_seen(
    size: tuple[int, int], keys: tuple[str, ...], play: Play, make_app: MakeApp
) -> None:
    play.script = lambda n, p, c: turn(n, p, "\n\n".join(f"Paragraph {m}" for m in range(30)))
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "hello")
        await pilot.press(*keys)
        place = view(app).place
        await pilot.press("w")
        assert in_sight(app), "\n".join(screen(app))
        assert view(app).place == place
        await pilot.press("w")
        assert "until the first token" not in text(app)
        assert view(app).place == place
        assert any(row.startswith(MARK) for row in screen(app))


async def test_a_card_says_that_it_has_none(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "/tools", "enter")
        await until(pilot, lambda: "calculate" in text(app))
        await pilot.press("alt+up", "w")
        assert [n.message for n in app._notifications] == ["there is no waterfall here; only a turn has one"]
        await pilot.press("enter", "e")
        told = [n.message for n in app._notifications]
        assert told[1:] == [
            "nothing is folded here; the output of a command is always shown in full",
            "there is no question here",
        ]


async def test_it_grows_while_the_turn_runs(play: Play, clock: HandClock, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of" in text(app))
        await pilot.press("alt+up", "w")
        await until(pilot, lambda: "╵0s" in text(app))
        clock.at = 9.0
        await until(pilot, lambda: "╵8s" in text(app))
        clock.at = 24.0
        await until(pilot, lambda: "╵20s" in text(app))
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert "╵3s" in text(app)
        assert "╵20s" not in text(app)
        assert view(app).place


def compacted(work: str) -> list[ev.Event]:
    used = ev.AttemptFinished(f"{work}a1", "ok", provider="anthropic", model="claude-haiku-4-5", duration_ms=900.0)
    return [
        ev.BlockStarted(work, "summarise"),
        ev.AttemptStarted(f"{work}a1", work, "anthropic:claude-haiku-4-5", "summarise"),
        used,
        ev.BlockFinished(work, "ok", text="They spoke of *numbers*.", duration_ms=900.0),
    ]


async def test_work_between_turns_has_its_place_when_reopened(play: Play, make_app: MakeApp) -> None:
    play.past(1, turn(1, "first"))
    for event in compacted("0.1"):
        play.emit(0, 0, event)
    play.past(2, turn(2, "second"))
    # The double stamps by turn; here the work came after the first one.
    timeline = play.timeline()
    work = tuple(replace(b, at="2026-11-20T14:03:50.000000Z") for b in timeline.work)
    play.timeline = lambda: replace(timeline, work=work)  # type: ignore[method-assign]
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        shown = lines(app)
        row = next(n for n, line in enumerate(shown) if "≡ summarise" in line)
        assert next(n for n, line in enumerate(shown) if "❯ first" in line) < row
        assert row < next(n for n, line in enumerate(shown) if "❯ second" in line)
        assert "claude-haiku-4-5" in shown[row]
        await pilot.press("ctrl+o")
        assert "│ They spoke of *numbers*." in text(app)


async def test_work_between_turns_is_shown_as_it_runs(play: Play, clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "hello")
        *begun, ended = compacted("0.1")
        for event in begun[:2]:
            play.emit(0, 0, event)
        await until(pilot, lambda: "≡ summarise" in lines(app)[-1] and "running" in lines(app)[-1])
        clock.at += 3
        await until(pilot, lambda: "3.00s" in lines(app)[-1])
        play.emit(0, 0, begun[2])
        play.emit(0, 0, ended)
        await until(pilot, lambda: "✓ ok" in lines(app)[-1])
        await ask(pilot, "again")
        assert text(app).count("≡ summarise") == 1
        assert "─ 3.13s" in lines(app)[-1]
