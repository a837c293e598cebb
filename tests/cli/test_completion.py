"""`ralph completion`, in the shells that are installed: their own Tab, in a real terminal."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ralph.cli import verbs
from tests.cli.process import ROOT, command, environment, ralph
from tests.cli.terminal import Terminal

CONFIG = "aliases: {fast: groq:openai/gpt-oss-20b}\nproviders: {work: {kind: openai_compatible, base_url: http://x}}\n"
# The lines of the guide.
BASH, ZSH, FISH = (
    line.partition("  ")[0]
    for line in (ROOT / "docs" / "set-up.md").read_text(encoding="utf-8").splitlines()
    if "ralph completion" in line and "#" in line
)
# Each reads the script and shows that it is ready.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], f"{BASH}; echo re''ady\r"),
    "zsh": (["zsh", "-f", "-i"], f"autoload -U compinit; compinit -u; {ZSH}; echo re''ady\r"),
    "fish": (["fish", "-i"], f"mkdir -p ~/.config/fish/completions; {FISH}; echo re''ady\r"),
}
INSTALLED = [pytest.param(s, marks=pytest.mark.skipif(not shutil.which(s), reason=f"no {s}")) for s in SHELLS]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a configuration, one saved timeline, and `ralph` on the path."""
    (tmp_path / "bin").mkdir()
    words = " ".join(f"'{word}'" for word in command())
    (tmp_path / "bin" / "ralph").write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    (tmp_path / "bin" / "ralph").chmod(0o755)
    (tmp_path / "c.yaml").write_text(CONFIG)
    assert ralph(tmp_path, "-p", "10 km in miles", "-m", "builtin:rules").returncode == 0
    return tmp_path


def variables(home: Path) -> dict[str, str]:
    path = f"{home / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    return environment(home, {"PATH": path, "RALPH_CONFIG": str(home / "c.yaml"), "PS1": "> "})


@pytest.mark.parametrize("shell", INSTALLED)
def test_tab_completes_verbs_flags_timelines_and_models(home: Path, shell: str) -> None:
    [row] = json.loads(ralph(home, "timelines", "--json").stdout)
    start, ready = SHELLS[shell]
    lines = (
        ("ralph timel\t", "ralph timelines"),
        ("ralph usage --j\t", "ralph usage --json"),
        ("ralph --offl\t", "ralph --offline"),
        (f"ralph show {row['id'][:4]}\t", f"ralph show {row['id']}"),
        (f"ralph -r {row['id'][:4]}\t", f"ralph -r {row['id']}"),
        ("ralph -m fa\t", "ralph -m fast"),
        ("ralph -m anthropic:claude-son\t", "ralph -m anthropic:claude-sonnet-5-5"),
        ("ralph rerun last --model groq:openai/gpt-oss-12\t", "ralph rerun last --model groq:openai/gpt-oss-120b"),
        ("ralph models wo\t", "ralph models work"),
        ("ralph usage --by prov\t", "ralph usage --by provider"),
        ("ralph -p --config c.y\t", "ralph -p --config c.yaml"),
    )
    with Terminal(start, variables(home), home, rows=50) as terminal:
        terminal.send(ready)
        terminal.until(lambda text: "\nready" in text)
        for typed, wanted in lines:
            terminal.send(typed)
            terminal.until(lambda text, wanted=wanted: wanted in _written(text), settled=False)  # type: ignore[misc]
            terminal.send("\x15")  # the line is taken away again
            terminal.until(lambda text, gone=wanted: gone not in _written(text))  # type: ignore[misc]


def _written(text: str) -> str:
    """What zsh has escaped as it is meant: `anthropic\\:claude`."""
    return text.replace("\\:", ":")


@pytest.mark.parametrize("shell", INSTALLED)
def test_every_verb_is_in_the_script_and_the_shell_can_read_it(home: Path, shell: str) -> None:
    done = ralph(home, "completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    for name in verbs.names():
        assert name in done.stdout
    checked = subprocess.run([shell, "-n"], input=done.stdout, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_lists_name_what_each_word_is(home: Path) -> None:
    env = {"RALPH_CONFIG": str(home / "c.yaml")}
    [row] = json.loads(ralph(home, "timelines", "--json").stdout)
    shown = ralph(home, "completion", "--list", "timelines", env=env).stdout
    assert shown == f"last\tthe latest one\n{row['id']}\t10 km in miles · 1 turn\n"
    shown = ralph(home, "completion", "--list", "models", env=env).stdout
    assert "fast\tgroq:openai/gpt-oss-20b\n" in shown
    assert "work:\t" in shown


def test_tab_makes_no_database_and_a_wrong_call_says_how_to_write_it(tmp_path: Path) -> None:
    assert ralph(tmp_path, "completion", "--list", "timelines").stdout == ""
    assert ralph(tmp_path, "completion", "--list", "models").returncode == 0
    assert list(tmp_path.iterdir()) == []
    for words in ((), ("bash", "--list", "models")):
        done = ralph(tmp_path, "completion", *words)
        assert (done.returncode, done.stderr) == (2, "ralph: write  ralph completion bash,  zsh  or  fish\n")
    assert ralph(tmp_path, "completion", "tcsh").returncode == 2
