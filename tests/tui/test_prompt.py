"""The prompt: its memory, its list, what is folded in it, the editor, and what waits above it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from ralph.commands._base import Simple
from ralph.core.clock import local, stamp
from ralph.core.errors import Failure, Kind
from ralph.core.log import events as ev
from ralph.core.ports.face import Face
from ralph.store.prompts import Prompts
from ralph.tui.app import RalphApp
from ralph.tui.controllers.beginning import Beginning
from ralph.tui.screens.prompts import PromptsScreen
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import START, Gate, Play, turn
from tests.tui.see import ask, hint, options, part, prompt, settled, text, until, write

SIZE = (100, 30)
PASTE = "\n".join(f"line {n} 😀" for n in range(5000))


def menu(app: RalphApp) -> list[str]:
    return app.widgets.menu.lines


def file_of(path: Path, *prompts: str) -> Path:
    path.write_text("".join(json.dumps({"prompt": p}) + "\n" for p in prompts))
    return path


def kept(path: Path) -> list[str]:
    return [json.loads(line)["prompt"] for line in path.read_text().splitlines()] if path.exists() else []


async def paste(pilot: Pilot[int], words: str) -> None:
    assert isinstance(pilot.app, RalphApp)
    before = prompt(pilot.app).text
    prompt(pilot.app).post_message(events.Paste(words))
    await until(pilot, lambda: prompt(pilot.app).text != before)


def toasts(app: RalphApp) -> str:
    return "\n".join(n.message for n in app._notifications)


class TestHistory:
    async def test_it_lasts_over_sessions_this_timelines_own_first(
        self, play: Play, make_app: MakeApp, tmp_path: Path
    ) -> None:
        play.past(1, turn(1, "mine"))
        app = make_app(prompts=Prompts(file_of(tmp_path / "p", "theirs", "two\nlines 😀")))
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: len(prompt(app).recall.prompts) == 3)
            await write(pilot, "draft", "up")
            assert prompt(app).text == "mine"
            await pilot.press("up")
            assert prompt(app).text == "two\nlines 😀"
            await pilot.press("up", "up", "up")
            assert prompt(app).text == "theirs"
            await pilot.press("down", "down", "down", "down", "down")
            assert prompt(app).text == "draft"

    async def test_up_and_down_go_through_the_rows_of_one_long_line_first(self, play: Play, make_app: MakeApp) -> None:
        app = make_app(conversation=play.past(1, turn(1, "mine")))
        async with app.run_test(size=(40, 24)) as pilot:
            await write(pilot, "word " * 20, "up", "up", "x")
            assert prompt(app).text.count("x") == 1
            await pilot.press("up", "up")
            assert prompt(app).text == "mine"
            await pilot.press("down", "home", "up", "up", "down")
            assert "x" in prompt(app).text

    async def test_what_is_sent_is_kept_also_commands(self, make_app: MakeApp, tmp_path: Path) -> None:
        file = tmp_path / "p"
        app = make_app(prompts=Prompts(file))
        async with app.run_test(size=SIZE) as pilot:
            await ask(pilot, "hello")
            await write(pilot, "/help", "enter")
            await until(pilot, lambda: sorted(kept(file)) == ["/help", "hello"])

    async def test_a_file_that_cannot_be_written_disturbs_nobody(self, make_app: MakeApp, tmp_path: Path) -> None:
        app = make_app(prompts=Prompts(tmp_path))
        async with app.run_test(size=SIZE) as pilot:
            await ask(pilot, "hello")
            assert "hello" in text(app)

    async def test_ctrl_r_finds_by_a_few_letters_and_takes_it_into_the_prompt(
        self, play: Play, make_app: MakeApp, tmp_path: Path
    ) -> None:
        app = make_app(
            prompts=Prompts(file_of(tmp_path / "p", "deploy the server", "what is 2+2?", "deploy\nthe docs"))
        )
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, PromptsScreen))
            assert app.screen._shown == ["deploy\nthe docs", "what is 2+2?", "deploy the server"]
            await pilot.press(*"dplserv", "enter")
            await until(pilot, lambda: prompt(app).text == "deploy the server")
            assert play.submitted == []

    async def test_ctrl_r_and_escape_leave_all_as_it_was(self, make_app: MakeApp, tmp_path: Path) -> None:
        app = make_app(prompts=Prompts(file_of(tmp_path / "p", "old")))
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "draft", "left", "ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, PromptsScreen))
            await pilot.press("o", "escape")
            await until(pilot, lambda: not isinstance(app.screen, PromptsScreen))
            await pilot.press("x")
            assert prompt(app).text == "drafxt"

    async def test_a_list_without_lines_says_why(self, make_app: MakeApp, tmp_path: Path) -> None:
        for sent, typed, why in (((), "", "nothing was sent yet"), (("old",), "zzz", "no match")):
            app = make_app(prompts=Prompts(file_of(tmp_path / "p", *sent)))
            async with app.run_test(size=SIZE) as pilot:
                await pilot.press("ctrl+r", *typed)
                await until(pilot, lambda why=why, app=app: options(app) == [why])  # type: ignore[misc]
                await pilot.press("enter", "down", "enter")
                assert isinstance(app.screen, PromptsScreen)
                assert prompt(app).text == ""


class TestCommands:
    async def test_a_slash_lists_the_commands_and_typing_narrows_them(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            assert not app.widgets.menu.display
            await pilot.press("/")
            assert len(menu(app)) == 8
            assert "/attach [path|off]" in menu(app)[0]
            await pilot.press(*"mdl")
            assert [line.split()[1] for line in menu(app)] == ["/model"]
            assert "choose the model that answers" in menu(app)[0]
            await pilot.press("backspace", "backspace", "backspace", "backspace")
            assert not app.widgets.menu.display

    async def test_an_alias_is_found_and_named(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"/sess")
            assert "/timelines" in menu(app)[0]
            assert "(also /sessions)" in menu(app)[0]

    async def test_tab_fills_in_and_enter_runs_what_is_whole(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"/prov", "tab")
            assert prompt(app).text == "/provider "
            await pilot.press("enter")
            await until(pilot, lambda: len(app.screen_stack) == 2 and "address set" in part(app, "help-text"))

    async def test_enter_fills_in_a_command_that_takes_more(self, play: Play, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"/mo", "enter")
            assert prompt(app).text == "/model "
            assert len(app.screen_stack) == 1

    async def test_enter_runs_one_that_takes_nothing_at_once(self, play: Play, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"/ne", "enter")
            await until(pilot, lambda: app.conversation is not play)

    async def test_up_and_down_choose(self, make_app: MakeApp) -> None:
        app = make_app()
        names = sorted(c.name for c in app.commands)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("/", "down", "down", "up", "tab")
            assert prompt(app).text == f"/{names[1]} "
            await pilot.press("ctrl+u", "/", "up")
            assert f"❯ /{names[-1]}" in menu(app)[-1]
            assert f"{len(names)} of {len(names)}" in menu(app)[-1]

    async def test_escape_closes_the_list_and_keeps_the_text(self, play: Play, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"/mo", "escape")
            assert (prompt(app).text, menu(app)) == ("/mo", [])
            await pilot.press("d")
            assert menu(app) == []
            assert play.stops == 0
            await pilot.press("ctrl+u", "/")
            assert menu(app)

    async def test_a_command_called_up_again_opens_no_list(self, make_app: MakeApp, play: Play) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await ask(pilot, "hello")
            await write(pilot, "/provider ollama", "enter")
            await pilot.press("up")
            assert (prompt(app).text, menu(app)) == ("/provider ollama", [])
            await pilot.press("up")
            assert prompt(app).text == "hello"

    async def test_a_click_chooses(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("/")
            await pilot.click(app.widgets.menu, offset=(6, 1))
            second = sorted(c.name for c in app.commands)[1]
            await until(pilot, lambda: prompt(app).text == f"/{second} ")
            assert prompt(app).has_focus

    async def test_arguments_are_completed(self, play: Play, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"/model an")
            await until(pilot, lambda: menu(app))
            assert "anthropic:" in menu(app)[0]
            await pilot.press("tab")
            assert prompt(app).text == "/model anthropic:"
            await until(pilot, lambda: "haiku" in "".join(menu(app)))
            await pilot.press(*"sonn")
            await until(pilot, lambda: menu(app) and "sonnet" in menu(app)[0])
            await pilot.press("down", "enter")
            assert prompt(app).text == "/model anthropic:claude-sonnet-5-5"
            await pilot.press("enter")
            await until(pilot, lambda: play.roles["tool"] == "anthropic:claude-sonnet-5-5")

    async def test_enter_sends_an_argument_that_nobody_chose(self, play: Play, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"/budget d")
            await until(pilot, lambda: menu(app))
            await pilot.press(*"ay", "enter")
            await until(pilot, lambda: "day (today)" in text(app))

    async def test_a_slow_or_broken_completion_never_blocks(self, play: Play, make_app: MakeApp) -> None:
        asked: list[str] = []
        gone: list[str] = []
        ready = asyncio.Event()

        async def complete(argument: str, face: Face) -> Sequence[str]:
            asked.append(argument)
            if argument.startswith("bad"):
                raise Failure(Kind.NETWORK, "nobody answers") if argument == "bad" else ZeroDivisionError
            try:
                await ready.wait()
            except asyncio.CancelledError:
                gone.append(argument)
                raise
            return [f"{argument}-found"]

        async def run(argument: str, face: Face) -> None:
            face.say(f"ran {argument}")

        app = make_app()
        app.commands = [Simple("slow", "takes its time", run, usage="[x]", complete=complete)]
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "/slow a")
            await until(pilot, lambda: "a" in asked)
            await pilot.press("b")
            await until(pilot, lambda: gone == ["a"])
            await until(pilot, lambda: "ab" in asked)
            ready.set()
            await until(pilot, lambda: menu(app))
            assert "ab-found" in menu(app)[0]
            for words in ("bad", "bad2"):
                await pilot.press("ctrl+u")
                await write(pilot, f"/slow {words}")
                await until(pilot, lambda words=words: words in asked)
                assert menu(app) == []
            await pilot.press("enter")
            await until(pilot, lambda: "ran bad2" in text(app))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "README.md").write_text("# hello\n")
    (tmp_path / "src/my file.py").write_text("print()\n")
    (tmp_path / "src/data.bin").write_bytes(b"\0")
    (tmp_path / ".env").write_text("KEY=1")
    return tmp_path


class TestFiles:
    async def test_a_path_is_completed_in_the_middle_of_a_message(self, root: Path, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "sum up  please")
            await pilot.press(*["left"] * 7, "@")
            await until(pilot, lambda: menu(app))
            assert [line.strip(" ❯").split("  ")[0] for line in menu(app)] == ["README.md", "src/"]
            await pilot.press(*"rdme")
            await until(pilot, lambda: len(menu(app)) == 1)
            await pilot.press("enter")
            assert prompt(app).text == "sum up @README.md  please"

    async def test_a_folder_goes_on_and_a_blank_is_quoted(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"@sr")
            await until(pilot, lambda: menu(app))
            await pilot.press("tab")
            assert prompt(app).text == "@src/"
            await until(pilot, lambda: "my file.py" in "".join(menu(app)))
            await pilot.press("down", "tab")
            assert prompt(app).text == '@"src/my file.py" '
            await pilot.press("enter")
            await until(pilot, lambda: play.submitted)
            assert play.submitted[0][1] == "src/my file.py (1 line):\n```\nprint()\n```"

    async def test_named_files_go_along_and_the_rest_is_told(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root, context="piped")
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "compare @README.md with @src/data.bin for @nobody", "enter")
            await until(pilot, lambda: "is a binary file" in text(app))  # nothing is sent, and nothing is lost
            assert (play.submitted, prompt(app).text) == ([], "compare @README.md with @src/data.bin for @nobody")
            prompt(app).text = ""
            await write(pilot, "compare @README.md for @nobody", "escape", "enter")
            await until(pilot, lambda: settled(app, 1))
            assert play.submitted == [
                ("compare @README.md for @nobody", "piped\n\nREADME.md (1 line):\n```\n# hello\n```")
            ]
            assert "'nobody' here; it is sent as plain text" in toasts(app)

    async def test_what_a_paste_names_does_not_go_along(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "@README.md\n" * 20)
            await pilot.press("enter")
            await until(pilot, lambda: settled(app, 1))
            assert play.submitted == [("@README.md\n" * 20, "")]

    async def test_attach_adds_lists_and_drops(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "/attach README.md", "enter")
            await until(pilot, lambda: "attached: README.md (1 line)" in hint(app))
            await write(pilot, "/attach", "escape", "enter")
            await until(pilot, lambda: "Attached to your next message" in text(app))
            await write(pilot, "/attach off", "enter")
            await until(pilot, lambda: "attached" not in hint(app))
            await write(pilot, "/attach src", "enter")
            await until(pilot, lambda: "attached: src/" in hint(app))
            await ask(pilot, "look")
            await ask(pilot, "again")
            assert [bool(context) for _, context in play.submitted] == [True, False]
            assert "my file.py" in play.submitted[0][1]

    async def test_attach_says_why_not(self, root: Path, make_app: MakeApp) -> None:
        app = make_app(root=root)
        (root / "a.png").write_bytes(b"\0")
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "/attach a.png", "enter")
            await until(pilot, lambda: "does not carry images" in text(app))
            await write(pilot, "/attach nothing.txt", "enter")
            await until(pilot, lambda: "no file or folder 'nothing.txt'" in text(app))


class TestPastes:
    async def test_a_large_paste_is_folded_and_sent_whole(self, play: Play, make_app: MakeApp, tmp_path: Path) -> None:
        file = tmp_path / "p"
        app = make_app(prompts=Prompts(file))
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "see ")
            await paste(pilot, PASTE.replace("\n", "\r"))
            assert prompt(app).text == "see [paste 1: 5,000 lines]"
            assert prompt(app).document.line_count == 1
            await write(pilot, " ok", "enter")
            await until(pilot, lambda: settled(app, 1))
            assert play.submitted == [(f"see {PASTE} ok", "")]
            await until(pilot, lambda: kept(file) == [f"see {PASTE} ok"])
            await pilot.press("up")
            assert prompt(app).text == "see line 0 😀\n[paste 1: 4,999 lines]"
            assert prompt(app).whole == f"see {PASTE} ok"

    @pytest.mark.parametrize(
        ("keys", "left"),
        [(["backspace"], "see "), (["left", "delete"], "see "), (["ctrl+w"], "see "), (["ctrl+u"], ""),
         (["ctrl+x"], ""), (["left", "left", "x"], "see [paste 1: 5,000 lines]x")],
    )  # fmt: skip
    async def test_deleting_a_part_deletes_the_paste_and_undo_brings_it_back(
        self, keys: list[str], left: str, make_app: MakeApp
    ) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "see ")
            await paste(pilot, PASTE)
            await pilot.press(*keys)
            assert prompt(app).text == left
            await pilot.press("ctrl+underscore")
            assert prompt(app).whole == f"see {PASTE}"

    async def test_ctrl_c_clears_and_undo_brings_it_back(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "words", "ctrl+c")
            assert prompt(app).text == ""
            await pilot.press("ctrl+underscore")
            assert prompt(app).text == "words"


def stand_aside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens to the terminal. As Textual's own, it is not taken back after an exception."""
    done: list[str] = []

    @contextmanager
    def suspend(self: RalphApp) -> Iterator[None]:
        done.append("given")
        yield
        done.append("taken back")

    monkeypatch.setattr(RalphApp, "suspend", suspend)
    return done


