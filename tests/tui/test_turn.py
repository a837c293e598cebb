"""A turn on the screen: three rows, the answer as it streams, the sum; and how it ends otherwise."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ralph.core.errors import Kind
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.ports.user_input import UserInput
from ralph.tui.controllers.beginning import Beginning
from ralph.tui.widgets.status import StatusBar
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import ANSWER, Gate, HandClock, Play, Say, Step, failing_turn, turn
from tests.tui.see import ask, hint, lines, prompt, settled, text, until, view, write

SIZE = (120, 40)


async def test_a_question_becomes_three_rows_an_answer_and_a_sum(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "What is 17 % of 2,340?")
        shown = lines(app)
        assert shown[1].startswith(" ❯ What is 17 % of 2,340?")
        assert shown[1].endswith("1 · 14:03:11")
        route, tool = (next(r for r in shown if f" {name} " in r) for name in ("route", "tool"))
        form = next(r for r in shown if "◆ format" in r)
        assert "✓ ok  calculate, read_file · arithmetic" in route
        assert all(figure in route for figure in ("0.41s", "212↑ 31↓", "$0.00037"))
        assert "claude-sonnet-5-5  ✓ ok  2 calls" in tool
        assert "ttft 0.52s · 243 tok/s" in form
        assert '✓ ok  calculate("0.17*2340") → 397.8' in text(app)
        assert '✓ ok  read_file(path="README.md", lines=3) → # ralph' in text(app)
        assert "17 % of 2,340 is 397.8. README.md has 212 lines." in text(app)
        assert shown[-1] == "   ─ 3.13s · 1,752↑ (900 cached) 187↓ · $0.0042"


async def test_the_bars_of_a_turn_share_one_axis(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        bars = [row[-10:] for row in lines(app) if row.endswith(("█", "░"))]
        assert bars == ["█░░░░░░░░░", "░█████░░░░", "░░░░░░░███"]


async def test_a_step_with_nothing_to_do_says_why(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, tools=False)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        tool = next(r for r in lines(app) if "⚙ tool" in r)
        assert "– skipped  no tool is needed" in tool
        assert not {"$", "↑"} & set(tool)


async def test_what_a_tool_streams_is_no_part_of_an_answer_and_changes_no_row(play: Play, make_app: MakeApp) -> None:
    def streaming(number: int, prompt_: str, context: str) -> list[Step]:
        steps = turn(number, prompt_)
        at = next(n for n, (_, step) in enumerate(steps) if isinstance(step, ev.ToolRequested)) + 1
        tool = f"{number}.3"
        said: list[Step] = [(1901, Say(tool, "opening \x1b[2J", "tool_output"))]
        said.append((1901, ev.BlockDelta(tool, "tool_output", ((1489, "opening \x1b[2J"),))))
        return [*steps[:at], *said, *steps[at:]] if number == 2 else steps

    play.script = streaming
    app = make_app()
    async with app.run_test(size=(120, 80)) as pilot:
        await ask(pilot, "hello")
        await ask(pilot, "hello")
        shown = lines(app)
        first, second = (n for n, row in enumerate(shown) if row.startswith(" ❯ hello"))
        assert "opening" not in text(app)
        rows = [row for row in shown[first + 1 : second] if row]
        assert [row for row in shown[second + 1 :] if row][: len(rows)] == rows
        assert "─ 3.13s" in rows[-1]


async def test_the_last_lines_of_a_tool_are_seen_while_it_runs(play: Play, make_app: MakeApp) -> None:
    gate = Gate()

    def streaming(number: int, prompt_: str, context: str) -> list[Step]:
        steps = turn(number, prompt_)
        at = next(n for n, (_, step) in enumerate(steps) if isinstance(step, ev.ToolDecided)) + 1
        printed = "".join(f"line \x1b[31m{n}\x1b[0m of it\n" for n in range(20))
        return [*steps[:at], (1901, Say(f"{number}.3", printed, "tool_output")), (1901, gate), *steps[at:]]

    play.script = streaming
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "line 19 of it" in text(app))
        assert "line 12 of it" in text(app)
        assert "line 11 of it" not in text(app)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert "line 19 of it" not in text(app)


async def test_an_answer_is_seen_while_it_streams(play: Play, clock: HandClock, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of 2,340 is" in text(app))
        assert "has 212 lines" not in text(app)
        clock.at = 2.8
        await until(pilot, lambda: "0.47s" in next(r for r in lines(app) if "◆ format" in r))
        assert "running" in next(r for r in lines(app) if "◆ format" in r)
        assert hint(app) == "running, Esc stops"
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert "has 212 lines" in text(app)
        assert hint(app) == ""


async def test_esc_stops_in_mid_stream_and_keeps_what_came(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of 2,340 is" in text(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: settled(app, 1))
        assert play.stops == 1
        assert "17 % of 2,340 is" in text(app)
        assert lines(app)[-2].startswith("   ■ cancelled · stopped before the end · the text is kept")
        assert lines(app)[-1] == "     Alt+Up r retry"
        assert "■ cancelled" in next(r for r in lines(app) if "◆ format" in r)


async def test_turns_that_are_left_out_are_told_under_the_question(play: Play, make_app: MakeApp) -> None:
    """Live, and when the timeline is opened again."""
    told = "turn 1 is no longer sent; /pin keeps a turn, /context shows what is sent"
    note: Step = (0.0, ev.Note("context.left_out", told, data={"loud": True, "turns": [1]}))
    play.script = lambda n, p, c: [*turn(n, p)[:1], note, *turn(n, p)[1:]]
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "hello")
        for _ in range(2):
            shown = lines(app)
            assert shown[next(n for n, row in enumerate(shown) if "❯ hello" in row) + 1] == f"   · {told}"
            assert sum("no longer sent" in row for row in shown) == 1
            app.feed.open(play)


async def test_a_failure_is_a_block_with_its_sentence(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: failing_turn(n, p)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        assert "▌ anthropic refused the key; set ANTHROPIC_API_KEY" in text(app)
        assert "✗ failed" in next(r for r in lines(app) if "◆ format" in r)
        assert lines(app)[-2].startswith("   ✗ failed · the key was rejected · 0.60s")
        assert lines(app)[-1] == "     /connect · /retry format ollama"
        assert "or choose another with /model (auth)" in text(app)


async def test_a_note_that_repeats_the_failure_is_not_shown_twice(play: Play, make_app: MakeApp) -> None:
    def script(number: int, prompt_: str, context: str) -> list[Step]:
        steps = failing_turn(number, prompt_, Kind.CONFIG, "no such provider")
        note = ev.Note("fallback", "no such provider", f"{number}.4")
        other = ev.Note("fallback", "tried the next one", f"{number}.4")
        return [*steps[:-2], (500.0, note), (500.0, other), *steps[-2:]]

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        assert text(app).count("no such provider") == 1
        assert "· tried the next one" in text(app)


async def test_a_restart_drops_what_stood_before(play: Play, make_app: MakeApp) -> None:
    gate = Gate()

    def script(number: int, prompt_: str, context: str) -> list[Step]:
        steps = turn(number, prompt_, "new words", tools=False)
        first = next(n for n, (_, s) in enumerate(steps) if isinstance(s, Say))
        form = f"{number}.4"
        again = ev.BlockDelta(form, "text", ((1, ""),), restart=True)
        return [
            *steps[:first],
            (1.0, Say(form, "old words")),
            (2.0, again),
            *steps[first : first + 1],
            (3.0, gate),
            *steps[first + 1 :],
        ]

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "new wor" in text(app))
        assert "old words" not in text(app)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert "new words" in text(app)


async def test_a_message_written_while_a_turn_runs_waits_and_is_sent(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate if n == 1 else None)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "first", "enter")
        await until(pilot, lambda: play.busy)
        await write(pilot, "second", "enter")
        assert "next: second" in app.widgets.waiting_list.text
        assert prompt(app).text == ""
        gate.opened.set()
        await until(pilot, lambda: settled(app, 2))
        assert [p for p, _ in play.submitted] == ["first", "second"]


async def test_stopping_gives_the_waiting_message_back(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "first", "enter")
        await write(pilot, "second", "enter")
        await pilot.press("escape")
        await until(pilot, lambda: settled(app, 1))
        assert prompt(app).text == "second"
        assert [p for p, _ in play.submitted] == ["first"]


async def test_a_first_prompt_is_sent_with_its_context(play: Play, make_app: MakeApp) -> None:
    app = make_app(beginning=Beginning("sum this up"), context="one\ntwo\n")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: settled(app, 1))
        assert play.submitted == [("sum this up", "one\ntwo\n")]
        assert "+ 2 lines of context, 8 characters" in text(app)


async def test_context_without_a_prompt_goes_with_the_first_message(play: Play, make_app: MakeApp) -> None:
    app = make_app(context="one\ntwo")
    async with app.run_test(size=SIZE) as pilot:
        assert "2 lines of context will go with your message" in hint(app)
        await ask(pilot, "sum this up")
        await ask(pilot, "again")
        assert play.submitted == [("sum this up", "one\ntwo"), ("again", "")]


async def test_the_welcome_goes_when_the_first_turn_comes(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert "anthropic:claude-haiku-4-5" in text(app)
        await ask(pilot, "hello")
        assert "Type a question" not in text(app)


async def test_resizing_in_mid_stream_loses_nothing(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    words = " ".join(f"word{n}" for n in range(200))
    play.script = lambda n, p, c: turn(n, p, words, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "word90" in text(app))
        await pilot.resize_terminal(72, 24)
        await until(pilot, lambda: view(app).model.width < 72)
        assert "word0 word1" in text(app)
        assert "word90" in text(app)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        shown = " ".join(text(app).split())
        assert words in shown


async def test_a_view_that_came_late_shows_the_whole_turn(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app(conversation=Play("other00000"))
    async with app.run_test(size=SIZE) as pilot:
        play.submit(UserInput("hello"))
        await until(pilot, lambda: bool(play.timeline().turns) and len(play.timeline().turns[0].blocks) == 4)
        await app.controllers.switch.open(play.id)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert ANSWER.replace("*", "").replace("`", "") in text(app)
        assert "❯ hello" in text(app)


async def test_a_drawing_that_breaks_costs_only_itself(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:

        class Broken:
            def guess(self, width: int) -> int:
                return 3

            def draw(self, brush: object, width: int) -> list[object]:
                raise ZeroDivisionError("oh")

        view(app).replace(1, 1, [Broken()])  # type: ignore[list-item]
        await ask(pilot, "hello")
        assert "this could not be drawn" in text(app)
        assert "has 212 lines" in text(app)
        assert "ZeroDivisionError" in caplog.text


async def test_a_turn_that_raises_becomes_a_notice(
    play: Play, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    def script(number: int, prompt_: str, context: str) -> list[Step]:
        raise ZeroDivisionError("oh")

    play.script = script
    play._cut_short = lambda number, done: None  # type: ignore[method-assign]
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "ZeroDivisionError: oh" in text(app))
        await until(pilot, lambda: prompt(app).text.strip() == "hello")  # nothing was recorded: it is not lost
        prompt(app).load_text("")
        await write(pilot, "/provider ollama", "enter")
        await until(pilot, lambda: "runs on this machine" in text(app))


async def test_thinking_is_told_and_shown_on_demand(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, thinking="first this,\nthen that")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        assert "∴ thought, 4 words" in text(app)
        assert "then that" not in text(app)
        await pilot.press("ctrl+t")
        assert "│ then that" in text(app)


async def test_details_show_attempts_decisions_and_whole_outputs(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        assert "A REPL." not in text(app)
        await pilot.press("ctrl+o")
        assert "│ A REPL." in text(app)
        assert "allowed by its effect" in text(app)
        assert "attempt 1.4a1 · anthropic:claude-sonnet-5-5 · ok" in text(app)
        await pilot.press("ctrl+o")
        assert "A REPL." not in text(app)


async def test_waiting_for_a_retry_is_said_in_words(play: Play, make_app: MakeApp) -> None:
    gate = Gate()

    def script(number: int, prompt_: str, context: str) -> list[Step]:
        steps = turn(number, prompt_, tools=False)
        form = f"{number}.4"
        at = next(n for n, (_, s) in enumerate(steps) if isinstance(s, ev.AttemptStarted) and s.block == form)
        wait = ev.AttemptWaiting(form, "retry", f"{form}a1", "2036-11-20T14:02:20.000000Z")
        return [*steps[: at + 1], (500.0, wait), (501.0, gate), *steps[at + 1 :]]

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: re.search(r"waiting: retry \d+ s", text(app)))
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert "waiting" not in text(app)


async def test_between_two_tries_the_row_says_why(play: Play, make_app: MakeApp) -> None:
    gate = Gate()

    def script(number: int, prompt_: str, context: str) -> list[Step]:
        steps = turn(number, prompt_, tools=False)
        form = f"{number}.4"
        at = next(n for n, (_, s) in enumerate(steps) if isinstance(s, ev.AttemptStarted) and s.block == form)
        tried: list[Step] = [
            (413.0, ev.AttemptStarted(f"{form}a0", form, "anthropic:claude-sonnet-5-5")),
            (420.0, ev.AttemptFinished(f"{form}a0", "failed")),
            (420.0, ev.AttemptWaiting(form, "retry")),
        ]
        return [*steps[:at], *tried, (500.0, gate), *steps[at:]]

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "waiting: retry" in text(app))
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert "waiting" not in text(app)


async def test_a_load_is_counted_until_the_first_word(play: Play, make_app: MakeApp) -> None:
    loading, streaming = Gate(), Gate()

    def script(number: int, prompt_: str, context: str) -> list[Step]:
        steps = turn(number, prompt_, tools=False, gate=streaming)
        form = f"{number}.4"
        at = next(n for n, (_, s) in enumerate(steps) if isinstance(s, ev.AttemptStarted) and s.block == form)
        wait = ev.AttemptWaiting(form, "loading", f"{form}a1")
        return [*steps[: at + 1], (1500.0, wait), (1501.0, loading), *steps[at + 1 :]]

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "loading model 0 s" in text(app))
        play.clock.at += 12.5
        await until(pilot, lambda: "loading model 12 s" in text(app))
        loading.opened.set()
        await until(pilot, lambda: "running" in text(app))
        assert "loading" not in text(app)
        streaming.opened.set()
        await until(pilot, lambda: settled(app, 1))


async def test_estimated_tokens_have_a_mark(play: Play, make_app: MakeApp) -> None:
    def script(number: int, prompt_: str, context: str) -> list[Step]:
        return [
            (ms, replace(s, usage=replace(s.usage, source="estimated")) if isinstance(s, ev.AttemptFinished) else s)
            for ms, s in turn(number, prompt_, tools=False)
        ]

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        assert "~212↑ ~31↓" in text(app)


async def test_a_turn_goes_on_under_a_dialog(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of" in text(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert hint(app) == ""
        await pilot.press("ctrl+c")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert "has 212 lines" in text(app)


async def test_a_note_between_turns_is_shown(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        play.emit(0, 0, ev.Note("breaker", "groq rests *for* 30 s"))
        await until(pilot, lambda: "· groq rests *for* 30 s" in text(app))


async def test_a_changed_title_stands_at_the_top(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "hello")
        play.emit(0, 0, ev.TimelineChanged(title="greetings"))
        await until(pilot, lambda: "greetings" in app.widgets.status_bar.render().plain)
        assert "timeline $0.0042" in app.widgets.status_bar.render().plain


async def test_what_happens_between_turns_in_a_new_timeline_does_not_look_for_the_last_ones(
    play: Play, make_app: MakeApp
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "first")
        await write(pilot, "/new", "enter")
        await until(pilot, lambda: app.conversation is not play)
        fresh = app.conversation
        assert isinstance(fresh, Play)
        fresh.emit(0, 0, ev.TimelineOpened("another"))
        fresh.emit(0, 0, ev.Note("seen", "a note between turns"))
        await until(pilot, lambda: "a note between turns" in text(app))
        await until(pilot, lambda: not app.feed.busy)
        assert "hit a bug" not in text(app)


async def test_a_model_that_thinks_is_not_only_running(play: Play, clock: HandClock, make_app: MakeApp) -> None:
    gate = Gate()

    def script(number: int, prompt_: str, _: str) -> list[Step]:
        steps = turn(number, prompt_, tools=False, thinking="a long thought")
        first = next(n for n, (_, s) in enumerate(steps) if isinstance(s, Say) and s.channel == "text")
        return [*steps[:first], (steps[first][0], gate), *steps[first:]]

    play.script = script
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: any("◆ format" in r and "thinking" in r for r in lines(app)))
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        assert not any("thinking" in r for r in lines(app) if "◆ format" in r)


async def test_a_timeline_that_was_read_in_part_tells_what_all_of_it_cost(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    play.past(1, turn(1, "the last of many"))
    play.first = 1
    play.reading.clear()
    desk.usage.spent["timeline"] = Cost(7_770_000_000, "computed")
    app = make_app(desk=desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "timeline $7.77" in app.query_one(StatusBar).render().plain)
        play.first = 0
        app.shell.announce("header")
        await pilot.pause()
        assert "timeline $7.77" in app.query_one(StatusBar).render().plain, "the ledger's figure, as in /usage"


def by_rules(number: int, prompt: str, context: str) -> list[Step]:
    """A turn whose route asked no model: it has neither tokens nor a cost."""
    made: list[Step] = []
    for ms, step in turn(number, prompt):
        if getattr(step, "attempt", "") == f"{number}.2a1":
            continue
        if isinstance(step, ev.BlockFinished) and step.block == f"{number}.2":
            data = {**step.data, "reason": "sums", "by": "rules"}
            made.append((ms, replace(step, usage=Usage(), cost=Cost(), data=data)))
        else:
            made.append((ms, step))
    return made


@pytest.mark.parametrize("width", [80, 90, 120])
async def test_a_reason_uses_the_columns_that_are_empty(play: Play, make_app: MakeApp, width: int) -> None:
    play.script = by_rules
    app = make_app()
    async with app.run_test(size=(width, 24)) as pilot:
        await ask(pilot, "hello")
        row = next(line for line in lines(app) if "⇢ route" in line)
        assert "✓ ok  calculate, read_file · sums  " in row
        assert "0.41s" in row
