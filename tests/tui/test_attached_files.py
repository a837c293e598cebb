"""What went along with a question is named in the timeline: live, and when it is opened again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.tui.controllers.pending_messages import QueuedMessage
from ralph.tui.prompt.attachments import gather
from ralph.tui.screens.pick import PickScreen
from ralph.tui.timeline.attached_files import files_line, split_context
from ralph.workflows.attached import enclose
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play, turn
from tests.tui.see import ask, hint, options, prompt, settled, text, until, write

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
    enclosed = gather(root, MESSAGE).enclosed
    assert split_context(QueuedMessage("", "", piped).context(enclosed)) == (piped, SHOWN)


@given(st.text("ab`\n():1 lines", max_size=60), st.text("ab`\n():1 lines", max_size=60))
def test_whatever_stands_in_files_and_pipes(tmp_path_factory: pytest.TempPathFactory, words: str, piped: str) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / "some file").write_text(words)
    made = enclose(root, "some file")
    found = split_context(QueuedMessage("", "", piped, (made,)).context())
    assert found == (piped, (f"some file ({made.size})",))


@pytest.mark.parametrize(
    "words", ["", "a", "x (2 lines):\n```\n1\n2\n", "x (1 line):\n```\n1\n2\n```", "x (1 line):\n```\n1\n```\nmore"]
)
def test_what_only_looks_like_a_file_is_context(words: str) -> None:
    assert split_context(words) == (words, ())


@pytest.mark.parametrize(
    ("width", "line"),
    [(200, "2 lines of context, 8 characters · notes.txt (4 lines) · empty (0 lines)"),
     (65, "2 lines of context, 8 characters · notes.txt (4 lines) · +1 more"),
     (50, "2 lines of context, 8 characters · +2 more"),
     (30, "2 lines of context,… · +2 more")],
)  # fmt: skip
def test_as_many_names_as_fit(root: Path, width: int, line: str) -> None:
    enclosed = gather(root, "@notes.txt @empty").enclosed
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

    @pytest.mark.parametrize("line", ["/new", "/timelines 0ther00000"])
    async def test_a_message_typed_before_the_switch_takes_the_files_of_the_timeline_that_it_goes_to(
        self, root: Path, play: Play, make_app: MakeApp, line: str
    ) -> None:
        other = Play("0ther00000").past(1, turn(1, "old"))
        play.past(1, turn(1, "q"))
        desk = Desk(play, other)
        app = make_app(desk=desk, root=root)
        async with app.run_test(size=SIZE) as pilot:
            await write(pilot, "/timelines 0ther00000", "enter")
            await until(pilot, lambda: app.conversation is other)
            await write(pilot, "/attach empty", "enter")
            await until(pilot, lambda: "attached: empty" in hint(app))
            await write(pilot, f"/timelines {play.id}", "enter")
            await until(pilot, lambda: app.conversation is play)
            await write(pilot, "/attach notes.txt", "enter")
            await until(pilot, lambda: "attached: notes.txt" in hint(app))
            opens, may_open = desk.timelines.open, asyncio.Event()

            async def slow(*args: Any, **named: Any) -> Any:
                await may_open.wait()
                return await opens(*args, **named)

            desk.timelines.open = slow  # type: ignore[method-assign]
            await write(pilot, line, "enter")
            await write(pilot, "what is it?", "enter")
            await until(pilot, lambda: app.controllers.queue.pending.waiting == ("what is it?",))
            may_open.set()
            await until(pilot, lambda: app.conversation is not play and app.conversation.submitted != [])  # type: ignore[attr-defined]
            context = app.conversation.submitted[0][1]  # type: ignore[attr-defined]
            assert "notes.txt" not in context
            assert ("empty" in context) is (line != "/new")
            await until(pilot, lambda: not app.conversation.busy)
            await write(pilot, f"/timelines {play.id}", "enter")
            await until(pilot, lambda: app.conversation is play)
            assert "attached: notes.txt (4 lines)" in hint(app)

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


@pytest.mark.parametrize("name", ["@../away.txt", "@~/away.txt", "@{tmp}/away.txt"])
async def test_a_file_outside_the_working_directory_goes_along_when_a_person_names_it(
    play: Play, make_app: MakeApp, root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOME", str(root.parent))
    (root.parent / "away.txt").write_text("far\n")
    app = make_app(root=root)
    path = name.format(tmp=root.parent)
    async with app.run_test(size=(160, 30)) as pilot:
        await write(pilot, f"what is {path} about", "escape", "enter")
        await until(pilot, lambda: settled(app, 1))
        assert f"+ {path[1:]} (1 line)" in text(app)
    ((_, context),) = play.submitted
    assert context.endswith("(1 line):\n```\nfar\n```")


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("@nothing.txt", "there is no file or folder 'nothing.txt' here"),
        ("@../gone.sh", "there is no file or folder '../gone.sh'"),
        ("@~/gone.txt", "there is no file or folder '~/gone.txt'"),
        ('@"no such file"', "there is no file or folder 'no such file' here"),
        ("@photo.png", "photo.png is an image"),
        ("@data.bin", "binary file"),
    ],
)
async def test_a_file_that_cannot_go_along_stops_the_message_and_the_text_stays(
    play: Play, make_app: MakeApp, root: Path, named: str, why: str
) -> None:
    (root / "photo.png").write_bytes(b"\x89PNG")
    (root / "data.bin").write_bytes(b"\0\1")
    app = make_app(root=root)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/attach empty", "enter")
        await until(pilot, lambda: "Attached: empty" in text(app))
        await write(pilot, f"read @notes.txt and {named} now", "escape", "enter")
        await until(pilot, lambda: why in " ".join(text(app).split()))
        assert prompt(app).text == f"read @notes.txt and {named} now"
        assert [e.path for e in app.controllers.queue.pending.attached] == ["empty"]
    assert play.submitted == []


@pytest.mark.parametrize(
    "message",
    ["ask @nobody about it", "mail bob@example.com or @example.com", "add @types/node to it", "why @app.route('/x')?",
     "what does @property.setter do", "see @org/repo", "@ alone"],
)  # fmt: skip
async def test_what_may_be_a_word_is_sent_as_text(play: Play, make_app: MakeApp, root: Path, message: str) -> None:
    app = make_app(root=root)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, message, "escape", "enter")
        await until(pilot, lambda: settled(app, 1))
    assert play.submitted == [(message, "")]


@pytest.mark.parametrize(("key", "sent"), [("down", True), ("", False)])
@pytest.mark.parametrize("line", ["tell me of @.env please", "/attach .env"])
async def test_a_file_that_may_hold_a_key_is_sent_after_a_yes_only(
    play: Play, make_app: MakeApp, root: Path, line: str, key: str, sent: bool
) -> None:
    (root / ".env").write_text("KEY=1\n")
    app = make_app(root=root)
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, line, "escape", "enter")
        await until(pilot, lambda: isinstance(app.screen, PickScreen) and "send it" in options(app))
        await pilot.press(*([key] if key else []), "enter")
        if not sent:
            await until(pilot, lambda: "it was not sent" in " ".join(text(app).split()))
            assert prompt(app).text == ("" if line.startswith("/") else line)
        elif line.startswith("/"):
            await until(pilot, lambda: "Attached: .env" in text(app))
        else:
            await until(pilot, lambda: settled(app, 1))
    assert [context for _, context in play.submitted] == (
        [".env (1 line):\n```\nKEY=1\n```"] if sent and not line.startswith("/") else []
    )


async def test_a_command_that_sends_stops_for_a_file_too(play: Play, make_app: MakeApp, root: Path) -> None:
    app = make_app(root=root)
    async with app.run_test(size=SIZE) as pilot:
        line = "/once ollama:a see @nothing.txt"
        await write(pilot, line, "escape", "enter")
        await until(pilot, lambda: "there is no file or folder 'nothing.txt' here" in " ".join(text(app).split()))
        assert prompt(app).text == line
    assert play.submitted == []
