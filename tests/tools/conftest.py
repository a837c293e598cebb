"""A working directory with open files, hidden ones, keys and links, and a way to call a tool in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ralph import registry
from ralph.core.llm.tool import Surroundings, ToolCall
from ralph.core.llm.tool_output import ToolOutput
from tests.frozen import FrozenClock

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("hunter2\n", encoding="utf-8")
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "notes.txt").write_text("one lamp\ntwo\nthree lamp lamp", encoding="utf-8")
    (root / "src" / "a.py").write_text("x = 1\n", encoding="utf-8")
    (root / "src" / "b.py").write_text("y = 2\nz = 3\n", encoding="utf-8")
    for name in (".env", ".env.local", ".git/config", "server.key", "id_rsa", "cert.pem", "prod.env"):
        (root / name).write_text("hunter2 lamp\n", encoding="utf-8")
    (root / "out").symlink_to(outside)
    (root / "leak.txt").symlink_to(outside / "secret.txt")
    (root / "hidden.txt").symlink_to(root / ".env")
    (root / "loop").symlink_to(root / "loop")
    (root / "good.txt").symlink_to(root / "notes.txt")
    return root


@pytest.fixture
def run(root: Path) -> Run:
    """`await run("files", action="list")`."""
    given = ToolCall(Surroundings(root, FrozenClock()))

    async def call(name: str, /, **arguments: Any) -> str:
        output: str | ToolOutput = await registry.load("tools", name).run(arguments, given)
        return output if isinstance(output, str) else output.text

    return call
