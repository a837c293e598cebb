"""What was checked is what is opened: a name that flips between a file and a link never gives what lies outside."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ralph.core.errors import Failure
from ralph.core.llm.tool import ToolFailure
from ralph.core.llm.tool_output import ToolOutput
from ralph.disk import below
from ralph.tools import files, search_files
from ralph.tools._paths import real
from ralph.workflows.attached import enclose
from tests.frozen import FrozenClock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")

OUTSIDE = "a word of the outside"
TRIES = 600


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (root / "inner" / "note.txt").write_text("ours\n")
    away = tmp_path / "away"
    away.mkdir()
    (away / "note.txt").write_text(f"{OUTSIDE}\n" * 3)
    (tmp_path / "link").symlink_to(away)
    (tmp_path / "note").symlink_to(away / "note.txt")
    return root


@contextmanager
def flipping(name: Path, link: Path) -> Iterator[None]:
    """`name` is itself, then a link to the outside, then itself again, as fast as can be."""
    kept, over = name.with_name("kept"), threading.Event()

    def flip() -> None:
        while not over.is_set():
            os.rename(name, kept)
            os.symlink(os.readlink(link), name)
            os.unlink(name)
            os.rename(kept, name)

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def text_of(output: str | ToolOutput) -> str:
    return output if isinstance(output, str) else output.text


def ask(root: Path, what: str) -> str:
    """What came of it, a refusal too."""
    read = {"action": "read", "path": "inner/note.txt"}
    try:
        match what:
            case "read":
                return text_of(files._read(read, root))
            case "count":
                return files._count({**read, "what": "bytes"}, root)
            case "list":
                return files._list({"action": "list", "path": "inner"}, root)
            case "sizes":
                return files._list({"action": "list", "recursive": True, "sort": "size"}, root)
            case "search":
                return text_of(search_files._search({"text": "word of the", "report": "count"}, root, FrozenClock()))
            case _:
                return enclose(root, "inner/note.txt").text
    except (ToolFailure, Failure) as failure:
        return str(failure)


@pytest.mark.parametrize("what", ["read", "count", "list", "sizes", "search", "message"])
@pytest.mark.parametrize("flipped", ["file", "folder"])
def test_a_name_that_flips_to_a_link_gives_nothing_of_the_outside(what: str, flipped: str, tree: Path) -> None:
    name, link = (tree / "inner" / "note.txt", "note") if flipped == "file" else (tree / "inner", "link")
    with flipping(name, tree.parent / link):
        got = {ask(tree, what) for _ in range(TRIES)}
    size = len(OUTSIDE) * 3 + 3
    assert not [g for g in got if OUTSIDE in g or f"{size} bytes" in g or "3 lines" in g], got


def test_a_link_that_appears_after_the_check_is_refused(tree: Path) -> None:
    """The same without a race: the path was a file when it was checked."""
    checked = tree / "inner" / "note.txt"
    checked.unlink()
    checked.symlink_to(tree.parent / "away" / "note.txt")
    with pytest.raises(OSError, match="symbolic link"), below.open_below(tree, checked):
        pass
    (tree / "inner").rename(tree / "moved")
    (tree / "inner").symlink_to(tree.parent / "away")
    for look in (below.facts, lambda root, path: below.entries(root, path.parent)):
        with pytest.raises(OSError, match=r"symbolic link|Not a directory"):
            look(tree, checked)


@pytest.mark.parametrize("path", ["../away/note.txt", "inner/../../away/note.txt"])
def test_a_path_that_leads_up_is_not_opened(path: str, tree: Path) -> None:
    with pytest.raises(below.Elsewhere), below.open_below(tree, tree / path):
        pass


def test_without_handles_the_path_is_looked_at_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(below, "HAS_HANDLES", False)
    assert "ours" in ask(tree, "read")
    assert "note.txt" in ask(tree, "list")
    link = tree / "out.txt"
    link.symlink_to(tree.parent / "away" / "note.txt")
    with pytest.raises(below.Elsewhere), below.open_below(tree, link):
        pass


def test_a_link_to_a_file_below_is_read_as_before(tree: Path) -> None:
    (tree / "short.txt").symlink_to("inner/note.txt")
    (tree / "secret.txt").symlink_to(".hidden")
    (tree / ".hidden").write_text("h")
    assert "ours" in text_of(files._read({"path": "short.txt"}, tree))
    assert "short.txt (5 bytes)" in files._list({}, tree)
    assert "hidden file" in ask_path(tree, "secret.txt")


def ask_path(root: Path, path: str) -> str:
    try:
        return text_of(files._read({"path": path}, root))
    except ToolFailure as failure:
        return str(failure)


def test_names_that_are_no_text_are_listed_read_counted_and_found(tree: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.txt")
    (tree / odd).write_text("inside of it\n")
    (tree / os.fsdecode(b"d\xff")).mkdir()
    (tree / os.fsdecode(b"d\xff") / "x.txt").write_text("inside too\n")
    told = [
        files._list({"recursive": True}, tree),
        text_of(files._read({"path": "caf\ufffd.txt"}, tree)),
        files._count({"pattern": "*.txt", "what": "lines"}, tree),
        text_of(search_files._search({"text": "inside"}, tree, FrozenClock())),
        text_of(search_files._search({"name": "caf"}, tree, FrozenClock())),
        enclose(tree, ".").text,
        ask_path(tree, odd),
        ask_path(tree, "no\udcffsuch"),
    ]
    for text in told:
        text.encode()
    assert "caf\ufffd.txt" in told[0]
    assert "inside of it" in told[1]
    assert "d\ufffd/x.txt:1: inside too" in told[3]


def test_a_working_directory_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(ToolFailure, match="working directory is gone"):
        real(tmp_path / "gone")
