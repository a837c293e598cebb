"""Consent: what a tool is about to do is shown, and only a clear yes lets it."""

from __future__ import annotations

import asyncio

import pytest
from textual import events

from ralph.core.ports.face import Consent, ConsentAnswer
from ralph.tui.edited_arguments import read_arguments, write_arguments
from ralph.tui.screens.pick import PickScreen
from ralph.tui.widgets.consent import ConsentPanel
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.waiting_question import SETTLE_S
from tests.tui.conftest import MakeApp
from tests.tui.play import HandClock, Play, turn
from tests.tui.see import prompt, until

WRITE = Consent("1.3c1", "write_file", {"path": "[/red]notes.md", "content": "one\n\x1b[31mtwo"}, "write")
SIZE = (80, 24)


@pytest.mark.parametrize(("key", "allowed"), [("y", True), ("n", False), ("escape", False)])
async def test_one_key_answers(key: str, allowed: bool, clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(WRITE))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        shown = panel.render().plain
        assert "Allow write_file? It changes files." in shown
        assert "path: [/red]notes.md" in shown
        assert "content: one\n    \\x1b[31mtwo" in shown
        clock.at = SETTLE_S
        await pilot.press(key)
        assert (await asked).allowed is allowed
        await until(pilot, lambda: prompt(app).has_focus)
        assert not panel.display


async def test_what_the_tool_says_that_it_would_do_stands_first(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        consent = Consent("1.3c1", "write_file", {"path": "a.md"}, "write", "- one\n+ \x1b[31mtwo")
        asked = asyncio.create_task(app.allow(consent))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        assert "  preview: - one\n    + \\x1b[31mtwo\n  path: a.md\n" in panel.render().plain
        asked.cancel()
        await pilot.pause()


POEM = "roses are red\nviolets are blue\n"
DIFF = "makes the file a.md; 2 lines\n--- /dev/null\n+++ a.md\n@@ -0,0 +1,2 @@\n+roses are red\n+violets are blue"


@pytest.mark.parametrize(
    ("preview", "twice"),
    [(DIFF, False), (DIFF.replace("+roses", "+tulips"), True), ("makes the file a.md; 2 lines", True)],
)
async def test_a_text_that_the_preview_shows_in_whole_is_not_shown_twice(
    preview: str, twice: bool, make_app: MakeApp
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        consent = Consent("1.3c1", "write_file", {"path": "a.md", "content": POEM}, "write", preview)
        asked = asyncio.create_task(app.allow(consent))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        shown = panel.render().plain
        assert ("content:" in shown) is twice
        assert "violets are blue" in shown
        assert "more line" not in shown
        asked.cancel()
        await pilot.pause()


async def test_a_key_that_was_already_on_its_way_is_no_answer(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(WRITE))
        await until(pilot, lambda: app.query_one(ConsentPanel).has_focus)
        await pilot.press("y", "enter", "x")
        assert not asked.done()
        clock.at = SETTLE_S
        await pilot.press("x", "n")
        assert not asked.done(), "the next letter of a word is no answer either"
        clock.at = 2 * SETTLE_S
        await pilot.press("n")
        assert (await asked).allowed is False
        assert prompt(app).text == "yxxn", "what was typed is kept"


async def test_a_message_that_is_being_written_goes_on_in_the_prompt(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*"may")
        asked = asyncio.create_task(app.allow(WRITE))
        await until(pilot, lambda: app.query_one(ConsentPanel).has_focus)
        await pilot.press(*"yny", "backspace")
        app.query_one(ConsentPanel).post_message(events.Paste("!"))
        await until(pilot, lambda: prompt(app).text == "mayyn!")
        clock.at += 2 * SETTLE_S
        await pilot.press("y")
        assert (await asked).allowed is True
        assert prompt(app).text == "mayyn!"


@pytest.mark.parametrize("way", ["shift+tab", "escape"])
async def test_a_person_on_the_blocks_is_not_interrupted_and_told_which_key_answers(
    way: str, play: Play, clock: HandClock, make_app: MakeApp
) -> None:
    app = make_app(conversation=play.past(1, turn(1, "q")))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+up")
        await until(pilot, lambda: app.view.has_focus)
        asked = asyncio.create_task(app.allow(WRITE))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.display)
        clock.at += 2 * SETTLE_S
        await pilot.press("up", "y")
        assert not asked.done()
        assert app.view.has_focus
        assert panel.render().plain.endswith("Shift+Tab to answer: y once · n or Esc deny · e edit · ? why")
        await pilot.press(way)
        await until(pilot, lambda: panel.has_focus)
        assert panel.render().plain.endswith("\ny once · n or Esc deny · e edit · ? why")
        clock.at += 2 * SETTLE_S
        await pilot.press("pageup", "y")
        assert (await asked).allowed is True


async def test_a_question_that_lost_the_focus_says_so_and_scrolling_keeps_it(
    play: Play, clock: HandClock, make_app: MakeApp
) -> None:
    app = make_app(conversation=play.past(1, turn(1, "q")))
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(WRITE))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        await pilot.press("pageup", "pagedown")
        assert panel.has_focus
        await pilot.click(Prompt)
        await until(pilot, lambda: prompt(app).has_focus)
        assert "Shift+Tab to answer" in panel.render().plain
        await pilot.press(*"yes")
        clock.at += 2 * SETTLE_S
        await pilot.press("shift+tab")
        await until(pilot, lambda: panel.has_focus)
        clock.at += 2 * SETTLE_S
        await pilot.press("n")
        assert (await asked).allowed is False
        assert prompt(app).text == "yes"


