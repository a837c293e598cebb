"""`/undo files`: the last turn that wrote is taken back, but for what a person changed since."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.errors import Failure
from ralph.headless.slash import SlashLine, refuse_slash, run_slash
from tests.headless.tool_turns import ToolHome, call


class Undone(NamedTuple):
    code: int
    out: dict[str, Any]
    err: str

    @property
    def files(self) -> dict[str, Any]:
        return dict(self.out["data"]["undone_files"])


@pytest.fixture
def home(tmp_path: Path) -> ToolHome:
    home = ToolHome(tmp_path)
    (home.root / "notes.md").write_bytes(b"one\r\ntwo\r\n")
    return home


async def undo(home: ToolHome, line: str = "/undo files", *, yes: bool = True, root: Path | None = None) -> Undone:
    out, err = io.StringIO(), io.StringIO()
    asked = SlashLine(line, output="json", timeline="last", yes=yes)
    try:
        async with workspace(
            replace(home.flags, yes=yes), environ=home.environ, root=root or home.root, ids=home.ids
        ) as space:
            code = await run_slash(space, asked, out, err)
    except Failure as failure:
        code = refuse_slash(failure, line, "json", out, err)
    return Undone(code, json.loads(out.getvalue()), err.getvalue())


async def write(home: ToolHome, prompt: str, *files: tuple[str, str], **more: Any) -> None:
    calls = [[call("write_file", path=path, content=text)] for path, text in files]
    await home.turn(prompt, *calls, yes=True, **more)


def tree(home: ToolHome) -> dict[str, bytes]:
    return {str(p.relative_to(home.root)): p.read_bytes() for p in home.root.rglob("*") if p.is_file()}


async def test_undo_brings_back_every_byte_and_removes_what_was_made(home: ToolHome) -> None:
    before = tree(home)
    await write(home, "a", ("notes.md", "1\n"), ("notes.md", "2\n"), ("x/y/new.md", "n\n"), ("x/z.md", "z\n"))
    assert set(tree(home)) == {"notes.md", "x/y/new.md", "x/z.md"}
    done = await undo(home)
    assert (done.code, tree(home), os.listdir(home.root)) == (0, before, ["notes.md"])
    assert done.files == {
        "turn": 1, "counts": True, "restored": ["notes.md"], "removed": ["x/y/new.md", "x/z.md"], "already": [],
        "left": [], "folders": ["x/y/", "x/"],
    }  # fmt: skip
    (block,) = (await home.timeline()).work
    assert (block.title, block.data["undone_files"]["turn"]) == ("Undo of turn 1", 1)
    assert "`notes.md` was restored" in block.text


async def test_undo_again_goes_one_turn_further_back(home: ToolHome) -> None:
    await write(home, "a", ("notes.md", "1\n"))
    await home.turn("talk", timeline="last")
    await write(home, "b", ("notes.md", "2\n"), timeline="last")
    assert (await undo(home)).files["turn"] == 3
    assert (home.root / "notes.md").read_bytes() == b"1\r\n"
    assert (await undo(home)).files["turn"] == 1
    assert (home.root / "notes.md").read_bytes() == b"one\r\ntwo\r\n"
    last = await undo(home)
    assert (last.code, last.out["error"]["kind"]) == (10, "not_found")


async def test_what_a_person_changed_since_is_left_and_named(home: ToolHome) -> None:
    await write(home, "a", ("notes.md", "1\n"), ("x/new.md", "n\n"), ("gone.md", "g\n"))
    (home.root / "notes.md").write_text("mine\n")
    (home.root / "x" / "mine.md").write_text("mine\n")
    (home.root / "gone.md").unlink()
    done = await undo(home)
    assert done.code == 9
    assert (done.files["left"], done.files["removed"]) == (["notes.md"], ["x/new.md"])
    assert (done.files["already"], done.files["folders"]) == (["gone.md"], [])
    assert "1 file of turn 1 was left: notes.md (it was changed since)" in done.err
    assert set(tree(home)) == {"notes.md", "x/mine.md"}
    assert (home.root / "notes.md").read_text() == "mine\n"


async def test_a_turn_whose_files_were_all_left_can_be_undone_later(home: ToolHome) -> None:
    await write(home, "a", ("notes.md", "1\n"))
    (home.root / "notes.md").write_text("mine\n")
    assert (await undo(home)).code == 9
    (home.root / "notes.md").write_bytes(b"1\r\n")
    assert (await undo(home)).code == 0
    assert (home.root / "notes.md").read_bytes() == b"one\r\ntwo\r\n"


async def test_without_a_yes_nothing_is_undone(home: ToolHome) -> None:
    await write(home, "a", ("notes.md", "1\n"))
    done = await undo(home, yes=False)
    assert (done.code, done.out["error"]["kind"]) == (7, "approval")
    assert "write --yes" in done.err
    assert (home.root / "notes.md").read_bytes() == b"1\r\n"


async def test_a_turn_of_another_working_directory_is_not_undone_here(home: ToolHome) -> None:
    await write(home, "a", ("notes.md", "1\n"))
    (home.path / "elsewhere").mkdir()
    (home.path / "elsewhere" / "notes.md").write_bytes(b"1\r\n")
    done = await undo(home, root=home.path / "elsewhere")
    assert (done.code, f"wrote below {home.root.resolve()}" in done.err) == (2, True)
    assert (home.path / "elsewhere" / "notes.md").read_bytes() == b"1\r\n"


@pytest.mark.parametrize(("line", "code"), [("/undo", 2), ("/undo 3", 10), ("/undo files now", 2)])
async def test_only_the_word_files_alone_undoes_files(home: ToolHome, line: str, code: int) -> None:
    await write(home, "a", ("notes.md", "1\n"))
    done = await undo(home, line)
    assert (done.code, (home.root / "notes.md").read_bytes()) == (code, b"1\r\n")


async def test_with_the_number_of_a_turn_it_is_a_rewind_and_no_file_changes(home: ToolHome) -> None:
    await write(home, "a", ("notes.md", "1\n"))
    done = await undo(home, "/undo 1")
    assert (done.code, done.out["data"]["turns"], done.out["data"]["prompt"]) == (0, 0, "a")
    assert (home.root / "notes.md").read_bytes() == b"1\r\n"


async def test_the_model_learns_that_its_file_was_taken_back(home: ToolHome) -> None:
    await write(home, "a", ("notes.md", "1\n"))
    await undo(home)
    await write(home, "b", ("notes.md", "2\n"), timeline="last")
    (only,) = await home.calls()
    assert only.output == "the file notes.md changed since 1.3c1 wrote it; read it again"
