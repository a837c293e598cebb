"""The file tools: what lies open is read and counted; what is hidden, secret or outside never is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ralph.core.llm.tool import ToolFailure
from ralph.tools import _paths
from tests.tools.conftest import Run

CLOSED = [
    ".env",
    ".env.local",
    ".git/config",
    "server.key",
    "id_rsa",
    "cert.pem",
    "prod.env",
    "hidden.txt",
    "SERVER.KEY",
]
OUTSIDE = ["..", "../outside/secret.txt", "out/secret.txt", "leak.txt", "/etc/passwd", "src/../../outside/secret.txt"]


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("action", ["read", "count", "list"])
async def test_hidden_files_and_keys_stay_closed(path: str, action: str, run: Run) -> None:
    with pytest.raises(ToolFailure, match=r"never read|no file"):
        await run("files", action=action, path=path)


@pytest.mark.parametrize("path", OUTSIDE)
async def test_nothing_outside_is_touched(path: str, run: Run) -> None:
    for name, arguments in (
        ("files", {"action": "read"}),
        ("files", {"action": "list"}),
        ("search_files", {"text": "x"}),
    ):
        with pytest.raises(ToolFailure, match="outside"):
            await run(name, path=path, **arguments)


@pytest.mark.parametrize("path", ["loop", "~", "~/.ssh/id_rsa", "a" * 3000, "notes.txt/x"])
async def test_odd_paths_are_said(path: str, run: Run) -> None:
    with pytest.raises(ToolFailure):
        await run("files", action="read", path=path)


async def test_lists_and_counts_leave_out_what_is_closed(run: Run) -> None:
    listed = await run("files", action="list", recursive=True)
    assert "notes.txt" in listed
    assert "src/a.py" in listed
    assert "good.txt" in listed
    for name in ("env", "key", "rsa", "pem", "leak", "hidden.txt", "out/", "secret"):
        assert name not in listed
    assert "holds 2 files, and 4 with all its sub-folders" in await run("files", action="count", what="files")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"action": "count", "path": "notes.txt", "what": "lines"}, "notes.txt has 3 lines."),
        ({"action": "count", "path": "notes.txt", "what": "words"}, "6 words"),
        ({"action": "count", "path": "NOTES"}, "notes.txt has 3 lines, 6 words and 28 bytes"),
        ({"action": "count", "pattern": "*.py", "what": "lines"}, "3 lines in all"),
        ({"action": "count", "path": "src", "what": "files"}, "The folder src holds 2 files."),
        ({"action": "count", "what": "folders"}, "1 folder"),
        ({"action": "read", "path": "notes.txt", "count": 1}, "notes.txt, line 1 of 3:\n\n```\none lamp\n```"),
        ({"action": "read", "path": "notes.txt", "count": 1, "from": "end"}, "notes.txt, line 3 of 3:\n\n```\nthree"),
        ({"action": "read", "path": "notes.txt", "line": 2}, "notes.txt, lines 2 to 3 of 3:"),
        ({"action": "read", "path": "notes.txt", "line": 9}, "has only 3 lines"),
        ({"action": "list", "path": "src"}, "- a.py (6 bytes)"),
        ({"action": "list", "sort": "size", "count": 1}, "the largest"),
    ],
)
async def test_answers(arguments: dict[str, object], said: str, run: Run) -> None:
    assert said in await run("files", **arguments)


async def test_odd_files(root: Path, run: Run) -> None:
    (root / "empty.txt").touch()
    (root / "blob.bin").write_bytes(b"\0\1\2")
    (root / "wide.txt").write_text("é" * 10, encoding="utf-16")
    (root / "long.txt").write_text("x\n" * 5000, encoding="utf-8")
    (root / "fence.md").write_text("```\n````\n", encoding="utf-8")
    (root / "my_file_.py").write_text("pass\n", encoding="utf-8")
    os.mkfifo(root / "pipe")
    assert "is empty" in await run("files", action="read", path="empty.txt")
    assert "0 lines" in await run("files", action="count", path="empty.txt", what="lines")
    assert "éé" in await run("files", action="read", path="wide.txt")
    assert "lines 1 to 1000 of 5000" in await run("files", action="read", path="long.txt")
    assert "`````\n```\n````\n`````" in await run("files", action="read", path="fence.md")
    assert "`my_file_.py` has 1 line." in await run("files", action="count", path="my_file_.py", what="lines")
    assert "3 bytes" in await run("files", action="count", path="blob.bin", what="bytes")
    for path, said in (("blob.bin", "binary"), ("pipe", "no regular file"), ("src", "a folder")):
        with pytest.raises(ToolFailure, match=said):
            await run("files", action="read", path=path)


async def test_a_large_file_is_said_to_be_large(root: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ralph.tools._text.MAX_BYTES", 10)
    with pytest.raises(ToolFailure, match="more than"):
        await run("files", action="read", path="notes.txt")


async def test_a_large_tree_is_cut_and_said(root: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ralph.tools._paths.MAX_ENTRIES", 2)
    assert "this is a part" in await run("files", action="list", recursive=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.lists(
        st.sampled_from(["..", ".", "src", "out", "leak.txt", ".env", "a.py", "/", "", "loop", "…", "\n", "~"]),
        max_size=6,
    )
)
def test_no_path_leads_out(root: Path, parts: list[str]) -> None:
    try:
        found = _paths.inside(root, "/".join(parts))
    except ToolFailure:
        return
    assert found.resolve().is_relative_to(root.resolve())
    assert not any(map(_paths.is_closed, found.resolve().relative_to(root.resolve()).parts))
