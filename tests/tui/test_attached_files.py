"""What went along with a question is named in the timeline: live, and when it is opened again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.tui.controllers.message_queue import QueuedMessage
from ralph.tui.prompt.attachments import enclose, gather
from ralph.tui.timeline.attached_files import carried, files_line
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play, turn
from tests.tui.see import ask, hint, prompt, settled, text, until, write

SIZE = (100, 30)
FILES = {
    "notes.txt": "one\ntwo\n\n\n", "empty": "", "src/my_app.py": "```\nprint()\n```",
    "tricky.md": "notes.txt (1 line):\n",
    "two words (1 line).md": "\n\nx (2 lines):\n```\n\n```\n",
}  # fmt: skip
SHOWN = ("notes.txt (4 lines)", "empty (0 lines)", "src/my_app.py (3 lines)", "tricky.md (1 line)",
         "two words (1 line).md (6 lines)", "src/ (1 entry)")  # fmt: skip
MESSAGE = 'read @notes.txt @empty @src/my_app.py @tricky.md @"two words (1 line).md" @src'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, words in FILES.items():
        (tmp_path / "here" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / name).write_text(words)
    return tmp_path / "here"


@pytest.mark.parametrize(
    "piped",
    ["", "one\ntwo\n", "notes.txt (2 lines):\n```\nof a pipe", "a.py (1 line):\n```\nx\n```\n\nand more", "\n\n"],
)
def test_files_are_read_off_the_context_as_they_were_put_into_it(root: Path, piped: str) -> None:
    enclosed, _ = gather(root, MESSAGE)
    assert carried(QueuedMessage("", "", piped).context(enclosed)) == (piped, SHOWN)


@given(st.text("ab`\n():1 lines", max_size=60), st.text("ab`\n():1 lines", max_size=60))
def test_whatever_stands_in_files_and_pipes(tmp_path_factory: pytest.TempPathFactory, words: str, piped: str) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / "some file").write_text(words)
    made = enclose(root, "some file")
    found = carried(QueuedMessage("", "", piped, (made,)).context())
    assert found == (piped, (f"some file ({made.size})",))


@pytest.mark.parametrize(
    "words", ["", "a", "x (2 lines):\n```\n1\n2\n", "x (1 line):\n```\n1\n2\n```", "x (1 line):\n```\n1\n```\nmore"]
)
def test_what_only_looks_like_a_file_is_context(words: str) -> None:
    assert carried(words) == (words, ())


@pytest.mark.parametrize(
    ("width", "line"),
    [(200, "2 lines of context, 8 characters · notes.txt (4 lines) · empty (0 lines)"),
     (65, "2 lines of context, 8 characters · notes.txt (4 lines) · +1 more"),
     (50, "2 lines of context, 8 characters · +2 more"),
     (30, "2 lines of context,… · +2 more")],
)  # fmt: skip
def test_as_many_names_as_fit(root: Path, width: int, line: str) -> None:
    enclosed, _ = gather(root, "@notes.txt @empty")
    assert files_line(QueuedMessage("", "", "one\ntwo\n").context(enclosed), width) == line


async def test_a_turn_names_its_files_live_and_when_reopened(play: Play, make_app: MakeApp, root: Path) -> None:
    app = make_app(root=root, context="one\ntwo\n")
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/attach empty", "enter")
        await until(pilot, lambda: "Attached: empty" in text(app))
        await write(pilot, "sum up @notes.txt", "escape", "enter")
        await until(pilot, lambda: settled(app, 1))
        live = [line.strip() for line in text(app).split("\n") if "notes.txt (" in line]
        assert live == ["+ 2 lines of context, 8 characters · empty (0 lines) · notes.txt (4 lines)"]
        assert prompt(app).text == ""
    (_, context), *_ = play.submitted
    again = Play()
    again.past(1, turn(1, "sum up @notes.txt", context=context))
    app = make_app(conversation=again)
    async with app.run_test(size=(50, 30)):
        assert "+ 2 lines of context, 8 characters · +2 more" in text(app)


class TestOtherTimelines:
    """What is attached belongs to the timeline that it was attached in."""

    async def test_it_stays_with_its_timeline(self, root: Path, play: Play, make_app: MakeApp) -> None:
        other = Play("0ther00000").past(1, turn(1, "old"))
        play.past(1, turn(1, "q"))
        app = make_app(desk=Desk(play, other), root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "/attach notes.txt", "enter")
            await until(pilot, lambda: "attached: notes.txt (4 lines)" in hint(app))
            await write(pilot, "/timelines 0ther00000", "enter")
            await until(pilot, lambda: app.conversation is other)
            assert "attached" not in hint(app)
            await write(pilot, "/attach empty", "enter")
            await until(pilot, lambda: "attached: empty (0 lines)" in hint(app))
            await write(pilot, f"/timelines {play.id}", "enter")
            await until(pilot, lambda: app.conversation is play)
            assert "attached: notes.txt (4 lines)" in hint(app)
            await ask(pilot, "what is it?")
            assert "notes.txt (4 lines)" in play.submitted[0][1]
            assert "empty" not in play.submitted[0][1]
            assert other.submitted == []

    async def test_it_goes_into_a_fork_that_goes_on(self, root: Path, play: Play, make_app: MakeApp) -> None:
        play.past(1, turn(1, "q")).past(2, turn(2, "r"))
        app = make_app(root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "/attach notes.txt", "enter")
            await until(pilot, lambda: "attached" in hint(app))
            await write(pilot, "/fork 1", "enter")
            await until(pilot, lambda: app.conversation.id.startswith("f0rk"))
            assert "attached: notes.txt (4 lines)" in hint(app)
            await pilot.press("ctrl+n")
            await until(pilot, lambda: app.conversation.id == "n3w0000000")
            assert "attached" not in hint(app)