class TestEditor:
    @pytest.fixture(autouse=True)
    def editor(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """An editor that notes what it is given, and adds a line."""
        self.terminal = stand_aside(monkeypatch)
        made = tmp_path / "an editor"
        made.write_text(
            f'#!/bin/sh\ncd "{tmp_path}"\ncp "$2" given\nstat -c "%a %n" "$2" > mode\necho "and $1 more" >> "$2"\n'
        )
        made.chmod(0o755)
        monkeypatch.setenv("EDITOR", "false")
        monkeypatch.setenv("VISUAL", f"'{made}' --flag")
        return made

    async def test_ctrl_g_opens_what_is_written_with_its_pastes(self, make_app: MakeApp, tmp_path: Path) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "x\n" * 20)
            await pilot.press("ctrl+g")
            await until(pilot, lambda: "more" in prompt(app).whole)
            assert prompt(app).whole == "x\n" * 20 + "\nand --flag more"
            assert (tmp_path / "given").read_text() == "x\n" * 20 + "\n"
            mode, name = (tmp_path / "mode").read_text().split()
            assert mode == "600"
            assert name.endswith(".md")
            assert name not in [str(p) for p in Path(name).parent.iterdir()]

    async def test_the_editor_command_begins_with_its_words(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "/editor Dear  model,", "enter")
            await until(pilot, lambda: prompt(app).text == "Dear  model,\nand --flag more")

    @pytest.mark.parametrize(
        ("visual", "why"),
        [("sh -c 'kill $$'", "was stopped"), ("/nowhere/ed", "cannot be started: it is not there"),
         ("false", "ended with code 1"), ("'", "not a command line"), (" ", "no editor is set"),
         ("rm", "could not be read")],
    )  # fmt: skip
    async def test_an_editor_that_fails_is_a_sentence_and_the_text_stays(
        self, visual: str, why: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VISUAL", visual)
        if not visual.strip():  # and no usual one is there
            monkeypatch.setenv("EDITOR", "")
            monkeypatch.setenv("PATH", "/nowhere")
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "draft", "ctrl+g")
            await until(pilot, lambda: why in toasts(app))
            assert prompt(app).text == "draft"
            assert self.terminal in ([], ["given", "taken back"])

    async def test_a_terminal_that_cannot_be_handed_over_is_a_sentence(
        self, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()
        monkeypatch.setenv("VISUAL", "true")
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "draft", "ctrl+g")
            await until(pilot, lambda: "an editor cannot run" in toasts(app))
            assert prompt(app).text == "draft"


