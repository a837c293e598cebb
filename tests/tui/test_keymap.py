"""Keys from the configuration: what is good holds, what is not is told with file and line, and nothing is fatal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ralph.config.load import load
from ralph.config.settings import Written
from ralph.core.ports.face import Consent
from ralph.tui import keys
from ralph.tui.controllers.key_mapping import WrittenKeys
from ralph.tui.keymap import Keymap, all_bindings, main_bindings, read_keymap
from ralph.tui.screens.help import HelpScreen
from ralph.tui.screens.pick import PickScreen
from ralph.tui.widgets.palette import SlashCommands
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, Play, turn
from tests.tui.see import hint, part, prompt, until, write

SIZE = (120, 60)
FILE = Path("config.yaml")


def read(**written: str) -> Keymap:
    """`turn_stop="f8"` is `turn.stop: f8`, each on a line of its own from 10 on."""
    return read_keymap(
        {name.replace("_", ".", 1): Written(value, line) for line, (name, value) in enumerate(written.items(), 10)},
        all_bindings(),
        FILE,
    )


GOOD = {
    "f8": "f8",
    "Ctrl+K": "ctrl+k",
    "esc": "escape",
    "f8, ctrl+x": "f8,ctrl+x",
    "alt+x": "alt+x",
    "ctrl+space": "ctrl+@",
    "ctrl+right_square_bracket": "ctrl+right_square_bracket",
}


@pytest.mark.parametrize(("written", "key"), GOOD.items())
def test_a_key_may_be_written_as_people_write_it(written: str, key: str) -> None:
    made = read(view_details=written) if key != "escape" else read(turn_stop=written)
    assert made.faults == ()
    assert list(made.keys.values()) == [key]


BAD = {
    "unknown action": ({"turn_stpo": "f8"}, "there is no such action; the nearest is 'turn.stop'"),
    "no key": ({"turn_stop": "ctlr+k"}, "'ctlr+k' is not a key; did you mean 'ctrl+k'?"),
    "nothing": ({"turn_stop": ""}, "found nothing, but it takes a key like ctrl+k"),
    "enter": ({"turn_stop": "enter"}, "'enter' is needed by the prompt: it sends"),
    "a letter": ({"help": "?"}, "'?' is needed by the prompt: it is a letter or sign to type"),
    "space": ({"help": "space"}, "'space' is needed by the prompt: it is a letter or sign to type"),
    "an arrow": ({"help": "left"}, "'left' is needed by the prompt"),
    "editing": ({"view_top": "ctrl+k"}, "'ctrl+k' is needed by the prompt"),
    "ctrl+m": ({"help": "ctrl+m"}, "is the same key as Enter in a terminal"),
    "ctrl+i": ({"help": "ctrl+i"}, "is the same key as Tab in a terminal"),
    "ctrl+h": ({"help": "ctrl+h"}, "is the same key as Backspace in a terminal"),
    "ctrl+[": ({"help": "ctrl+["}, "is the same key as Esc in a terminal"),
    "taken": ({"help": "ctrl+o"}, "Ctrl+O is the key of 'view.details' already"),
    "taken on its screen": ({"pick_up": "down"}, "Down is the key of 'pick.down' already"),
}


@pytest.mark.parametrize(("written", "sentence"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_told_with_its_place_and_left_out(written: dict[str, str], sentence: str) -> None:
    made = read(**written)
    assert made.keys == {}
    (told,) = made.faults
    name = next(iter(written)).replace("_", ".", 1)
    assert told.startswith(f"config.yaml:10: ui.keys.{name}: ")
    assert sentence in told
    assert told.endswith("it is left out")


def test_one_bad_one_leaves_the_others() -> None:
    made = read(turn_stop="f8", help="nonsense", view_details="f9")
    assert made.keys == {"turn.stop": "f8", "view.details": "f9"}
    assert len(made.faults) == 1
    assert "config.yaml:11" in made.faults[0]


def test_two_may_change_places_and_of_two_for_one_key_the_later_is_left_out() -> None:
    assert read(view_details="ctrl+t", view_thinking="ctrl+o").faults == ()
    made = read(view_details="f8", view_thinking="f8")
    assert made.keys == {"view.details": "f8"}
    assert "'view.details' already" in made.faults[0]
    # The second cannot have its key and keeps its own, which the first wanted.
    made = read(view_details="ctrl+t", view_thinking="enter")
    assert made.keys == {}
    assert len(made.faults) == 2


def test_screens_do_not_disturb_each_other() -> None:
    assert read(usage_close="y", consent_yes="c").faults == ()
    assert read(pick_cancel="f1").faults == ()


def test_before_the_first_paint_a_name_of_a_screen_is_no_mistake_yet() -> None:
    written = {"pick.up": Written("ctrl+up", 3), "help": Written("f5", 4)}
    made = read_keymap(written, main_bindings(), FILE, whole=False)
    assert (made.keys, made.faults) == ({"help": "f5"}, ())


def test_the_file_takes_one_key_or_a_list_and_keeps_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("ui:\n  theme: nord\n  keys:\n    turn.stop: f8\n    help: [f5, ctrl+g]\n    x: {a: b}\n", "utf-8")
    with pytest.raises(Exception, match=r"config\.yaml:6: ui\.keys\.x: found a mapping"):
        load(path, {}, lambda kind: {})
    path.write_text(path.read_text("utf-8").replace("    x: {a: b}\n", ""), "utf-8")
    ui = load(path, {}, lambda kind: {}).ui
    assert ui.keys == {"turn.stop": Written("f8", 4), "help": Written("f5,ctrl+g", 5)}


def written(**mapped: str) -> WrittenKeys:
    return WrittenKeys(FILE, {name.replace("_", ".", 1): Written(key, 7) for name, key in mapped.items()})


async def test_mapped_keys_work_and_show_in_the_footer_the_help_and_keys(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app(written_keys=written(turn_stop="f8", help="f5", consent_yes="o"))
    async with app.run_test(size=SIZE) as pilot:
        assert {("F8", "stop"), ("F5", "help")} <= set(keys.footer(app))
        await write(pilot, "go", "enter")
        await until(pilot, lambda: play.busy)
        assert "running, F8 stops" in hint(app)
        await pilot.press("escape")
        assert play.stops == 0
        await pilot.press("f8")
        await until(pilot, lambda: not play.busy)
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "F8" in part(app, "help-text"))
        await pilot.press("escape")
        app.widgets.panel.ask(Consent("1", "shell"), lambda yes: None)
        assert "o once · n or Esc deny" in app.widgets.panel.render().plain
        app.widgets.panel.withdraw()
        app.prompt.focus()
        await write(pilot, "/keys stop", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2 and "turn.stop" in part(app, "help-text"))
        row = next(line for line in part(app, "help-text").splitlines() if "turn.stop" in line)
        assert row.startswith("F8 ")
        assert row.endswith("turn.stop · set in the config")


async def test_keys_of_a_screen_are_mapped_too_and_mistakes_are_told_in_a_notice(make_app: MakeApp) -> None:
    app = make_app(written_keys=written(pick_cancel="f9", turn_stpo="f8"))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app._notifications)
        told = next(iter(app._notifications)).message
        assert told == (
            "config.yaml:7: ui.keys.turn.stpo: there is no such action; the nearest is 'turn.stop'; it is left out"
        )
        picked = asyncio.ensure_future(app.controllers.dialogs.choose("Which?", [("a", "one")]))
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press("f9")
        await until(pilot, lambda: not isinstance(app.screen, PickScreen))
        assert await picked is None


async def test_f2_goes_round_the_models_used_lately(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    app.workspace.models.lately = (
        "anthropic:claude-haiku-4-5",
        "openai:gpt-5",
        "ollama:llama3.2:3b",
    )  # openai has no key
    async with app.run_test(size=SIZE) as pilot:
        seen = []
        for _ in range(4):
            before = play.roles["format"]
            await pilot.press("f2")
            await until(pilot, lambda before=before: play.roles["format"] != before)
            seen.append(play.roles["format"])
        sonnet, haiku, llama = "anthropic:claude-sonnet-5-5", "anthropic:claude-haiku-4-5", "ollama:llama3.2:3b"
        assert seen == [haiku, llama, sonnet, haiku]
        assert play.roles["tool"] == haiku
        assert any(f"{haiku} from the next turn on (2 of 3)" in n.message for n in app._notifications)
        assert haiku in app.widgets.status_bar.render().plain


async def test_f2_without_another_model_says_so(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: any("/model chooses another" in n.message for n in app._notifications))


async def test_esc_twice_with_nothing_running_offers_the_turns(play: Play, make_app: MakeApp, monkeypatch) -> None:
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app(conversation=play.past(1, turn(1, "first")))
    lines: list[str] = []
    monkeypatch.setattr(app, "action_command", lines.append)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape")
        app.clock.at += 1.0
        await pilot.press("escape")
        assert lines == []
        await pilot.press("escape")
        assert lines == ["/rewind"]
        await pilot.press("escape")
        assert lines == ["/rewind"]
        prompt(app).insert("go")
        await pilot.press("enter")
        await until(pilot, lambda: play.busy)
        await pilot.press("escape")
        await until(pilot, lambda: not play.busy)
        await pilot.press("escape")
        assert lines == ["/rewind"]


async def test_esc_twice_without_a_turn_says_so(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "escape")
        await until(pilot, lambda: any("nothing to rewind" in n.message for n in app._notifications))
        assert len(app.screen_stack) == 1


async def test_the_palette_names_the_key_of_a_command_as_it_is_mapped(make_app: MakeApp) -> None:
    app = make_app(written_keys=written(model_pick="f9"))
    async with app.run_test(size=SIZE):
        listed = {text: what for text, what, _ in SlashCommands(app.screen)._commands()}
        assert listed["/model"] == "choose the model that answers · F9"
        assert listed["/timelines"].endswith(" · Ctrl+S")
        assert listed["/copy"] == "copy an answer, or the code in it"


async def test_the_palette_has_our_commands_and_a_picture_and_nothing_that_leads_elsewhere(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert [c.title for c in app.get_system_commands(app.screen)] == ["Screenshot"]
        app.take_picture()
        await until(pilot, lambda: list(tmp_path.glob("*.svg")))
        await until(pilot, lambda: any("saved " in n.message for n in app._notifications))
