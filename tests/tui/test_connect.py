"""`/connect`: a key is entered out of sight, tried, kept; a server is looked for again."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from ralph.commands._dispatch import run
from ralph.commands.connect import without_key
from ralph.core.errors import Failure, Kind
from ralph.core.llm.provider import ModelInfo
from ralph.tui.app import RalphApp
from ralph.tui.screens.key_entry import KeyEntryScreen, KeyInput
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play
from tests.tui.see import lines, text, until, write
from tests.tui.test_commands import Listening

KEY = "sk-entered-0001"
WRONG = Failure(Kind.AUTH, "openai rejected the key (401)")
GONE = Failure(Kind.NETWORK, "openai cannot be reached")


@pytest.fixture
def desk(play: Play) -> Desk:
    return Desk(play)


@pytest.fixture
def face(desk: Desk, play: Play) -> Listening:
    made = Listening(desk, play)
    made.entered = KEY
    return made


async def test_a_key_that_works_is_kept_and_says_where(face: Listening) -> None:
    await run("/connect openai", face)
    assert face.workspace.keys.kept == {"openai": KEY}
    assert face.said[0].startswith("The key works: openai lists 2 models. It is kept in /data/keys.yaml, for you only;")
    assert "`/connect rm openai` forgets it" in face.said[0]
    assert KEY not in " ".join(face.said)
    await run("/connect rm openai", face)
    assert face.workspace.keys.kept == {}


async def test_without_a_name_one_picks_and_may_leave_it(face: Listening) -> None:
    face._picks = "openai"
    face.entered = None
    await run("/connect", face)
    title, options = face.offered[0]
    assert title == "Connect which provider?"
    assert {"openai", "anthropic", "ollama", "lmstudio"} <= {value for value, _ in options}
    assert face.said == ["Nothing was changed."]


@pytest.mark.parametrize(
    ("trouble", "words", "first"), [(WRONG, "was rejected", "no"), (GONE, "not be checked", "yes")]
)
@pytest.mark.parametrize("pick", ["yes", "no", None])
async def test_a_key_that_is_not_proven_is_kept_if_the_person_says_so(
    face: Listening, trouble: Failure, words: str, first: str, pick: str | None
) -> None:
    face.workspace.keys.trouble = trouble
    face._picks = pick
    await run("/connect openai", face)
    assert words in face.said[0]
    assert trouble.message in face.said[0].replace("\\", "")
    assert face.offered[-1][1][0][0] == first
    assert bool(face.workspace.keys.kept) is (pick == "yes")


async def test_a_server_that_does_not_answer_says_what_to_start(face: Listening) -> None:
    await run("/connect lmstudio", face)
    assert face.said[0].startswith("LM Studio does not answer at http://127.0.0.1:1234/v1. Start it, then")
    assert face.offered == []


async def test_the_end_tells_of_the_provider_that_was_asked_for(face: Listening, desk: Desk, play: Play) -> None:
    desk.models.lists["ollama"] = (ModelInfo("qwen3:4b"),)
    play.roles["format"] = "work:"
    await run("/connect ollama", face)
    assert face.said == [
        "Ollama answers: 1 model. `/provider ollama use` or `/model` lets ollama answer; until then `work` does."
    ]
    play.roles["format"] = "ollama:"
    await run("/connect ollama", face)
    assert face.said[1] == "Ollama answers: 1 model. The first model of ollama answers from the next turn on."


@pytest.mark.parametrize("line", [f"/connect openai {KEY}", f"/connect rm openai {KEY}"])
async def test_a_key_in_the_line_is_refused_and_hidden(face: Listening, line: str) -> None:
    await run(line, face)
    assert "so that no history keeps it" in face.said[0]
    assert KEY not in face.said[0]
    assert face.workspace.keys.hidden == [KEY]
    assert KEY not in without_key(line)
    assert without_key("/model a b c") == "/model a b c"


@pytest.mark.parametrize(("line", "words"), [("/connect opnai", "did you mean openai"), ("/connect rm", "rm PROVIDER")])
async def test_a_wrong_argument_is_one_sentence(face: Listening, line: str, words: str) -> None:
    await run(line, face)
    assert words in face.said[0]


async def opened(pilot: Pilot[int]) -> RalphApp:
    app = pilot.app
    assert isinstance(app, RalphApp)
    await write(pilot, "/connect openai", "enter")
    await until(pilot, lambda: isinstance(app.screen, KeyEntryScreen))
    return app


async def test_a_pasted_key_shows_as_dots_and_loses_what_stands_around_it(desk: Desk, make_app: MakeApp) -> None:
    from textual.events import Paste

    async with make_app(desk=desk).run_test(size=(100, 30)) as pilot:
        app = await opened(pilot)
        app.screen.query_one(KeyInput).post_message(Paste(f'\n export OPENAI_API_KEY="{KEY}"\r\n'))
        await until(pilot, lambda: app.screen.query_one(KeyInput).value == KEY)
        assert KEY not in "\n".join(lines(app))
        await pilot.press("enter")
        await until(pilot, lambda: "The key works" in text(app))
        assert desk.keys.kept == {"openai": KEY}
        assert KEY not in text(app)


async def test_esc_changes_nothing(desk: Desk, make_app: MakeApp) -> None:
    async with make_app(desk=desk).run_test(size=(100, 30)) as pilot:
        app = await opened(pilot)
        await pilot.press("x", "escape")
        await until(pilot, lambda: "Nothing was changed" in text(app))
        assert desk.keys.kept == {}


def test_the_line_for_a_key(desk: Desk, make_app: MakeApp, snap_compare: Any) -> None:
    async def show(pilot: Pilot[int]) -> None:
        app = await opened(pilot)
        app.screen.query_one(KeyInput).cursor_blink = False
        await pilot.press(*"sk-1234")
        await pilot.pause()

    assert snap_compare(make_app(desk=desk), terminal_size=(80, 24), run_before=show)
