"""The verbs of the command line: each is one file, which nothing else names."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from ralph.cli import verbs
from tests.cli.process import ROOT, command, environment, ralph

GUIDE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
# The guide names each file and then shows it.
NEW = re.findall(r"`ralph/(\S+\.py)`:\n\n```py\n(.*?)```", GUIDE, re.DOTALL)


def test_a_new_file_is_a_new_verb(tmp_path: Path) -> None:
    """And a workflow with it, as the guide shows both; in a copy of the package, as a checkout would have it."""
    shutil.copytree(ROOT / "ralph", tmp_path / "ralph", ignore=shutil.ignore_patterns("__pycache__"))
    assert [name for name, _ in NEW] == ["workflows/count.py", "cli/verbs/count.py"]
    for name, text in NEW:
        (tmp_path / "ralph" / name).write_text(text)
    env = environment(tmp_path, {"PYTHONPATH": str(tmp_path)})

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments), cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip

    done = run("count", "--word", "saved")
    assert (done.returncode, done.stdout) == (0, "0 saved\n"), done.stderr
    assert "count the saved timelines" in run("count", "--help").stdout
    assert " | count" in run("--help").stdout
    done = run("count", "--nosuch")
    assert (done.returncode, done.stderr) == (2, "ralph: unrecognized arguments: --nosuch; see ralph --help\n")


def test_every_verb_has_its_help(tmp_path: Path) -> None:
    listed = ralph(tmp_path, "--help").stdout
    for name in verbs.names():
        assert f" {name}" in listed
        made = ralph(tmp_path, name, "--help")
        assert made.returncode == 0
        assert made.stdout.startswith(f"usage: ralph {name}")
        assert verbs.load(name).SUMMARY in " ".join(made.stdout.split())


def test_the_configuration_file_may_be_named_on_both_sides(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("pipeline: {max_tool_rounds: 3}\n")
    for arguments in (("--config", "mine.yaml", "config", "check"), ("config", "check", "--config", "mine.yaml")):
        assert ralph(tmp_path, *arguments).stdout == "mine.yaml: ok\n"