class TestWaiting:
    @pytest.fixture
    def gates(self, play: Play) -> list[Gate]:
        """One for each turn."""
        made = [Gate() for _ in range(5)]
        play.script = lambda n, p, c: turn(n, p, context=c, gate=made[n - 1])
        return made

    async def test_messages_wait_each_by_itself(self, play: Play, gates: list[Gate], make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            for words in ("one", "two", "three\nlines"):
                await write(pilot, words, "enter")
            assert "next: two" in app.widgets.waiting_list.text
            assert "then: three lines" in app.widgets.waiting_list.text
            gates[0].opened.set()
            await until(pilot, lambda: len(play.submitted) == 2)
            assert "next: three lines" in app.widgets.waiting_list.text
            gates[1].opened.set()
            gates[2].opened.set()
            await until(pilot, lambda: settled(app, 3))
            assert [p for p, _ in play.submitted] == ["one", "two", "three\nlines"]
            assert not app.widgets.waiting_list.display

    async def test_up_on_an_empty_prompt_takes_the_last_one_back(
        self, play: Play, gates: list[Gate], make_app: MakeApp
    ) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            for words in ("one", "two", "three"):
                await write(pilot, words, "enter")
            await pilot.press("up")
            assert prompt(app).text == "three"
            assert "three" not in app.widgets.waiting_list.text
            await write(pilot, " and more", "enter")
            assert "then: three and more" in app.widgets.waiting_list.text

    async def test_stopping_puts_all_back_before_what_is_being_written(
        self, play: Play, gates: list[Gate], make_app: MakeApp, tmp_path: Path
    ) -> None:
        (tmp_path / "a.txt").write_text("a")
        app = make_app(root=tmp_path)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "one", "enter")
            await write(pilot, "/attach a.txt", "enter")
            await until(pilot, lambda: "attached: a.txt" in hint(app))
            await write(pilot, "two", "enter")
            assert "attached" not in hint(app)
            await write(pilot, "three", "enter")
            await write(pilot, "draft", "escape")
            await until(pilot, lambda: settled(app, 1))
            assert prompt(app).text == "two\n\nthree\n\ndraft"
            assert "attached: a.txt (1 line)" in hint(app)
            assert not app.widgets.waiting_list.display
            assert len(play.submitted) == 1

    async def test_going_elsewhere_loses_nothing(self, play: Play, gates: list[Gate], make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "one", "enter")
            await write(pilot, "two", "enter")
            await pilot.press("ctrl+n")
            await until(pilot, lambda: app.conversation is not play)
            assert prompt(app).text == "two"

    async def test_the_prompt_of_the_command_line_is_kept_too(
        self, play: Play, make_app: MakeApp, tmp_path: Path
    ) -> None:
        file = tmp_path / "p"
        app = make_app(beginning=Beginning("from the shell"), prompts=Prompts(file))
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: settled(app, 1) and kept(file) == ["from the shell"])
            await pilot.press("up")
            assert prompt(app).text == "from the shell"

    async def test_a_message_that_cannot_be_sent_comes_back_with_its_context(
        self, play: Play, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def submit(*_: Any) -> None:
            raise Failure(Kind.BUSY, "a turn is running")

        monkeypatch.setattr(play, "submit", submit)
        app = make_app(context="piped")
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "one", "enter")
            await until(pilot, lambda: "a turn is running" in text(app))
            assert prompt(app).text == "one"
            assert "1 line of context will go" in hint(app)


