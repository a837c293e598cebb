"""`/theme`, `/keys`, `/tools`, `/doctor`, `/search` and `/copy`, through the face that they are given."""

from __future__ import annotations

import pytest

from ralph.commands._dispatch import find, run
from ralph.core.ports.rows import Check
from tests.tui.desk import Desk
from tests.tui.play import Play, turn
from tests.tui.test_commands import Listening

CODE = "Two:\n\n```python\na = 1\n```\n\nand\n\n~~~\nb = 2\n~~~\n"


class Clipboard(Listening):
    """A face with one."""

    def copy(self, text: str) -> bool:
        self.copied = text
        return True


@pytest.fixture
def face(play: Play) -> Clipboard:
    return Clipboard(Desk(play), play)


async def completed(face: Listening, name: str, argument: str) -> list[str]:
    command = find(name, face.commands)
    assert command
    return list(await command.complete(argument, face))


async def test_theme_wears_a_name_and_without_screens_lists_them(face: Clipboard) -> None:
    await run("/theme Nord", face)
    assert face.worn == ["nord"]
    assert face.said[0] == "The theme is `nord`. This is kept for every later start; `/theme reset` undoes it."
    assert face.workspace.choices.kept == {"ui.theme": "nord"}
    await run("/theme", face)
    assert face.said[1] == "Themes: daylight, nord, sacred."
    await run("/theme nrod", face)
    assert "there is no theme 'nrod'" in face.said[2]
    assert await completed(face, "theme", "da") == ["daylight"]
    await run("/theme reset", face)
    assert face.worn[-1] == "sacred"
    assert face.workspace.choices.kept == {}
    assert face.said[3] == "The theme is `sacred`, as configured. Your choice is forgotten."


async def test_keys_tells_what_the_config_maps_and_narrows(face: Clipboard) -> None:
    await run("/keys", face)
    assert "| `help` | F5 \\* | help \\| more |" in face.said[0]
    assert "On their own screens" in face.said[0]
    await run("/keys esc", face)
    assert "`turn.stop`" in face.said[1]
    assert "`help`" not in face.said[1]
    await run("/keys zebra", face)
    assert face.said[2] == "No key matches “zebra”."
    assert await completed(face, "keys", "turn") == ["turn.stop"]


async def test_tools_says_what_becomes_of_a_call_and_why(face: Clipboard) -> None:
    await run("/tools", face)
    assert "| calculate | none | ✓ runs | effect none |" in face.said[0]
    assert "| shell | run | ✗ denied | effect run |" in face.said[0]
    await run("/permissions calculate", face)
    assert "Do arithmetic." in face.said[1]
    assert "shell" not in face.said[1]


async def test_tools_changes_a_rule_and_keeps_it(face: Clipboard) -> None:
    await run("/tools ask shell", face)
    assert "| shell | run | ? asks | tools.ask: shell |" in face.said[0]
    assert "kept for every later start; `/tools reset shell` undoes it" in face.said[0]
    assert face.workspace.choices.kept == {"tools.shell": "ask"}
    await run("/tools ask shell", face)
    assert "Nothing changes" in face.said[1]
    await run("/tools allow shell(git *)", face)
    assert "Calls that match `shell(git *)`: allow" in face.said[2]
    await run("/tools allow", face)
    assert "write  /tools allow NAME" in face.said[3]
    await run("/tools alow shell", face)
    assert "did you mean allow?" in face.said[4]
    assert await completed(face, "tools", "a") == ["allow", "ask"]
    assert await completed(face, "tools", "deny ca") == ["deny calculate"]
    await run("/tools reset shell", face)
    assert "| shell | run | ✗ denied | effect run |" in face.said[5]
    assert face.workspace.choices.kept == {"tools.shell(git *)": "allow"}


async def test_doctor_tells_what_is_well_and_what_is_not(face: Clipboard) -> None:
    await run("/doctor", face)
    assert "Every check passed. `/doctor live` asks the providers too." in face.said[0]
    assert isinstance(face.workspace, Desk)
    face.workspace.machine.troubles = (Check("integrity", False, "row 3 is gone"),)
    await run("/doctor live", face)
    assert "answers; 2 models" in face.said[1]
    assert "| ✗ **bad** | integrity | row 3 is gone |" in face.said[1]
    assert "**1 of 3 checks failed.**" in face.said[1]
    await run("/doctor dead", face)
    assert "takes only the word live" in face.said[2]
    assert await completed(face, "doctor", "l") == ["live"]


async def test_search_goes_where_it_was_found(play: Play) -> None:
    saved = Play("saved00000").past(1, turn(1, "saved"))
    face = Listening(Desk(saved), play, picks="saved00000")
    await run("/search README", face)
    title, options = face.offered[0]
    assert title == "1 timeline with “README”"
    assert options[0][1] == "README questions · “17 % of 2,340 is 397.8. README.md has 212 lines.” · 2026-11-20"
    assert face.switched == ["saved00000"]
    await run("/search zebra", face)
    assert face.said == ["No saved timeline holds “zebra”."]
    await run("/search", face)
    assert "write  /search WORDS" in face.said[1]


async def test_copy_takes_the_last_answer_or_that_of_a_turn(play: Play, face: Clipboard) -> None:
    play.past(1, turn(1, "one", "first")).past(2, turn(2, "two", "second\nline"))
    await run("/copy", face)
    assert face.copied == "second\nline"
    assert face.said[0].startswith("Copied the answer of turn 2: 11 characters, 2 lines.")
    await run("/copy 1", face)
    assert face.copied == "first"
    await run("/copy 7", face)
    assert "there is no turn 7 in this timeline; there are 1 to 2" in face.said[2]
    await run("/copy x", face)
    assert "with the number of the turn" in face.said[3]
    assert await completed(face, "copy", "") == ["code", "1", "2"]


async def test_copy_code_takes_the_last_block_without_its_fence(play: Play, face: Clipboard) -> None:
    play.past(1, turn(1, "one", CODE)).past(2, turn(2, "two", "none"))
    await run("/copy code", face)
    assert face.copied == "b = 2\n"
    assert "the last code of turn 1: 6 characters, 1 line." in face.said[0]
    await run("/copy code 2", face)
    assert "turn 2 has no code in its answer" in face.said[1]
    assert await completed(face, "copy", "code ") == ["code 1"]


async def test_copy_without_an_answer_or_a_clipboard_says_so(play: Play, face: Clipboard) -> None:
    await run("/copy", face)
    assert "there is no answer yet" in face.said[0]
    await run("/copy code", face)
    assert "there is no code" in face.said[1]
    play.past(1, turn(1, "one", "first"))
    bare = Listening(Desk(play), play)
    await run("/copy", bare)
    assert "ralph has no clipboard here" in bare.said[0]
