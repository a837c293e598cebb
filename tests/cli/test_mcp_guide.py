"""The guide on servers of tools: its configuration loads, and each of its commands runs."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.cli.process import ROOT, ralph

GUIDE = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the guide's configuration, in a repository."""
    import git

    path = tmp_path_factory.mktemp("guide")
    git.Repo.init(path)
    (path / "config.yaml").write_text("\n".join(BLOCKS).replace("startup_s: 10", "startup_s: 60"))
    return path


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_guide_runs(home: Path, line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program == "ralph"
    env = {
        "RALPH_CONFIG": str(home / "config.yaml"), "RALPH_DATA_DIR": str(home / "data"),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }  # fmt: skip
    done = ralph(home, *arguments, env=env)
    assert done.returncode == 0, done.stderr
    if line == "ralph mcp":
        assert re.search(r"^git +stdio +ready +2026-07-28 +12 tools", done.stdout, re.MULTILINE), done.stdout
        assert re.search(r"^docs +http +off", done.stdout, re.MULTILINE)
    if line == "ralph mcp test time":
        assert "time__get_current_time" in done.stdout
    if "2+2" in line:
        assert done.stdout == "2 + 2 is 4.\n"
