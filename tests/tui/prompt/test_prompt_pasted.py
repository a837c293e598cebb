"""What came by a paste stays told from what was typed, and nothing that a terminal obeys gets into the prompt."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from ralph.core.errors import Failure, Kind
from ralph.core.log.events import TurnStarted
from ralph.core.ports.user_input import UserInput
from ralph.store.prompts import Prompts
from ralph.tui.controllers.beginning import Beginning
from ralph.tui.prompt.attachments import find_paths
from ralph.tui.prompt.history import PromptHistory
from ralph.tui.prompt.pasted import SIGN, again, plain, sign
from ralph.tui.screens.prompts import PromptsScreen
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, Play, turn
from tests.tui.see import ask, options, prompt, text, until, write

SIZE = (100, 30)
SECRET = "what only a person may send"
HOSTILE = "hi\x1b]52;c;ZXZpbA==\x07 \x9b2J\u202e th\u200bere"
HARMLESS = "hi  th\u200bere"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/notes.txt").write_text(SECRET)
    return tmp_path / "here"


async def paste(pilot: Pilot[int], words: str) -> None:
    prompt(pilot.app).post_message(events.Paste(words))  # type: ignore[arg-type]
    await pilot.pause()


async def send(pilot: Pilot[int], play: Play) -> tuple[str, bool]:
    """What was submitted, and whether the file went along."""
    before = len(play.submitted)
    await pilot.press("enter")
    await until(pilot, lambda: len(play.submitted) > before)
    text, context = play.submitted[-1]
    return text, SECRET in context


class TestQuestion:
    """A large paste does not hide what was asked about it."""

    @pytest.mark.parametrize(
        ("before", "after", "shown"),
        [
            ("", " explain this", "❯ [paste 300 lines] explain this"),
            ("explain this: ", "", "❯ explain this: [paste 300 lines]"),
            ("", "", "❯ [paste 300 lines]"),
        ],
    )
    async def test_the_words_that_were_typed_are_seen(
        self, before: str, after: str, shown: str, play: Play, make_app: MakeApp
    ) -> None:
        pasted = "\n".join(f"line {n}" for n in range(300))
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, before)
            await paste(pilot, pasted)
            await ask(pilot, after)
            assert play.submitted[-1][0] == f"{before}{pasted}{after}"
            assert shown in text(app)
            assert "line 7" not in text(app)
            assert "Ctrl+O shows the paste" in text(app)
            await pilot.press("ctrl+o")
            await until(pilot, lambda: "line 299" in text(app))
            assert "shows the paste" not in text(app)

    async def test_two_pastes_are_two_signs(self, play: Play, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "é\n" * 20)
            await write(pilot, "and ")
            await paste(pilot, "x" * 3000)
            await ask(pilot, " differ?")
            assert "❯ [paste 20 lines]and [paste 3,000 characters] differ?" in text(app)

    def test_a_title_is_made_of_what_was_typed(self) -> None:
        given = UserInput("line 0\nline 1 explain this", pastes=((0, 13),))
        assert given.written == "explain this"
        assert UserInput("line 0", pastes=((0, 6),)).written == "line 0"
        started = TurnStarted(given.text, pastes=given.pastes)
        assert UserInput.of(started) == given


class TestNames:
    @pytest.mark.parametrize("words", ["look at @notes.txt please", "@notes.txt", 'see @"notes.txt"\nor @notes.txt'])
    async def test_a_short_paste_names_no_files(self, words: str, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, words)
            assert prompt(app).text == words
            assert not app.widgets.menu.display
            assert await send(pilot, play) == (words, False)

    async def test_what_is_typed_around_a_paste_does(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "@notes.txt and")
            await write(pilot, " @notes.txt ")
            assert await send(pilot, play) == ("@notes.txt and @notes.txt ", True)

    async def test_a_path_dropped_behind_a_typed_sign_does(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "see @")
            await paste(pilot, str(root / "notes.txt"))
            assert (await send(pilot, play))[1]

    async def test_what_a_person_completes_does(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "see ")
            await pilot.press("@", "n")
            await until(pilot, lambda: app.widgets.menu.display)
            await pilot.press("tab")
            assert await send(pilot, play) == ("see @notes.txt ", True)

    async def test_undo_and_redo_bring_back_what_it_was(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "@notes.txt")
            await pilot.press("ctrl+u", "ctrl+underscore", "home", "x", "backspace")
            await pilot.press("ctrl+underscore", "ctrl+underscore", "alt+z", "alt+z")
            assert prompt(app).text == "@notes.txt"
            assert await send(pilot, play) == ("@notes.txt", False)

    async def test_ctrl_v_pastes_what_a_model_wrote(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            app.copy_to_clipboard("read @notes.txt\x1b[2J")
            await pilot.press("ctrl+v")
            assert await send(pilot, play) == ("read @notes.txt", False)

    async def test_what_was_typed_may_be_moved(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "@notes.txt", "shift+home", "ctrl+x")
            await write(pilot, "see ", "ctrl+v")
            assert await send(pilot, play) == ("see @notes.txt", True)

    async def test_what_was_pasted_may_be_moved_and_stays_pasted(
        self, root: Path, play: Play, make_app: MakeApp
    ) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "@notes.txt")
            await write(pilot, "", "shift+home", "ctrl+x")
            await write(pilot, "see ", "ctrl+v")
            assert await send(pilot, play) == ("see @notes.txt", False)


PASTES = pytest.mark.parametrize("words", ["@notes.txt", "line\n" * 15 + "@notes.txt"], ids=["short", "folded"])


class TestTakenBack:
    """From wherever a message comes back into the prompt, its pastes are still pastes."""

    @PASTES
    async def test_from_the_queue(self, words: str, root: Path, play: Play, make_app: MakeApp) -> None:
        gate = Gate()
        play.script = lambda n, p, c: turn(n, p, gate=gate if n == 1 else None)
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "one", "enter")
            await paste(pilot, words)
            await pilot.press("enter", "up")
            assert prompt(app).whole == words
            gate.opened.set()
            assert await send(pilot, play) == (words, False)

    @PASTES
    async def test_by_stopping(self, words: str, root: Path, play: Play, make_app: MakeApp) -> None:
        play.script = lambda n, p, c: turn(n, p, gate=Gate() if n == 1 else None)
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "one", "enter")
            await paste(pilot, words)
            await pilot.press("enter")
            await paste(pilot, words)
            await pilot.press("escape")
            await until(pilot, lambda: not app.shell.busy)
            assert await send(pilot, play) == (f"{words}\n\n{words}", False)

    @PASTES
    async def test_by_up(self, words: str, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, words)
            await send(pilot, play)
            await until(pilot, lambda: not app.shell.busy)
            await pilot.press("up")
            assert prompt(app).whole == words
            assert await send(pilot, play) == (words, False)

    async def test_a_draft_while_one_walks(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await ask(pilot, "before")
            await paste(pilot, "@notes.txt")
            await pilot.press("up", "down")
            assert await send(pilot, play) == ("@notes.txt", False)

    @PASTES
    async def test_in_the_session_after(self, words: str, root: Path, play: Play, make_app: MakeApp) -> None:
        """Also of a timeline that is opened again, and also by Ctrl+R."""
        file = root.parent / "prompts"
        first = make_app(root=root, prompts=Prompts(file))
        async with first.run_test(size=SIZE) as pilot:
            await paste(pilot, words)
            await send(pilot, play)
            await until(pilot, lambda: not first.shell.busy and file.exists() and file.read_text().endswith("\n"))
        again = Play("an0ther000").past(1, turn(1, words))
        app = make_app(root=root, prompts=Prompts(file), conversation=again, desk=Desk(again))
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: prompt(app).recall.recall_typed(words) != words)
            await pilot.press("up")
            assert await send(pilot, again) == (words, False)
            await until(pilot, lambda: not app.shell.busy)
            await pilot.press("ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, PromptsScreen))
            assert not any(SIGN in row for row in options(app))
            await pilot.press("enter")
            await until(pilot, lambda: prompt(app).text)
            assert await send(pilot, again) == (words, False)

    async def test_what_was_typed_names_files_also_when_it_is_sent_again(
        self, root: Path, play: Play, make_app: MakeApp
    ) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "see @notes.txt")
            await send(pilot, play)
            await until(pilot, lambda: not app.shell.busy)
            await pilot.press("up")
            assert await send(pilot, play) == ("see @notes.txt", True)

    async def test_one_that_could_not_be_sent(
        self, root: Path, play: Play, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def submit(*_: object) -> None:
            raise Failure(Kind.BUSY, "a turn is running")

        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            with monkeypatch.context() as broken:
                broken.setattr(play, "submit", submit)
                await paste(pilot, "@notes.txt")
                await pilot.press("enter")
                await until(pilot, lambda: prompt(app).text == "@notes.txt")
            assert await send(pilot, play) == ("@notes.txt", False)

    async def test_the_question_of_a_turn_that_is_undone(self, root: Path, play: Play, make_app: MakeApp) -> None:
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "@notes.txt")
            await send(pilot, play)
            await until(pilot, lambda: not app.shell.busy)
            await write(pilot, "/rewind 1", "escape", "enter")
            await until(pilot, lambda: prompt(app).text == "@notes.txt")
            assert find_paths(prompt(app).typed) == ()


class TestHostile:
    """An old message, a paste and a draft from elsewhere are painted, and sent, without what a terminal obeys."""

    def painted(self, app: object) -> str:
        area = prompt(app)  # type: ignore[arg-type]
        return "".join(area.render_line(y).text for y in range(area.size.height))

    async def test_from_a_timeline(self, play: Play, make_app: MakeApp) -> None:
        app = make_app(conversation=play.past(1, turn(1, HOSTILE)))
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("up")
            assert prompt(app).text == HARMLESS
            assert self.painted(app).strip() == HARMLESS
            await write(pilot, "", "ctrl+c")
            await write(pilot, "/rewind 1", "escape", "enter")
            await until(pilot, lambda: prompt(app).text == HARMLESS)

    async def test_from_the_file_of_all_prompts(self, make_app: MakeApp, tmp_path: Path) -> None:
        (tmp_path / "p").write_text(json.dumps({"prompt": HOSTILE}) + "\n")
        app = make_app(prompts=Prompts(tmp_path / "p"))
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: prompt(app).recall.prompts)
            await pilot.press("ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, PromptsScreen))
            await pilot.press("enter")
            await until(pilot, lambda: prompt(app).text == HARMLESS)

    async def test_from_a_paste_small_or_large(self, play: Play, make_app: MakeApp) -> None:
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, HOSTILE)
            assert prompt(app).text == HARMLESS
            await paste(pilot, f"\r\n{HOSTILE}" * 20)
            assert (await send(pilot, play))[0] == HARMLESS + f"\n{HARMLESS}" * 20

    async def test_from_the_command_line(self, make_app: MakeApp) -> None:
        app = make_app(beginning=Beginning(draft=HOSTILE))
        async with app.run_test(size=SIZE):
            assert prompt(app).text == HARMLESS

    async def test_tabs_are_sent_as_they_are(self, play: Play, make_app: MakeApp) -> None:
        """A Makefile, say."""
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            await paste(pilot, "all:\n\tcc\x0b\ta.c")
            assert (await send(pilot, play))[0] == "all:\n\tcc\n\ta.c"


async def test_signs_move_with_the_text_through_any_edits(make_app: MakeApp) -> None:
    """The area against plain strings with the signs in them."""
    chance = random.Random(7)
    pieces = ["@", SIGN, f"a{SIGN}b", "x", "", "\n", f"{SIGN}\n{SIGN}{SIGN}\n@", "日本"]
    app = make_app()
    async with app.run_test(size=SIZE):
        area, states = prompt(app), [""]
        for _ in range(400):
            ends = [chance.randrange(len(states[-1]) + 1) for _ in "ab"]
            start, end = sorted(ends)
            if chance.random() < 0.5:
                start = end
            if chance.random() < 0.25 and len(states) > 1:
                area.undo()
                undone = states.pop()
                assert area.signed == states[-1]
                if chance.random() < 0.5:
                    area.redo()
                    states.append(undone)
            else:
                area.history.checkpoint()
                piece, at = chance.choice(pieces), area.document.get_location_from_index
                area.replace(piece, at(start), at(end), maintain_selection_offset=False)
                made = states[-1][:start] + piece + states[-1][end:]
                if made != states[-1]:
                    states.append(made)
            assert area.signed == states[-1]
            assert area.text == plain(states[-1])


@pytest.mark.parametrize(
    ("made", "before", "left"),
    [
        ("see @a.py and @b.py", f"{SIGN}a.py", f"see {SIGN}a.py and @b.py"),
        ("@a.py", f"@a.py {SIGN}a.py", "@a.py"),
        ("anything @a", "typed @b", "anything @a"),
        ("x\n@a\n", f"x\n{SIGN}a\n", f"x\n{SIGN}a\n"),
    ],
)
def test_what_an_editor_was_given_stays_pasted(made: str, before: str, left: str) -> None:
    assert again(made, before) == left


def test_a_message_that_was_typed_after_it_had_been_pasted_counts_as_typed() -> None:
    recall = PromptHistory()
    recall.add(sign("see @a"))
    assert recall.recall_typed("see @a") == sign("see @a")
    recall.own(["see @a"])
    assert recall.prompts == ["see @a"]
    assert recall.recall_typed("see @a") == sign("see @a")
    recall.add("see @a")
    assert recall.recall_typed("see @a") == "see @a"


def test_a_sign_that_was_pasted_begins_no_name_but_may_be_in_one() -> None:
    assert find_paths(f'{SIGN}a @b @"@types/c" @"{SIGN}types/d" x{SIGN}@e') == ("b", "@types/c", "@types/d")