async def test_who_types_on_has_not_answered(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(WRITE))
        await until(pilot, lambda: app.query_one(ConsentPanel).has_focus)
        for queued in "they say yes":
            clock.at += SETTLE_S / 2
            await pilot.press(queued)
        assert not asked.done()
        clock.at += 2 * SETTLE_S
        await pilot.press("n")
        assert (await asked).allowed is False


HIDDEN = {
    "argv": ["rm", "\u202etxt.exe", "\x9b2J", "a\u200bb", {"deep\x1b": ["\U000e0041"]}],
    "na\u202eme": "a\x1b]52;c;ZXZpbA==\x07b\rc",
}


async def test_what_cannot_be_seen_is_spelt_out_in_every_leaf(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(Consent("c", "sh\u200bell", HIDDEN, "run")))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        shown = panel.render().plain
        assert "Allow sh\\u200bell?" in shown
        assert r'["rm","\u202etxt.exe","\x9b2J","a\u200bb",{"deep\u001b":["\U000e0041"]}]' in shown
        assert r"na\u202eme: a\x1b]52;c;ZXZpbA==\x07b\rc" in shown
        assert all(c.isprintable() or c == "\n" for c in shown)
        asked.cancel()
        await pilot.pause()


class TestUnderADialog:
    @pytest.mark.parametrize("key", ["f1", "ctrl+p", "ctrl+l"])
    async def test_it_is_told_and_asked_when_the_dialog_is_gone(
        self, key: str, clock: HandClock, make_app: MakeApp
    ) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            asked = asyncio.create_task(app.allow(WRITE))
            await until(
                pilot, lambda: any("write_file waits for your yes or no" in n.message for n in app._notifications)
            )
            clock.at = 60
            app.screen.dismiss(None)
            await until(pilot, lambda: len(app.screen_stack) == 1)
            await pilot.press("escape", "y")
            assert not asked.done()
            clock.at += 2 * SETTLE_S
            await pilot.press("y")
            assert (await asked).allowed is True

    async def test_a_dialog_over_the_question_begins_it_anew(self, clock: HandClock, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            asked = asyncio.create_task(app.allow(WRITE))
            await until(pilot, lambda: app.query_one(ConsentPanel).has_focus)
            assert not app._notifications
            await pilot.press("f1")
            await until(pilot, lambda: len(app.screen_stack) == 2)
            clock.at = 60
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            await pilot.press("escape")
            assert not asked.done()
            clock.at += 2 * SETTLE_S
            await pilot.press("escape")
            assert (await asked).allowed is False


async def test_questions_come_one_after_the_other(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        panel = app.query_one(ConsentPanel)
        first = asyncio.create_task(app.allow(WRITE))
        second = asyncio.create_task(app.allow(Consent("1.3c2", "fetch", {}, "network")))
        await until(pilot, lambda: "write_file" in panel.render().plain)
        clock.at = 1
        await pilot.press("y")
        assert (await first).allowed is True
        await until(pilot, lambda: "fetch" in panel.render().plain)
        clock.at = 2
        await pilot.press("n")
        assert (await second).allowed is False


async def test_a_question_goes_away_when_nobody_waits_for_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(WRITE))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        asked.cancel()
        await until(pilot, lambda: not panel.display)
        assert app.query_one(Prompt).has_focus


async def test_a_long_argument_is_cut_and_says_so(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(Consent("c", "run", {"script": "\n".join("abc" * 10)}, "run")))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        assert "    b\n    … 21 more lines …\n    c\n" in panel.render().plain
        assert "It runs a program." in panel.render().plain
        asked.cancel()
        await pilot.pause()


LARGE = {
    "one line": {"command": "echo " + "x" * 5000 + "; rm -rf ~"},
    "spaces": {"command": "ls" + " " * 5000 + "; rm -rf ~"},
    "wide": {"command": "日本" * 900 + "; rm -rf ~"},
    "lines": {"command": "echo\n" * 300 + "; rm -rf ~"},
    "arguments": {"first": "a\n" * 20, "second": "b" * 400, "command": "x\n" * 20 + "; rm -rf ~"},
}


@pytest.mark.parametrize("size", [SIZE, (40, 16), (120, 40)], ids=str)
@pytest.mark.parametrize("arguments", LARGE.values(), ids=LARGE.keys())
async def test_the_end_of_what_is_asked_and_the_keys_are_in_sight(
    arguments: dict[str, str], size: tuple[int, int], make_app: MakeApp
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        asked = asyncio.create_task(app.allow(Consent("c", "shell", arguments, "run")))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        seen = [strip.text for strip in panel.render_lines(panel.outer_size.region)]
        keys = " ".join(" ".join(seen[-2:]).replace("█", "").split())
        assert keys.endswith("y once · n or Esc deny · e edit · ? why · ↓ all of it")
        assert ";rm-rf~" in "".join("".join(seen[-5:-1]).replace("█", "").split())
        assert any(" more " in line for line in seen)
        assert len(seen) <= size[1] // 2
        asked.cancel()
        await pilot.pause()


async def test_more_arguments_than_rows_are_told(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(Consent("c", "shell", {f"a{n}": n for n in range(30)}, "run")))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        await pilot.pause()
        assert "  a7: 7\n  … 21 more rows do not fit; ↓ shows them\n  a29: 29\n" in panel.render().plain
        assert "y once" in panel.render_lines(panel.outer_size.region)[-1].text
        asked.cancel()
        await pilot.pause()


async def test_a_turn_may_ask_for_a_choice_and_may_be_stopped_meanwhile(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        first = asyncio.create_task(
            app.controllers.dialogs.choose("The answer was cut off", [("go", "go on"), ("end", "leave it")])
        )
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press("down", "enter")
        assert await first == "end"
        second = asyncio.create_task(app.controllers.dialogs.choose("Again", [("go", "go on")]))
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        second.cancel()
        await until(pilot, lambda: not isinstance(app.screen, PickScreen))
        assert second.cancelled()


EDIT = Consent(
    "1.3c1", "edit_file", {"path": "src/a.py"}, "write", "@@ -1,2 +1,2 @@\n-one\n+two\n three", "src/a.py",
    "effect write", "edit_file(src/**)",
)  # fmt: skip


@pytest.mark.parametrize(("key", "scope"), [("y", "once"), ("t", "turn"), ("T", "timeline"), ("a", "always")], ids=str)
async def test_each_answer_has_its_key(key: str, scope: str, clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(EDIT))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        shown = panel.render().plain
        assert (
            "  asks: effect write\n  path: src/a.py\n  preview: @@ -1,2 +1,2 @@\n    -one\n    +two\n     three\n"
            in shown
        )
        assert "  always stores: edit_file(src/**)\n" in shown
        assert "y once · t turn · T timeline · a always · n or Esc deny · e edit · ? why" in shown
        clock.at = SETTLE_S
        await pilot.press(key)
        assert await asked == ConsentAnswer(True, scope)  # type: ignore[arg-type]


async def test_without_a_rule_there_is_no_wider_answer(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(Consent("c", "shell", {"command": "ls; id"}, "run", resource="ls; id")))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        assert "always" not in panel.render().plain
        clock.at = SETTLE_S
        await pilot.press("t", "T", "a")
        assert not asked.done()
        clock.at += 2 * SETTLE_S
        await pilot.press("question_mark")
        assert "No rule can cover this call" in " ".join(panel.render().plain.split())
        await pilot.press("y")
        assert (await asked).scope == "once"


@pytest.mark.parametrize(
    ("consent", "rows"),
    [
        (
            Consent("c", "web_fetch", {"url": "https://a.org:8443/x"}, "network", resource="https://a.org:8443/x"),
            ["host: a.org:8443"],
        ),
        (
            Consent("c", "run", {}, "run", resource=("git", "log", "a b"), sandbox="bwrap"),
            ["runs: git log 'a b'", "sandbox: bwrap, no network"],
        ),
        (
            Consent("c", "run", {}, "run", resource=("npm", "ci"), sandbox="bwrap", network=True),
            ["sandbox: bwrap, it may use the network"],
        ),
        (
            Consent("c", "run", {}, "run", resource=("ls",), sandbox="none"),
            ["sandbox: none: it can read and change what you can, it may use the network"],
        ),
        (
            Consent("c", "run", {}, "run", why="outside content: a.org is in the context since 1.3c1"),
            ["asks: outside content: a.org is in the context since 1.3c1"],
        ),
        (Consent("c", "run", {}, "run", resource=("gіt", "log")), ["runs: 'g\\u0456t' log"]),
        (Consent("c", "web_fetch", {}, "network", resource="https://аррӏе.com/"), ["host: xn--80ak6aa92e.com"]),
        (Consent("c", "write_file", {"content": "ｒm Привет і"}, "write"), ["content: \\uff52m Привет і"]),
        (Consent("c", "write_file", {}, "write", resource="сору"), ["path: \\u0441\\u043e\\u0440\\u0443"]),
    ],
    ids=str,
)
async def test_what_a_call_uses_is_said_in_full(consent: Consent, rows: list[str], make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        asked = asyncio.create_task(app.allow(consent))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        for row in rows:
            assert f"  {row}\n" in panel.render().plain
        asked.cancel()
        await pilot.pause()


async def test_a_long_question_is_read_row_by_row(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        diff = "\n".join(f"+line {n}" for n in range(60))
        asked = asyncio.create_task(app.allow(Consent("c", "write_file", {"path": "a"}, "write", diff)))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        assert "more lines …" in panel.render().plain
        clock.at = SETTLE_S
        seen: set[str] = set()
        for _ in range(61):
            seen |= {row.strip().removeprefix("preview: ") for row in panel.render().plain.split("\n")}
            assert len(panel.render().plain.split("\n")) <= 12
            await pilot.press("down")
        assert {f"+line {n}" for n in range(60)} <= seen
        assert "rows above" in panel.render().plain
        assert "path: a" in panel.render().plain
        await pilot.press("pageup", "pageup")
        assert "rows below" in panel.render().plain
        await pilot.press("n")
        assert not (await asked).allowed


@pytest.mark.parametrize(
    ("text", "answer", "notice"),
    [
        ("path: src/b.py\n", ConsentAnswer(True, arguments={"path": "src/b.py"}), ""),
        ('{"path": "src/b.py"}', ConsentAnswer(True, arguments={"path": "src/b.py"}), ""),
        ("path: src/a.py\n", None, "nothing was changed; the question stays"),
        ("path: [", None, "the arguments cannot be read in line 1; the call is as it was"),
        ("- a\n", None, "the arguments must be names with values; the call is as it was"),
    ],
)
async def test_the_arguments_can_be_edited(
    text: str, answer: ConsentAnswer | None, notice: str, clock: HandClock, make_app: MakeApp
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(EDIT))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.has_focus)
        given: list[str] = []

        async def edit(before: str) -> str:
            given.append(before)
            return text

        panel.edit = edit
        clock.at = SETTLE_S
        await pilot.press("e")
        await until(pilot, lambda: asked.done() or bool(app._notifications))
        assert given[0].endswith("path: src/a.py\n")
        if answer:
            assert await asked == answer
        else:
            assert [n.message for n in app._notifications] == [notice]
            assert not asked.done()
            asked.cancel()
            await pilot.pause()


def test_arguments_keep_their_values_in_the_editor() -> None:
    arguments = {"path": "a: b", "content": "one\n  two\n\tthree\n", "n": 3, "yes": "yes", "hidden": "a\u202eb\x1b[2J",
                 "list": ["x", {"y": None}], "empty": ""}  # fmt: skip
    text = write_arguments("write_file", arguments)
    assert read_arguments(text) == arguments
    assert all(c.isprintable() or c == "\n" for c in text.replace("\t", ""))


async def test_a_program_is_shown_once(clock: HandClock, make_app: MakeApp) -> None:
    app = make_app()
    argv = ("grep", "-c", "a b", "notes.md")
    consent = Consent("c", "run", {"argv": list(argv), "timeout_s": 5}, "run", resource=argv)
    async with app.run_test(size=SIZE) as pilot:
        asked = asyncio.create_task(app.allow(consent))
        panel = app.query_one(ConsentPanel)
        await until(pilot, lambda: panel.display)
        shown = panel.render().plain
        assert "runs: grep -c 'a b' notes.md" in shown
        assert shown.count("grep") == 1
        assert "timeout_s: 5" in shown
        clock.at += 2 * SETTLE_S
        await pilot.press("n")
        await asked
