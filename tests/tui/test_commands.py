"""Slash commands: each does its work through the face, and none reaches a model."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ralph import registry
from ralph.commands._dispatch import find, is_command, parse, run
from ralph.core.errors import NotFound
from ralph.core.ports.face import Command, KeyRow
from ralph.tui.screens.timelines import TimelinesScreen
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import ROLES, Gate, HandClock, Play, turn
from tests.tui.see import ask, lines, part, prompt, text, until, write

SIZE = (100, 40)


class Listening:
    """A face that only remembers."""

    def __init__(self, desk: Desk, conversation: Play, picks: str | None = None) -> None:
        self.workspace = desk
        self.conversation = conversation
        self.commands: Sequence[Command] = [
            registry.load("commands", name) for name in registry.builtin_names("commands")
        ]
        self.said: list[str] = []
        self.found: list[object] = []
        self.offered: list[tuple[str, Sequence[tuple[str, str]]]] = []
        self.switched: list[str | None] = []
        self.written: list[str] = []
        self.edited: list[str] = []
        self.files: list[str] = []
        self.worn: list[str] = []
        self.left = False
        self.followed: list[asyncio.Task[None]] = []
        self.ran_beside: list[Play] = []
        self._picks = picks
        self.entered: str | None = None

    def say(self, text: str) -> None:
        self.said.append(text)

    def result(self, data: object) -> None:
        self.found.append(data)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        self.offered.append((title, options))
        return self._picks

    async def ask(self, question: str, answers: Sequence[tuple[str, str]]) -> str | None:
        return await self.choose(question, answers)

    async def ask_key(self, title: str, note: str) -> str | None:
        self.offered.append((title, ()))
        return self.entered

    async def switch(self, timeline: str | None, *, read_only: bool = False) -> Play:
        if timeline is not None:
            await self.workspace.timelines.open(timeline)
        self.switched.append(timeline)
        self.conversation = self.workspace.timelines.saved.get(timeline or "", self.conversation)
        return self.conversation

    def follow(self, turn: asyncio.Task[None]) -> None:
        self.followed.append(turn)

    async def keep(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        await self.conversation.record(title, text, data)
        self.said.append(text)

    @contextlib.contextmanager
    def beside(self, conversations: Sequence[Play]) -> Iterator[None]:
        self.ran_beside = list(conversations)
        yield

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        return False

    def write(self, text: str) -> None:
        self.written.append(text)

    async def edit(self, text: str = "") -> None:
        self.edited.append(text)

    async def enclose(self, path: str) -> str:
        self.files.append(path)
        return f"{path}, 2 lines"

    def list_enclosed(self) -> Sequence[str]:
        return [f"{path}, 2 lines" for path in self.files]

    def drop_enclosed(self) -> None:
        self.files.clear()

    async def context(self, message: str) -> str:
        return "\n".join(w for w in (*self.files, *message.split()) if "@" in w or w in self.files)

    async def paths_like(self, part: str) -> Sequence[str]:
        return [f"{part}.md"]

    def copy(self, text: str) -> bool:
        return False

    def themes(self) -> Sequence[str]:
        return ("sacred", "daylight", "nord")

    def use_theme(self, theme: str) -> None:
        if theme not in self.themes():
            raise NotFound(f"there is no theme '{theme}'")
        self.worn.append(theme)

    def quit(self) -> None:
        self.left = True

    def key_help(self) -> Sequence[tuple[str, str]]:
        return [("Enter", "send"), ("Ctrl+J, \\ Enter", "new | line")]

    def key_rows(self) -> Sequence[KeyRow]:
        return (
            KeyRow("turn.stop", "Esc", "stop"),
            KeyRow("help", "F5", "help | more", mapped=True),
            KeyRow("pick.up", "Up", "up", "pick"),
        )


@pytest.fixture
def face(play: Play) -> Listening:
    return Listening(Desk(play), play)


@pytest.mark.parametrize(
    ("line", "name"),
    [("/help", "help"), ("/?", "help"), ("/HELP", "help"), ("/model a:b", "model"), ("/models", "model"),
     ("/provider", "provider"), ("/connect", "connect"), ("/new", "new"), ("/clear", "new"),
     ("/timelines", "timelines"), ("/resume", "timelines"), ("/sessions", "timelines"), ("/quit", "quit"),
     ("/exit", "quit"), (":q", "quit")],
)  # fmt: skip
def test_names_and_aliases(line: str, name: str, face: Listening) -> None:
    assert is_command(line)
    command = find(parse(line)[0], face.commands)
    assert command is not None
    assert command.name == name


def test_no_alias_is_the_name_or_an_alias_of_another_command(face: Listening) -> None:
    names = [name for command in face.commands for name in (command.name, *command.aliases)]
    assert sorted(names) == sorted(set(names))


async def test_undo_files_is_not_a_rewind(face: Listening) -> None:
    await run("/undo files", face)
    assert face.said == ["✗ no turn of this timeline wrote a file that could be taken back"]
    await run("/help undo", face)
    assert "/undo" in face.said[1]
    assert "files" in face.said[1]
    assert "/rewind [turn]" not in face.said[1]


def test_a_slash_after_a_blank_is_a_message() -> None:
    assert not is_command(" /etc/hosts")
    assert not is_command("what is :q")


@pytest.mark.parametrize(
    ("line", "meant"), [("/modle", "`/model`"), ("/timelins foo", "`/timelines`"), ("/", "`/help`")]
)
async def test_an_unknown_one_is_answered_with_the_nearest(line: str, meant: str, face: Listening) -> None:
    await run(line, face)
    assert meant in face.said[0]
    assert "Nothing was sent to a model" in face.said[0]


async def test_help_lists_the_live_commands_and_keys(face: Listening) -> None:
    await run("/help", face)
    for command in face.commands:
        assert f"`/{command.name}" in face.said[0]
    assert "| Ctrl+J, \\\\ Enter | new \\| line |" in face.said[0]


async def test_help_for_one_command(face: Listening) -> None:
    await run("/help /model", face)
    assert face.said == ["`/model [provider:model|reset [role …]]`: choose the model that answers (also `/models`)"]
    await run("/help modle", face)
    assert "did you mean /model?" in face.said[1]
    await run("/help retry", face)
    assert "`/retry [turn] [route|tool|format] [provider:model]`" in face.said[2]
    await run("/help", face)
    assert "| `/retry [turn] [route\\|tool\\|format] [provider:model]` |" in face.said[3]


async def test_model_with_a_ref_uses_it_and_says_for_what(play: Play, face: Listening) -> None:
    await run("/model groq:openai/gpt-oss-120b", face)
    assert play.roles["tool"] == play.roles["format"] == "groq:openai/gpt-oss-120b"
    kept = "This is kept for every later start; `/model reset` undoes it."
    assert face.said == [f"From the next turn on `groq:openai/gpt-oss-120b` does tool and format.\n\n{kept}"]
    assert face.workspace.models.kept == dict.fromkeys(("tool", "format"), "groq:openai/gpt-oss-120b")
    await run("/model groq:openai/gpt-oss-120b", face)
    assert face.said[1] == (
        "Nothing changes: `anthropic:claude-haiku-4-5` does route, "
        f"`groq:openai/gpt-oss-120b` does tool and format already.\n\n{kept}"
    )


async def test_model_may_be_for_other_roles(play: Play, face: Listening) -> None:
    await run("/model groq:openai/gpt-oss-20b route", face)
    assert play.roles == {**ROLES, "route": "groq:openai/gpt-oss-20b"}
    await run("/model scripted:my file.yaml route tool format", face)
    assert set(play.roles.values()) == {"scripted:my file.yaml"}


async def test_model_with_a_bad_ref_says_why(face: Listening) -> None:
    await run("/model nonsense", face)
    assert face.said == ["✗ 'nonsense' is not a model ref"]


async def test_model_without_a_ref_offers_what_the_providers_list(play: Play) -> None:
    face = Listening(Desk(play), play, picks="anthropic:claude-haiku-4-5")
    await run("/model", face)
    title, options = face.offered[0]
    assert title == "Choose a model"
    assert [value for value, _ in options] == ["anthropic:claude-haiku-4-5", "anthropic:claude-sonnet-5-5"]
    assert options[1][1] == "anthropic:claude-sonnet-5-5  (now: tool, format)"
    assert "ollama: nobody answers" in face.said[0]
    assert play.roles["format"] == "anthropic:claude-haiku-4-5"


async def test_model_without_any_provider_says_how_to_connect_one(play: Play) -> None:
    desk = Desk(play)
    desk.models.lists = {"anthropic": (), "ollama": ()}
    face = Listening(desk, play)
    await run("/model", face)
    assert "`/connect`" in face.said[0]


async def test_model_completes_providers_and_then_their_models(face: Listening) -> None:
    command = find("model", face.commands)
    assert command
    assert await command.complete("an", face) == ["anthropic:"]
    assert await command.complete("anthropic:claude-h", face) == ["anthropic:claude-haiku-4-5"]
    assert await command.complete("ollama:", face) == ()


async def test_provider_says_what_each_has_or_needs(face: Listening) -> None:
    await run("/provider", face)
    assert "| anthropic | ✓ connected | key set · used for tool, format |" in face.said[0]
    assert "| openai | – not connected | /connect openai, or export OPENAI\\_API\\_KEY=… |" in face.said[0]
    await run("/provider ollama", face)
    assert "address: http://127.0.0.1:11434" in face.said[1]
    await run("/provider opnai", face)
    assert "did you mean 'openai'?" in face.said[2]


async def test_timelines_switches_by_id_searches_and_lists(play: Play) -> None:
    saved = Play("saved00000").past(1, turn(1, "words"))
    face = Listening(Desk(saved), play, picks="saved00000")
    await run("/timelines saved00000", face)
    assert face.switched == ["saved00000"]
    await run("/resume README", face)
    assert face.offered[0][0] == "Timelines with “README”"
    assert face.switched == ["saved00000", "saved00000"]
    await run("/timelines nothing like it", face)
    assert face.said == ["No timeline holds “nothing like it”."]
    assert "README questions · 1 turn · $0.0042 · 2026-11-20 14:02" in face.offered[0][1][0][1]


async def test_new_and_quit(face: Listening) -> None:
    await run("/new", face)
    await run(":q", face)
    assert face.switched == [None]
    assert face.left


async def test_a_command_typed_into_the_screen_is_never_sent(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/modle", "enter")
        await until(pilot, lambda: "Did you mean /model" in text(app))
        await write(pilot, "/provider ollama", "enter")
        await until(pilot, lambda: "address: http://127.0.0.1:11434" in text(app))
        assert play.submitted == []


async def test_a_command_works_while_a_turn_runs(play: Play, make_app: MakeApp) -> None:
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "17 % of" in text(app))
        await write(pilot, "/provider ollama", "enter")
        await until(pilot, lambda: "address: http://127.0.0.1:11434" in text(app))
        await write(pilot, "/new", "enter")
        await until(pilot, lambda: app.conversation is not play and play.closed)
        assert play.timeline().turns[0].status == "cancelled"


async def test_a_timeline_that_is_not_there_leaves_everything_as_it_was(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "/timelines zzz", "enter")
        await until(pilot, lambda: isinstance(app.screen, TimelinesScreen))
        await until(pilot, lambda: "No timeline holds “zzz”" in part(app, "timelines-head"))
        await pilot.press("escape")
        assert app.conversation is play
        assert not play.closed


async def test_what_a_command_says_stands_under_it(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "hello")
        said = len(lines(app))
        for line in ("/system", "/set speed 3", "/modle", f"/set {'long ' * 40}"):
            await write(pilot, line, "enter")
            await until(pilot, lambda line=line: f"   {line[:60]}" in text(app) and not app.workers)  # type: ignore[misc]
        shown = lines(app)[said:]
        assert shown[:3] == ["", "   /system", "   │ Now there is no system prompt. /system TEXT sets one for this"]
        at = shown.index("   /set speed 3")
        assert shown[at - 1] == ""
        assert shown[at + 1].startswith("   │ ✗ there is no setting 'speed'")
        assert shown[shown.index("   /modle") + 1].startswith("   │ There is no command /modle.")
        assert next(line for line in shown if line.startswith("   /set long")).endswith("long…")
        assert all(len(line) <= 80 for line in shown)


async def test_a_command_stands_once_above_all_that_it_says(play: Play, clock: HandClock, make_app: MakeApp) -> None:
    desk = Desk(play)
    desk.models.report = replace(desk.models.report, ref="ollama:tiny", tokens=9000, window=4096)
    app = make_app(desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "/model ollama:tiny", "enter")
        await until(pilot, lambda: app.widgets.question_bar._since < float("inf"))
        clock.at += 1
        await pilot.press("escape")
        await until(pilot, lambda: "Nothing was changed." in text(app))
        assert lines(app).count("   /model ollama:tiny") == 1
        await write(pilot, "/system", "enter")
        await write(pilot, "/system", "enter")
        await until(pilot, lambda: lines(app).count("   /system") == 2)


async def test_a_command_that_says_nothing_or_opens_a_screen_leaves_no_line(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "hello")
        before = lines(app)
        await write(pilot, "/usage", "enter")
        await until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press("escape")
        await write(pilot, "/rename", "enter")
        await until(pilot, lambda: prompt(app).text.startswith("/rename"))
        assert lines(app) == before
