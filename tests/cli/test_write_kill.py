"""SIGKILL between a write and its event: the file is the old or the new one, and the next start says which."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.headless.doctor import invariants
from tests.cli.process import environment
from tests.headless.tool_turns import ToolHome, call

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")

# The program, which kills itself at one moment of its first write.
DYING = """
import os, signal, sys
from ralph.disk import changes
moment = sys.argv.pop(1)
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if moment == "before":
    changes._write = die
elif moment == "written":
    os.replace = os.link = die
else:
    changes._sync = die
from ralph.__main__ import main
sys.exit(main())
"""


def die_at(home: ToolHome, moment: str, prompt: str) -> None:
    ref = f"scripted:{home.script}"
    done = subprocess.run(
        [sys.executable, "-c", DYING, moment, "-p", prompt, "-m", ref, "--route", ref, "--yes"],
        cwd=home.root, env=environment(home.path, home.environ), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr


@pytest.mark.parametrize(
    ("moment", "new", "content", "said"),
    [
        ("before", "notes.md", "old\n", "notes.md was not changed: it is the old file"),
        ("written", "notes.md", "old\n", "notes.md was not changed: it is the old file"),
        ("renamed", "notes.md", "new\n", "notes.md was written: it is the new file"),
        ("written", "fresh.md", None, "fresh.md was not made"),
        ("renamed", "fresh.md", "new\n", "fresh.md was written: it is the new file"),
    ],
)
async def test_a_killed_write_leaves_the_old_or_the_new_file(
    tmp_path: Path, moment: str, new: str, content: str | None, said: str
) -> None:
    home = ToolHome(tmp_path)
    (home.root / "notes.md").write_text("old\n")
    home.prepare("write it", [call("write_file", path=new, content="new\n")])
    die_at(home, moment, "write it")
    found = home.root / new
    assert (found.read_text() if found.exists() else None) == content
    (only,) = await home.calls()  # this start closes what was left open
    assert (only.status, only.output) == ("cancelled", f"ralph was killed during this call; {said}")
    assert [r.path for r in only.files] == ([new] if content == "new\n" else [])
    (note,) = [note for note in await home.notes() if note.kind == "interrupted_write"]
    assert said in note.text
    assert sorted(path.name for path in home.root.iterdir()) == sorted({"notes.md", *([new] if content else [])})
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        checks = invariants(await space.timelines.read_events("last"))
    assert all(check.ok for check in checks), checks


async def test_a_file_that_another_program_changed_after_the_kill_is_said(tmp_path: Path) -> None:
    home = ToolHome(tmp_path)
    (home.root / "notes.md").write_text("old\n")
    home.prepare("write it", [call("write_file", path="notes.md", content="new\n")])
    die_at(home, "renamed", "write it")
    (home.root / "notes.md").write_text("theirs\n")
    (only,) = await home.calls()
    assert "notes.md is neither the old file nor the new one: another program changed it" in only.output
    assert (only.files, json.loads(home.script.read_text())[0]["role"]) == ((), "route")