class TestEditing:
    async def test_ten_rows_also_on_a_small_screen(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=(80, 24)) as pilot:
            await write(pilot, "\n".join(str(n) for n in range(14)))
            await pilot.pause()
            assert prompt(app).size.height == 10
            assert app.view.size.height > 5

    async def test_the_row_that_is_written_is_in_sight(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=(80, 24)) as pilot:
            for row in range(1, 14):
                await pilot.press("x", "ctrl+j")
                await pilot.pause()
                seen = range(int(prompt(app).scroll_y), int(prompt(app).scroll_y) + prompt(app).size.height)
                assert row in seen
            assert prompt(app).scroll_y == 4

    async def test_undo_over_the_edge_of_ten_rows(self, make_app: MakeApp) -> None:
        """The scrollbar goes while the cursor is still where the text was."""
        app = make_app()
        async with app.run_test(size=(80, 24)) as pilot:
            await paste(pilot, "a\n" * 9)
            await paste(pilot, "b\n" * 9)
            await pilot.press("ctrl+underscore", "x")
            assert prompt(app).text == "a\n" * 9 + "x"
            await pilot.press("ctrl+underscore", "ctrl+underscore", "alt+z", "y")
            assert prompt(app).text == "a\n" * 9 + "y"

    @pytest.mark.parametrize(
        ("keys", "made"),
        [
            (["ctrl+a", "x"], "xone two/three-four 日本"),
            (["ctrl+a", "ctrl+e", "x"], "one two/three-four 日本x"),
            (["ctrl+w"], "one two/three-four "),
            (["ctrl+w", "ctrl+w"], "one "),
            (["ctrl+a", "ctrl+k"], ""),
            (["alt+left", "x"], "one two/three-four x日本"),
            (["alt+b", "alt+b", "x"], "one two/three-xfour 日本"),
            (["ctrl+a", "alt+f", "x"], "onex two/three-four 日本"),
            (["ctrl+a", "alt+right", "x"], "onex two/three-four 日本"),
            (["ctrl+a", "alt+d"], " two/three-four 日本"),
            (["ctrl+b", "x"], "one two/three-four 日x本"),
            (["ctrl+u", "ctrl+underscore"], "one two/three-four 日本"),
            (["ctrl+u", "ctrl+underscore", "alt+z"], ""),
        ],
    )
    async def test_the_keys_of_a_shell(self, keys: list[str], made: str, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "one two/three-four 日本", *keys)
            assert prompt(app).text == made

    async def test_keys_typed_at_once_keep_their_order(self, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            for key, character in (("a", "a"), ("ctrl+j", None), ("b", "b"), ("backspace", None), ("c", "c"),
                                   ("left", None), ("d", "d"), ("alt+x", "x")):  # fmt: skip
                prompt(app).post_message(events.Key(key, character))
            await until(pilot, lambda: prompt(app).text == "a\ndc")

    async def test_keys_of_the_list_can_be_mapped_anew(self, make_app: MakeApp) -> None:
        app = make_app(keymap={"prompt.complete": "f4"}, desk=Desk())
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*"/mo", "f4")
            assert prompt(app).text == "/model "


