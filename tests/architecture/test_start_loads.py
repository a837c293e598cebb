"""What the screen imports before its first paint: few modules, and nothing that a person must ask for first."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.process import environment

# The modules of ralph at the first paint. Lower the number when a start loads fewer; a new one is loaded late instead.
MOST = 246
LATE = (
    "anthropic",
    "httpx",
    "markdown_it",
    "openai",
    "pydantic",
    "yaml",
    "ralph.assembly.keys",
    "ralph.assembly.machine",
    "ralph.assembly.models",
    "ralph.assembly.toolbox",
    "ralph.assembly.turn_services",
    "ralph.gateway.stack",
    "ralph.language",
    "ralph.pipeline.turn",
    "ralph.rules",
    "ralph.session.forking",
    "ralph.session.rerun",
    "ralph.store.sqlite.usage_report",
    "ralph.tools",
    "ralph.tui.controllers.block_actions",
    "ralph.tui.controllers.face",
    "ralph.tui.controllers.model_cycle",
    "ralph.tui.controllers.search",
    "ralph.tui.keymap",
    "ralph.tui.prompt.completion",
    "ralph.tui.prompt.vim",
    "ralph.tui.screens",
    "ralph.tui.tables",
    "ralph.tui.timeline.beside",
    "ralph.workflows.compare",
    "ralph.workflows.demo",
)
PAINT_AND_LEAVE = """
import os, sys
from textual.app import App
display = App._display
def first(*arguments):
    display(*arguments)
    with open(sys.argv[1], "w") as file:
        file.write("\\n".join(sys.modules))
    os._exit(0)
App._display = first
from ralph.cli.main import main
main([])
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals")


def loaded(home: Path) -> set[str]:
    """The modules at the first paint of a start with an empty home."""
    listed = home / "modules"
    ours, theirs = pty.openpty()
    try:
        program = subprocess.Popen(
            [sys.executable, "-c", PAINT_AND_LEAVE, str(listed)],
            cwd=home,
            env=environment(home, {"TERM": "xterm-256color", "RALPH_DATA_DIR": str(home / "data")}),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        with program:
            while program.poll() is None:
                if select.select([ours], [], [], 0.01)[0]:
                    os.read(ours, 65536)
    finally:
        os.close(ours)
        os.close(theirs)
    return set(listed.read_text(encoding="utf-8").split())


def test_what_a_start_loads(tmp_path: Path) -> None:
    modules = loaded(tmp_path)
    assert modules & set(LATE) == set()
    own = sorted(name for name in modules if name.partition(".")[0] == "ralph")
    assert "ralph.tui.app" in own
    assert len(own) <= MOST, own
