"""Turns that write: what is recorded of the files, what the model saw last, and what a re-run and a fork keep."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.llm.tool_output import FileChange, FileRecord, Prepared
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.ports.face import Consent, ConsentAnswer
from ralph.core.ports.user_input import UserInput
from ralph.disk.changes import apply_changes, sha256
from ralph.headless.doctor import invariants
from ralph.store.sqlite.projections import references
from ralph.store.sqlite.store import SqliteStore
from ralph.tools import _file_write, write_file
from tests.frozen import FrozenClock
from tests.headless.tool_turns import ToolHome, call


@pytest.fixture
def home(tmp_path: Path) -> ToolHome:
    home = ToolHome(tmp_path)
    (home.root / "notes.md").write_text("one\ntwo\n")
    return home


def name(text: str) -> str:
    return sha256(text.encode())


async def test_a_file_is_read_and_edited_and_every_step_is_recorded(home: ToolHome) -> None:
    edit = call("edit_file", path="notes.md", old="two", new="2")
    done = await home.turn("fix it", [call("files", action="read", path="notes.md")], [edit], yes=True)
    assert (done.code, (home.root / "notes.md").read_text()) == (0, "one\n2\n")
    read, edited = await home.calls()
    assert read.files == (FileRecord("notes.md", name("one\ntwo\n"), name("one\ntwo\n")),)
    changed = (FileRecord("notes.md", name("one\ntwo\n"), name("one\n2\n")),)
    assert (edited.planned, edited.files, edited.root) == (changed, changed, str(home.root.resolve()))
    assert "-two\n+2" in edited.preview
    assert "has not read" not in edited.preview


async def test_without_a_yes_nothing_is_written(home: ToolHome) -> None:
    done = await home.turn("write it", [call("write_file", path="new.md", content="x\n")])
    (only,) = await home.calls()
    assert (only.status, only.planned, only.files) == ("denied", (), ())
    assert "+++ b/new.md" in only.preview
    assert (done.code, (home.root / "new.md").exists()) == (0, False)


async def test_a_file_that_changed_since_it_was_read_in_an_earlier_turn_is_not_written(home: ToolHome) -> None:
    await home.turn("look", [call("files", action="read", path="notes.md")])
    for number in range(25):  # more turns than are loaded again
        await home.turn(f"talk {number}", timeline="last")
    (home.root / "notes.md").write_text("one\ntwo\nthree\n")
    edit = call("edit_file", path="notes.md", old="two", new="2")
    await home.turn("fix it", [edit], timeline="last", yes=True)
    (only,) = await home.calls()
    assert (only.status, only.output) == ("error", "the file notes.md changed since 1.3c1 read it; read it again")
    again = [call("search_files", text="two")], [edit]
    await home.turn("again", *again, timeline="last", yes=True)
    assert [one.status for one in await home.calls()] == ["ok", "ok"]
    assert (home.root / "notes.md").read_text() == "one\n2\nthree\n"
    (home.root / "notes.md").write_text("theirs\n")
    await home.turn("write", [call("write_file", path="notes.md", content="mine\n")], timeline="last", yes=True)
    (only,) = await home.calls()
    assert only.output == "the file notes.md changed since 28.3c2 wrote it; read it again"


async def test_two_calls_of_a_round_on_one_file_lose_nothing(home: ToolHome) -> None:
    edits = [call("edit_file", path="notes.md", old=old, new=new) for old, new in (("one", "1"), ("two", "2"))]
    await home.turn("fix both", edits, yes=True)
    ends = [one.status for one in await home.calls()]
    text = (home.root / "notes.md").read_text()
    assert "ok" in ends
    assert ("1" in text) + ("2" in text) == ends.count("ok")


async def test_the_bytes_of_a_write_are_kept_until_its_timeline_is_deleted(home: ToolHome) -> None:
    await home.turn("write", [call("write_file", path="notes.md", content="mine\n")], yes=True)
    store = await SqliteStore.open(home.path / "ralph.db", FrozenClock())
    try:
        timeline = await store.catalog.resolve("last")
        assert await store.log.blob(name("one\ntwo\n")) == b"one\ntwo\n"
        assert await store.log.blob(name("mine\n")) == b"mine\n"
        await store.rebuild()
        assert {row["sha256"] for row in home_rows(home)} == {name("one\ntwo\n"), name("mine\n")}
        await store.remove(timeline)
        assert home_rows(home, "blobs") == home_rows(home) == []
    finally:
        await store.close()


def home_rows(home: ToolHome, table: str = "blob_refs") -> list[dict[str, str]]:
    import contextlib
    import sqlite3

    with contextlib.closing(sqlite3.connect(home.path / "ralph.db")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT sha256 FROM {table}")]


class Yes:
    """A person who says yes."""

    async def allow(self, consent: Consent) -> ConsentAnswer:
        return ConsentAnswer(bool(consent.call))

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        raise AssertionError(title)


async def test_a_turn_that_is_stopped_waits_for_its_write_and_says_what_was_written(
    home: ToolHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(root: Path, changes: Sequence[FileChange]) -> tuple[FileRecord, ...]:
        begun.set()
        assert go_on.wait(30)
        return apply_changes(root, changes)

    monkeypatch.setattr(_file_write, "apply_changes", slow)
    home.prepare("write", [call("write_file", path="notes.md", content="mine\n")])
    async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        space.asker = Yes()
        conversation = await space.timelines.open()
        conversation.submit(UserInput("write"))
        await asyncio.to_thread(begun.wait, 30)
        stopping = asyncio.ensure_future(conversation.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopping
    (only,) = await home.calls()
    assert (only.status, only.output) == ("cancelled", "the call was stopped; notes.md was written: it is the new file")
    assert [record.path for record in only.files] == ["notes.md"]
    assert (home.root / "notes.md").read_text() == "mine\n"


async def test_a_turn_that_is_stopped_while_a_write_is_planned_ends_every_call(
    home: ToolHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*given: Any, **more: Any) -> Prepared:
        begun.set()
        assert go_on.wait(30)
        return plan_change(*given, **more)

    plan_change = write_file.plan_change
    monkeypatch.setattr(write_file, "plan_change", slow)
    home.prepare("write", [call("write_file", path="notes.md", content="mine\n")])
    async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        conversation = await space.timelines.open()
        conversation.submit(UserInput("write"))
        await asyncio.to_thread(begun.wait, 30)
        await conversation.stop()
        go_on.set()
        await conversation.flush()
        checks = invariants(await space.timelines.read_events(conversation.id))
    (only,) = await home.calls()
    assert (only.status, only.decision) == ("cancelled", None)
    assert all(check.ok for check in checks), checks
    assert (home.root / "notes.md").read_text() == "one\ntwo\n"


def test_what_a_call_names_is_in_use_as_long_as_its_timeline() -> None:
    changed, read = FileRecord("a", "1" * 64, "2" * 64), FileRecord("b", "3" * 64, "3" * 64)
    folder, new = FileRecord("d/", None, None), FileRecord("d/e", None, "4" * 64)
    picture = ev.Attachment("p.png", "image/png", "5" * 64, 1)
    decided = ev.ToolDecided("1.3c1", "allowed", "x", files=(changed, folder, new))
    finished = ev.ToolFinished("1.3c1", "ok", "", blob="6" * 64, files=(changed, read), media=(picture,))
    found = [
        {values[1][0] for _, values in references(Envelope("t", 1, 1, "", 0.0, event))} for event in (decided, finished)
    ]
    assert found == [{"1", "2", "4"}, {"6", "5", "1", "2"}]


async def test_a_denied_call_is_named_beside_the_answer(tmp_path: Path) -> None:
    home = ToolHome(tmp_path)
    made = await home.turn("a", [call("write_file", path="a.md", content="one\n")], output="text")
    assert (made.code, made.out) == (0, "Done.\n")
    would = "makes the file a.md; 1 line"
    assert f"ralph: write_file did not run (effect write, and nobody is there to ask): {would}" in made.err
    assert "; --allow write_file allows it\n" in made.err
    home.flags = replace(home.flags, dry_run=True)
    tried = await home.turn("b", [call("write_file", path="a.md", content="one\n")], output="text")
    assert f"ralph: write_file did not run (dry run): {would}\n" in tried.err
    assert not (home.root / "a.md").exists()