class TestTimelines:
    """A timeline is offered by its title; its id is what is written."""

    @pytest.fixture
    def app(self, make_app: MakeApp) -> RalphApp:
        made = []
        for name, title in (("k3f9w2m7qd", "Trip to Porto"), ("p0rt0w2m7q", "Ports and sockets")):
            play = Play(name)
            play.emit(0, 0, ev.TimelineOpened(title))
            made.append(play.past(1, turn(1, "hello")))
        return make_app(desk=Desk(*made))

    @pytest.mark.parametrize("command", ["/timelines", "/resume", "/replay"])
    async def test_they_are_shown_by_title_and_when_with_the_id(self, app: RalphApp, command: str) -> None:
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, f"{command} ")
            await until(pilot, lambda: len(menu(app)) == 2)
            when = local(stamp(START))[:16]
            assert menu(app)[0].strip().split("  ")[0] == "Trip to Porto"
            assert f"{when} · 1 turn · k3f9w2m7qd" in menu(app)[0]
            await pilot.press("down", "tab")
            assert prompt(app).text == f"{command} k3f9w2m7qd"

    @pytest.mark.parametrize(
        ("typed", "titles"),
        [("PORTO", ["Trip to Porto"]), ("to tri", ["Trip to Porto"]), ("p0", ["Ports and sockets"]),
         ("port", ["Trip to Porto", "Ports and sockets"]), ("scks", ["Ports and sockets"]),
         ("k3w2", ["Trip to Porto"])],
    )  # fmt: skip
    async def test_what_is_typed_finds_titles_and_ids(self, app: RalphApp, typed: str, titles: list[str]) -> None:
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, f"/timelines {typed}")
            await until(pilot, lambda: [line.strip().split("  ")[0] for line in menu(app)] == titles)


