"""A working directory with a neighbour, and a way to run a shell line in it on each rung that this machine has."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ralph import registry
from ralph.core.llm.tool import Surroundings, ToolCall
from ralph.core.llm.tool_output import Rung, ToolOutput
from ralph.tools.sandbox import ladder, program
from ralph.tools.sandbox.limits import Limits
from tests.frozen import FrozenClock

Shell = Callable[..., Awaitable[ToolOutput]]

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a sandbox")


@pytest.fixture(params=ladder.LADDER)
def rung(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Rung:
    """Each rung of this machine in turn; one that it has not is skipped, with the reason."""
    held: Rung = request.param
    proof = next(p for p in ladder.prove_all() if p.rung == held)
    if not proof.holds:
        pytest.skip(f"{held}: {proof.why_not}")
    monkeypatch.setattr(program, "find_rung", lambda *_: held)
    return held


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("hunter2\n", encoding="utf-8")
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path / "outside")
    return root.resolve()


@pytest.fixture
def call(root: Path) -> ToolCall:
    return ToolCall(Surroundings(root, FrozenClock()))


@pytest.fixture
def shell(call: ToolCall) -> Shell:
    """`await shell("ls", timeout_s=3, tool="shell")`."""

    async def run(command: str, *, network: bool = False, **arguments: Any) -> ToolOutput:
        given = {"command": command, **arguments}
        output: ToolOutput = await registry.load("tools", "shell").run(given, replace_call(call, network))
        return output

    return run


def replace_call(call: ToolCall, network: bool) -> ToolCall:
    return replace(call, network=network)


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Callable[[Limits], None]:
    """`limits(Limits(cpu_s=1))` for every program that is started after it."""

    def inject(small: Limits) -> None:
        make_order = program.make_order

        def limited(rung: Any, argv: Any, cwd: Any, paths: Any, _: Limits, *, network: bool) -> Any:
            return make_order(rung, argv, cwd, paths, small, network=network)

        monkeypatch.setattr(program, "make_order", limited)

    return inject
