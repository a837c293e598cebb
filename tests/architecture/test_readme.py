"""What the README promises: its commands are the ones that run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.process import ralph

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = sorted((ROOT / "docs").glob("*.md"))


def shell_lines(text: str) -> list[str]:
    """The lines of all `sh` blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_ci_runs_the_readmes_test_command() -> None:
    command = next(line for line in shell_lines(README) if line.endswith("pytest -n 4 --cov"))
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def asked_without_a_model() -> list[str]:
    first = README.partition("## The first five minutes")[2].partition("```sh")[2].partition("```")[0]
    return [line for line in first.splitlines() if line.startswith("ralph -p")]


@pytest.mark.parametrize("line", asked_without_a_model())
def test_the_first_questions_are_answered(tmp_path: Path, line: str) -> None:
    done = ralph(tmp_path, *shlex.split(line)[1:], cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_there_is_one_way_of_calling_ralph() -> None:
    """After the start the reader has `ralph` on the path, and every line calls it so."""
    after = README.partition("## The first five minutes")[2].partition("## Tests")[0]
    assert len(asked_without_a_model()) == 4
    assert "bin/ralph" not in README.replace("## Tests", "").split("## The first")[1]
    for line in shell_lines(after):
        assert re.match(r"ralph( |$)|export |git diff \| ralph ", line), line


def saved_commands() -> list[str]:
    verbs = r"ralph (timelines|show|replay|fork|rerun|export|providers|-p \"/)"
    return [line for line in shell_lines(README) if re.match(verbs, line)]


def test_the_commands_on_saved_timelines_run(tmp_path: Path) -> None:
    ralph(tmp_path, "-p", "what is 17% of 2340?")
    assert len(saved_commands()) >= 6
    for line in saved_commands():
        done = ralph(tmp_path, *shlex.split(line)[1:])
        assert done.returncode == 0, (line, done.stderr)


@pytest.mark.parametrize("page", [ROOT / "README.md", *GUIDES], ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", GUIDES, ids=lambda p: p.name)
def test_yaml_in_the_guides_is_valid_configuration(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block)
        done = ralph(tmp_path, "config", "check", "--config", str(path))
        assert (done.returncode, done.stderr) == (0, "")  # no rule for a tool that does not ship


def test_nothing_says_how_it_was_made() -> None:
    words = ("/wor" + "k/", "/tm" + "p/", "farm-" + "bench", "farm-" + "studio", ".lib" + "rary")
    for path in [*(ROOT / "ralph").rglob("*.py"), *GUIDES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        text = path.read_text(encoding="utf-8")
        assert not [w for w in words if w in text], path


def test_the_commands_of_a_conversation_run(tmp_path: Path) -> None:
    lines = shell_lines((ROOT / "docs" / "conversation.md").read_text(encoding="utf-8"))
    assert len(lines) == 5
    ralph(tmp_path, "-p", "what is 17% of 2340?")
    for line in lines:
        done = ralph(tmp_path, *shlex.split(line)[1:])
        assert done.returncode == 0, (line, done.stderr)
        assert "397.8" in done.stdout