class TestNothingIsLost:
    """What gives way in the prompt is called up again."""

    KEPT = "draft saved: Up restores it, Ctrl+R lists it"

    async def test_a_draft_that_a_block_puts_its_question_over(self, play: Play, make_app: MakeApp) -> None:
        play.past(1, turn(1, "an old question"))
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "my draft", "alt+up", "e")
            assert prompt(app).text == "an old question"
            assert self.KEPT in toasts(app)
            await pilot.press("!", "up")
            assert prompt(app).text == "my draft"
            await pilot.press("down")
            assert prompt(app).text == "an old question!"

    async def test_a_draft_with_a_paste_that_a_command_writes_over(self, make_app: MakeApp) -> None:
        app = make_app(desk=Desk())
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "look: ")
            await paste(pilot, "to @a\n" * 40)
            app.action_command("/rename")
            await until(pilot, lambda: prompt(app).text.startswith("/rename"))
            await pilot.press("up")
            assert prompt(app).whole == "look: " + "to @a\n" * 40
            await pilot.press("enter")
            await until(pilot, lambda: settled(app, 1))
            assert not app.conversation.timeline().turns[-1].started.context

    async def test_it_is_listed_and_lasts_over_other_timelines(
        self, play: Play, make_app: MakeApp, tmp_path: Path
    ) -> None:
        app = make_app(conversation=play.past(1, turn(1, "asked")), prompts=Prompts(tmp_path / "p"))
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "my draft", "alt+up", "e", "ctrl+n")
            await until(pilot, lambda: not app.conversation.timeline().turns)
            await pilot.press("ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, PromptsScreen))
            await pilot.press(*"my", "enter")
            await until(pilot, lambda: prompt(app).text == "my draft")
        assert kept(tmp_path / "p") == []

    async def test_a_draft_that_was_left_for_what_is_sent(self, play: Play, make_app: MakeApp) -> None:
        app = make_app(conversation=play.past(1, turn(1, "before")).past(2, turn(2, "asked")))
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "my draft", "up", "enter")
            await until(pilot, lambda: settled(app, 3))
            assert self.KEPT in toasts(app)
            await pilot.press("up", "up")
            assert prompt(app).text == "my draft"

    async def test_what_is_changed_on_the_way_stays_so(self, play: Play, make_app: MakeApp) -> None:
        app = make_app(conversation=play.past(1, turn(1, "one")).past(2, turn(2, "two")))
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "draft", "up", "!", "up", "down")
            assert prompt(app).text == "two!"
            await pilot.press("down")
            assert prompt(app).text == "draft"
            await pilot.press("up", "up", "enter")
            await until(pilot, lambda: settled(app, 3))
            assert prompt(app).recall.prompts == ["two", "draft", "two!", "one"]

    async def test_what_an_editor_left_empty(self, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
        stand_aside(monkeypatch)
        monkeypatch.setenv("VISUAL", "truncate -s 0")
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "my draft")
            await pilot.press("ctrl+g")
            await until(pilot, lambda: not prompt(app).text)
            assert self.KEPT in toasts(app)
            await pilot.press("up")
            assert prompt(app).text == "my draft"

    async def test_what_stands_in_the_new_text_is_no_loss(self, play: Play, make_app: MakeApp) -> None:
        play.script = lambda n, p, c: turn(n, p, gate=Gate())
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "first", "enter")
            await write(pilot, "second", "enter")
            await write(pilot, "draft", "escape")
            await until(pilot, lambda: prompt(app).text == "second\n\ndraft")
            assert self.KEPT not in toasts(app)


async def test_a_command_that_was_sent_last_is_no_trap_for_up_and_down(make_app: MakeApp) -> None:
    """Most sessions end with one, and the list of commands has not been needed yet."""
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        app.prompt.recall.others(["a question", "/quit"])
        await pilot.press("up")
        assert app.prompt.text == "/quit"
        assert not app.widgets.menu.display
        await pilot.press("up")
        assert app.prompt.text == "a question"
        await pilot.press("down", "down")
        assert app.prompt.text == ""
