"""Whatever path a model writes: nothing is made or changed outside the working directory, or through a link."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ralph.core.llm.tool import Surroundings, ToolCall, ToolFailure
from ralph.core.llm.tool_output import FileChange, ToolOutput
from ralph.disk.changes import ChangeRefused, apply_changes
from ralph.tools import edit_file, write_file
from tests.frozen import FrozenClock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "notes.md").write_text("theirs\n")
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "Docs").mkdir()
    (root / ".git").mkdir()
    (root / "notes.md").write_text("one\ntwo\n")
    (root / "caf\u00e9.md").write_text("composed\n")
    (root / ".env").write_text("KEY=hunter2\n")
    (root / "server.key").write_text("hunter2\n")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "inner").symlink_to(root / "src")
    (root / "link.md").symlink_to(tmp_path / "outside" / "notes.md")
    (root / "alias.md").symlink_to(root / "notes.md")
    (root / "dangling.md").symlink_to(tmp_path / "outside" / "new.md")
    os.mkfifo(root / "pipe")
    return root


def picture(folder: Path) -> dict[str, str]:
    """Everything below a folder, by its path: what it is, and its bytes."""
    return {
        str(path.relative_to(folder)): f"{path.lstat().st_mode:o} "
        + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else "")
        for path in sorted(folder.rglob("*"))
    }


async def write(root: Path, path: str, content: str = "mine\n") -> ToolOutput:
    return await write_file.TOOL.run({"path": path, "content": content}, ToolCall(Surroundings(root, FrozenClock())))


REFUSED = {
    "../outside/new.md": "goes up by '..'",
    "src/../../outside/new.md": "goes up by '..'",
    "src/../notes.md": "goes up by '..'",
    "/etc/passwd": "is an absolute path",
    "//etc/passwd": "is an absolute path",
    "~/.bashrc": "lies outside the working directory",
    "~root/x": "lies outside the working directory",
    "out/new.md": "out is a link",
    "out/notes.md": "out is a link",
    "inner/new.md": "inner is a link",
    "link.md": "link.md is a link",
    "alias.md": "alias.md is a link",
    "dangling.md": "dangling.md is a link",
    ".git/config": "hidden file or may hold a key",
    ".git/hooks/post-commit": "hidden file or may hold a key",
    "src/.git/config": "hidden file or may hold a key",
    ".bashrc": "hidden file or may hold a key",
    ".env": "hidden file or may hold a key",
    ".ENV.local": "hidden file or may hold a key",
    "server.key": "hidden file or may hold a key",
    "SERVER.KEY": "hidden file or may hold a key",
    "src/id_rsa": "hidden file or may hold a key",
    "Notes.md": "there is 'notes.md'",
    "docs/x.md": "there is 'Docs'",
    "cafe\u0301.md": "there is 'caf\u00e9.md'",
    "no\0tes.md": "without a NUL",
    "notes.md\n": "signs that cannot be seen",
    "notes\u202egnp.md": "signs that cannot be seen",
    "notes\u200b.md": "signs that cannot be seen",
    "src": "is a folder",
    "src/": "is a folder",
    ".": "is a folder",
    "": "is empty",
    "  ": "is empty",
    "notes.md/x": "is a file, not a folder",
    "pipe": "is a pipe",
    "n" * 300: "too long",
    f"{'n' * 300}/x": "too long",
    "d/" * 1500 + "x": "too long",
    "d/" * 2500 + "x": "at most 4000",
    "sur\udc80rogate": "signs that cannot be seen",
}


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path[:30])
async def test_a_path_that_is_refused_changes_nothing(root: Path, path: str) -> None:
    before = picture(root.parent)
    with pytest.raises(ToolFailure) as failure:
        await write(root, path)
    assert REFUSED[path] in str(failure.value)
    with pytest.raises(ToolFailure):
        edit_file.TOOL.prepare({"path": path, "old": "theirs", "new": "mine"}, Surroundings(root, FrozenClock()))
    assert picture(root.parent) == before


@pytest.mark.parametrize("path", ["./notes.md", ".//src//a.py", "src/./a.py", "new/deep/er/a.py", "wide \u00fcber.md"])
async def test_what_lies_below_is_written(root: Path, path: str) -> None:
    output = await write(root, path)
    assert (root / path).read_text() == "mine\n"
    folders = [record.path for record in output.files if record.path.endswith("/")]
    assert folders == (["new/", "new/deep/", "new/deep/er/"] if path.startswith("new") else [])
    assert write_file.TOOL.resource({"path": path}) == str(Path(path))


@pytest.mark.parametrize("path", ["config.yaml", "data/grants.yaml", "data/new/file"])
def test_the_files_of_ralph_itself_are_refused(root: Path, path: str) -> None:
    own = (root / "config.yaml", root / "data")
    with pytest.raises(ToolFailure, match="belongs to ralph's own configuration or data"):
        write_file.TOOL.prepare({"path": path, "content": "x"}, Surroundings(root, FrozenClock(), protected=own))


async def test_a_working_directory_that_is_a_link_is_no_link_on_the_way(root: Path) -> None:
    (root.parent / "here").symlink_to(root)
    await write(root.parent / "here", "new.md")
    assert (root / "new.md").read_text() == "mine\n"


@contextmanager
def flipping(name: Path, link: Path) -> Iterator[None]:
    """Another process that puts a link in the place of a folder, and takes it away, all the time."""
    stop = threading.Event()
    aside = name.with_name("aside")

    def flip() -> None:
        while not stop.is_set():
            name.rename(aside)
            link.rename(name)
            name.rename(link)
            aside.rename(name)

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


async def test_a_folder_that_flips_to_a_link_leads_nowhere(root: Path) -> None:
    link = root / "flip"
    link.symlink_to(root.parent / "outside")
    with flipping(root / "src", link):
        for number in range(400):
            change = FileChange(f"src/{number}.md", None, b"mine\n")
            try:
                apply_changes(root, (change,))
            except ChangeRefused:
                continue
    assert sorted(path.name for path in (root.parent / "outside").iterdir()) == ["notes.md"]


AS_NOBODY = """
import hashlib, os, resource, signal, sys
from pathlib import Path
from ralph.core.llm.tool_output import FileChange
from ralph.disk.changes import ChangeRefused, apply_changes
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if sys.argv[2] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    apply_changes(Path(sys.argv[1]), (FileChange(sys.argv[3], None, b"x" * 5000),))
except ChangeRefused as refused:
    print(refused)
"""


@pytest.mark.parametrize(
    ("limit", "mode", "said"),
    [
        ("full", 0o777, "new.md cannot be written: the file would be larger than the system allows"),
        ("none", 0o555, "new.md cannot be written: the system does not permit it"),
    ],
)
def test_a_write_that_the_system_refuses_is_a_sentence_and_leaves_nothing(limit: str, mode: int, said: str) -> None:
    """In /tmp, where another user reaches the folder."""
    with _open_folder(mode) as folder:
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(folder), limit, "new.md"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert (done.stdout.strip(), done.stderr) == (said, "")
        assert list(folder.iterdir()) == []


@contextmanager
def _open_folder(mode: int) -> Iterator[Path]:
    import tempfile

    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        os.chmod(made, 0o755)
        folder = Path(made) / "root"
        folder.mkdir()
        folder.chmod(mode)
        yield folder
        folder.chmod(0o700)
