"""The verbs of a conversation: run a turn again, fork, go back, compare, choose who decides and how."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ralph.commands._dispatch import find, run
from ralph.core.llm.usage import Cost
from ralph.core.log import events as ev
from ralph.core.ports.rows import Switch
from ralph.core.ports.user_input import UserInput
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, Play, Step, failing_turn, turn
from tests.tui.see import hint, settled, text, until, write
from tests.tui.test_commands import Listening

SIZE = (120, 56)


@pytest.fixture
def play() -> Play:
    return Play().past(1, turn(1, "count the lines")).past(2, turn(2, "and the words?"))


@pytest.fixture
def face(play: Play) -> Listening:
    return Listening(Desk(play), play)


async def completed(face: Listening, line: str) -> Sequence[str]:
    name, _, argument = line.removeprefix("/").partition(" ")
    command = find(name, face.commands)
    assert command
    return await command.complete(argument, face)


def without_tools(steps: list[Step]) -> list[Step]:
    """A turn that never got to its tool step."""
    names = ("block", "attempt", "call")
    return [s for s in steps if not any(str(getattr(s[1], n, None) or "").startswith("3.3") for n in names)]


async def test_retry_runs_the_last_turn_again_in_a_fork(play: Play, face: Listening) -> None:
    play.overrides = replace(play.overrides, settings={"temperature": 0.2})
    play.system = "be short"
    await run("/retry", face)
    fork = face.conversation
    assert fork is not play
    assert fork.forked_from == play.id
    assert fork.reruns == [(2, "route", "")]
    assert fork.overrides.settings == {"temperature": 0.2}
    assert fork.system == "be short"
    await face.followed[0]
    assert [t.number for t in fork.timeline().turns] == [1, 2]
    assert "Re-running turn 2, from route. " in face.said[0]
    assert f"`{play.id}`" in face.said[0]


async def test_retry_takes_its_words_in_any_order(face: Listening) -> None:
    await run("/retry ollama:llama3 format 1", face)
    assert face.conversation.reruns == [(1, "format", "ollama:llama3")]
    assert "with `ollama:llama3`, from format; route and tool results are kept" in face.said[0]


async def test_retry_says_what_cannot_be_kept_and_makes_no_fork(play: Play, face: Listening) -> None:
    play.past(3, without_tools(turn(3, "and now?")))
    await run("/retry format", face)
    assert "the tool step of turn 3 has no complete result to keep" in face.said[0]
    assert face.switched == []
    await run("/retry 9", face)
    assert (
        face.said[1] == "**not\\_found:** this timeline has turns 1 to 3, not 9"
        or "turns 1 to 3, not 9" in face.said[1]
    )
    await run("/retry nonsense", face)
    assert "'nonsense' is not a model ref" in face.said[2]
    assert list(face.workspace.timelines.saved) == [play.id]


async def test_nothing_forks_while_a_turn_runs_or_before_there_is_one(play: Play) -> None:
    new = Play("n3w0000000")
    face = Listening(Desk(new), new)
    for line in ("/retry", "/fork", "/rewind", "/pin"):
        await run(line, face)
        assert "there is no turn yet" in face.said[-1]
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    face = Listening(Desk(play), play)
    going = play.submit(UserInput("more"))
    await asyncio.sleep(0)
    for line in ("/retry", "/fork", "/rewind", "/pin 1"):
        await run(line, face)
        assert "a turn is running" in face.said[-1]
    gate.opened.set()
    await going


async def test_fork_keeps_the_turns_up_to_one(play: Play, face: Listening) -> None:
    await run("/branch 1", face)
    assert [t.number for t in face.conversation.timeline().turns] == [1]
    assert f"has turn 1 of `{play.id}`" in face.said[0]
    assert len(play.timeline().turns) == 2


async def test_rewind_puts_the_question_back_into_the_prompt(play: Play, face: Listening) -> None:
    await run("/undo 2", face)
    assert face.written == ["and the words?"]
    assert [t.number for t in face.conversation.timeline().turns] == [1]
    assert len(play.timeline().turns) == 2
    assert f"is kept as `{play.id}`" in face.said[0]


async def test_once_asks_another_model_and_changes_nothing(play: Play, face: Listening) -> None:
    before = dict(play.roles)
    await run("/once ollama:llama3 say it shorter", face)
    await face.followed[0]
    assert play.onces == [("ollama:llama3", "say it shorter")]
    assert play.roles == before
    await run("/once ollama:llama3", face)
    assert "write  /once MODEL MESSAGE" in face.said[0]


async def test_compare_shows_the_answers_side_by_side(play: Play) -> None:
    face = Listening(Desk(play), play)
    await run("/compare anthropic:a ollama:b", face)
    assert [c.reruns for c in face.ran_beside] == [[(2, "format", "")]] * 2
    assert [c.overrides.routing.describe_role("format") for c in face.ran_beside] == ["anthropic:a", "ollama:b"]
    assert all(c.closed for c in face.ran_beside)
    table = face.said[-1]
    assert "| anthropic:a | ok | 3.13s | 1,752 | 187 | $0.0042 | `f0rk000001` |" in table
    assert "**ollama:b**" in table
    assert "> 17 % of 2,340 is" in table
    assert face.conversation is play
    assert "`/compare take 1` goes on" in table


async def test_compare_draws_an_answer_as_any_other_and_cuts_a_long_one_outside_of_its_listing(
    play: Play, make_app: MakeApp
) -> None:
    play.past(3, turn(3, "a table?"))
    listing = "| a | b |\n|---|---|\n| one | two |\n\n```python\ndef f(x):\n    return x\n" + "# more\n" * 400
    play.script = lambda n, p, c: turn(n, p, listing)
    app = make_app(desk=Desk(play))
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/compare ollama:b and now?", "enter")
        await until(pilot, lambda: "go on with that answer" in text(app))
        shown = text(app).splitlines()
        assert any(line.endswith("def f(x):") for line in shown)
        assert any(line.endswith("    return x") for line in shown)
        assert any("one" in line and "│ two" in line for line in shown)
        assert any(" more lines, Enter" in line for line in shown)


async def test_compare_asks_a_given_question(play: Play) -> None:
    face = Listening(Desk(play), play)
    await run("/compare anthropic:a ollama:b what is  it?", face)
    assert [c.submitted for c in face.ran_beside] == [[("what is it?", "")]] * 2
    assert face.switched == []
    assert [len(c.timeline().turns) for c in face.ran_beside] == [3, 3]


async def test_compare_of_a_failed_turn_begins_at_the_beginning(play: Play) -> None:
    play.past(3, without_tools(failing_turn(3, "x")))
    play.script = failing_turn_script
    face = Listening(Desk(play), play)
    await run("/compare ollama:b", face)
    assert face.ran_beside[0].reruns == [(3, "route", "")]
    assert "> ✗ anthropic refused the key" in face.said[-1]


def failing_turn_script(number: int, prompt: str, context: str) -> list[Step]:
    return failing_turn(number, prompt)


@pytest.mark.parametrize("line", ["/compare", "/compare hello there", "/compare ollama tells"])
async def test_compare_wants_a_model(line: str, face: Listening) -> None:
    await run(line, face)
    assert "write  /compare MODEL" in face.said[0]
    assert face.ran_beside == []


async def test_tree_shows_the_whole_family(play: Play) -> None:
    desk = Desk(play, Play("0ther00000").past(1, turn(1, "else")))
    face = Listening(desk, play)
    await run("/tree", face)
    assert "no forks yet" in face.said[0]
    await run("/fork 1", face)
    await run("/fork", face)
    face._picks = play.id
    await run("/tree", face)
    _, options = face.offered[-1]
    labels = [label for _, label in options]
    assert labels[0] == f"README questions · 2 turns · $0.0083 · {play.id}"
    assert labels[1].startswith("└─ ⑂2 · README questions · 1 turn · from turn 1 · ")
    assert labels[2].startswith("   └─ ⑂2 · README questions · 1 turn · from turn 1 · ")
    assert labels[2].endswith(" · here")
    assert len(labels) == 3
    assert face.switched[-1] == play.id
    assert face.conversation is play
    await run("/retry 1", face)
    face._picks = None
    await run("/tree", face)
    assert any(" · from the start · " in label for _, label in face.offered[-1][1])


async def test_rename_changes_the_title_or_offers_it(play: Play, face: Listening) -> None:
    await run("/rename", face)
    assert face.written == ["/rename README questions"]
    await run("/rename  Lines \t and words", face)
    assert play.timeline().title == "Lines and words"
    await run("/rename " + "x" * 201, face)
    assert "at most 200 characters" in face.said[0]


async def test_pin_holds_a_turn_and_lets_it_go(play: Play, face: Listening) -> None:
    await run("/pin 1", face)
    assert play.timeline().pins == ("1",)
    assert "Turn 1 is pinned" in face.said[0]
    await run("/pin", face)
    assert face.said[1].endswith("Pinned: 1, 2.")
    await run("/pin 1", face)
    assert play.timeline().pins == ("2",)


async def test_system_is_shown_set_and_ended(play: Play, face: Listening) -> None:
    await run("/system", face)
    assert "there is no system prompt" in face.said[0]
    await run("/system answer in *Latin*", face)
    assert play.timeline().system == "answer in *Latin*"
    assert "> answer in \\*Latin\\*" in face.said[1]
    await run("/system off", face)
    assert play.timeline().system == ""


async def test_set_reads_refuses_and_lets_go(play: Play, face: Listening) -> None:
    await run("/set temperature 0.5", face)
    await run("/set max_tokens=900", face)
    await run("/set thinking off", face)
    assert play.overrides.settings == {"temperature": 0.5, "max_output": 900, "thinking": "off"}
    await run("/set temperature 3", face)
    assert "temperature is a number from 0 to 2, or off; not '3'" in face.said[-1]
    await run("/set temprature 1", face)
    assert "did you mean temperature?" in face.said[-1]
    await run("/set temperature off", face)
    assert play.overrides.settings == {"max_output": 900, "thinking": "off"}
    await run("/set", face)
    assert "| max_output | 900 | tokens, a whole number from 1 on |" in face.said[-1]
    await run("/set off", face)
    assert play.overrides.settings == {}


async def test_route_pins_tools_and_lets_go(play: Play, face: Listening) -> None:
    await run("/route calculate, files", face)
    assert play.overrides.tools == ("calculate", "files")
    assert "pinned by you" in face.said[0]
    await run("/route none", face)
    assert play.overrides.tools == ()
    await run("/route off", face)
    assert play.overrides.tools is None
    await run("/route rules", face)
    assert play.overrides.routing.describe_role("route") == "rules"
    await run("/route ollama:tiny", face)
    assert play.overrides.routing.describe_role("route") == "ollama:tiny"
    await run("/route auto", face)
    assert play.overrides.routing.describe_role("route") == "auto"
    await run("/route shell", face)
    assert "there is no tool 'shell'" in face.said[-1]


async def test_a_switch_that_loses_something_asks(play: Play) -> None:
    desk = Desk(play)
    lost = ("The thinking in 1 message is not sent.",)
    desk.models.report = Switch("", 9000, 4096, 2000, lost, Cost(1_000_000, "estimated"))
    face = Listening(desk, play, picks="stay")
    before = dict(play.roles)
    await run("/model ollama:tiny", face)
    assert "its window is 4,096" in face.said[0]
    assert "is not sent" in face.said[0]
    assert "re-sends about 9,000 tokens (" in face.said[0]
    assert "$0.0010)" in face.said[0].replace("\\", "")
    assert face.said[1] == "Nothing was changed."
    assert play.roles == before
    face._picks = "switch"
    await run("/provider ollama", face)
    await run("/model ollama:tiny", face)
    assert play.roles["format"] == "ollama:tiny"


async def test_a_switch_without_a_loss_is_a_line(play: Play) -> None:
    desk = Desk(play)
    desk.models.report = Switch("", 900, 4096, 2000, (), Cost(None, "unknown"))
    face = Listening(desk, play)
    await run("/model ollama:tiny", face)
    assert face.offered == []
    assert "about 900 tokens (price unknown)" in face.said[0]
    await run("/model ollama:tiny", face)  # it answers already: nothing is read again
    assert "900 tokens" not in face.said[1]


async def test_provider_use_goes_over(play: Play, face: Listening) -> None:
    await run("/provider ollama use", face)
    assert face.said == ["✗ 'ollama' is not a model ref"]  # the double wants a model with it
    await run("/provider ollama drop", face)
    assert "write  /provider" in face.said[1]
    await run("/provider openai use", face)
    assert "not connected: /connect openai, or export OPENAI" in face.said[2]


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("/retry ", ["2", "1", "route", "tool", "format", "anthropic:", "ollama:"]),
        ("/retry 2 f", ["2 format"]),
        ("/retry 2 format an", ["2 format anthropic:"]),
        ("/fork ", ["2", "1"]),
        ("/rewind 1", ["1"]),
        ("/pin ", ["2", "1"]),
        ("/once anthropic:claude-h", ["anthropic:claude-haiku-4-5"]),
        ("/compare anthropic:x an", ["anthropic:x anthropic:"]),
        ("/set te", ["temperature"]),
        ("/set effort m", ["effort minimal", "effort medium", "effort max"]),
        ("/route c", ["calculate", "convert"]),
        ("/route calculate f", ["calculate files"]),
        ("/route n", ["none"]),
        ("/provider oll", ["ollama"]),
        ("/provider ollama ", ["ollama use"]),
        ("/system o", ["off"]),
        ("/rename README", ["README questions"]),
    ],
)  # fmt: skip
async def test_arguments_are_completed(line: str, options: list[str], face: Listening) -> None:
    assert list(await completed(face, line)) == options


# On the screen.


async def test_retry_shows_the_turn_again_and_tells_where_the_old_one_is(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    app = make_app(desk=desk)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/retry 2", "enter")
        await until(pilot, lambda: "Re-running turn 2" in text(app) and not app.conversation.busy)
        assert app.conversation is not play
        assert play.closed
        assert [t.number for t in app.conversation.timeline().turns] == [1, 2]


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_esc_stops_what_runs_beside(play: Play, make_app: MakeApp, key: str) -> None:
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/compare anthropic:a ollama:b", "enter")
        await until(pilot, lambda: app.shell.busy)
        await until(pilot, lambda: hint(app) == "running, Esc stops")
        await pilot.press(key)
        await until(pilot, lambda: "go on with that answer" in text(app))
        assert "cancelled" in text(app)
        assert not app.shell.busy


async def test_other_models_are_told_between_the_turns(play: Play, make_app: MakeApp) -> None:
    line = "models: tool and format anthropic:claude-sonnet-5-5 → ollama:tiny"
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/model ollama:tiny", "enter")
        await until(pilot, lambda: line in text(app) and not app.workers)
        assert "From the next turn on" not in text(app)  # it is told once
        await write(pilot, "go on", "enter")
        await until(pilot, lambda: len(play.timeline().turns) == 3 and not play.busy)
        app.feed.open(play)
        await until(pilot, lambda: line in text(app))
        shown = text(app)
        assert shown.index("and the words?") < shown.index(line) < shown.index("go on")


async def test_other_models_chosen_during_a_turn_are_told_at_once_and_stand_after_it(
    play: Play, make_app: MakeApp
) -> None:
    line = "models: tool and format anthropic:claude-sonnet-5-5 → ollama:tiny"
    gate = Gate()
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "go on", "enter")
        await until(pilot, lambda: play.busy and "17 % of" in text(app))
        before, after = dict(play.roles), {**play.roles, "tool": "ollama:tiny", "format": "ollama:tiny"}
        play.emit(3, 3000, ev.RolesChanged(before, after))
        await until(pilot, lambda: line in text(app))
        gate.opened.set()
        await until(pilot, lambda: settled(app, 3))
        assert text(app).index("go on") < text(app).index("─ 3.13s", text(app).index("go on")) < text(app).index(line)
        assert play.timeline().role_changes[0][0] == 3


def test_a_timeline_with_a_kept_turn_and_other_models(snap_compare: Any, make_app: MakeApp) -> None:
    play = Play().past(1, turn(1, "count the lines"))
    play.emit(0, 0, ev.RolesChanged(dict(play.roles), {**play.roles, "format": "openai:gpt-6.1-sol"}))
    kept = [replace(s, copied_from=f"an0ther000/{s.block}") if is_kept(s) else s for _, s in turn(2, "and the words?")]
    times = [ms for ms, _ in turn(2, "and the words?")]
    again = ev.Rerun("an0ther000", 2, "format")
    begun = [
        replace(s, rerun_of=again, settings={"effort": "low"}) if isinstance(s, ev.TurnStarted) else s for s in kept
    ]
    play.past(2, [(ms, s) for ms, s in zip(times, begun, strict=True) if not is_request(s)])
    assert snap_compare(make_app(desk=Desk(play), conversation=play), terminal_size=(120, 30))


def is_kept(step: object) -> bool:
    return isinstance(step, ev.BlockStarted) and step.kind in ("route", "tool")


def is_request(step: object) -> bool:
    """Of a step that a re-run has kept."""
    return isinstance(step, ev.AttemptStarted | ev.AttemptFinished) and step.attempt in ("2.2a1", "2.3a1")
