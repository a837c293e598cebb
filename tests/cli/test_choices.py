"""Choices made on the screen last: the next start has them, another window's stay, and each can be undone."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping
from multiprocessing import Process
from pathlib import Path

import pytest
import yaml

from ralph.config.kept_choices import change_choices, read_choices
from tests.bench.serving import serving
from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

MODELS = """\
providers: {{mine: {{kind: openai_compatible, free: true, base_url: "{url}/v1"}}}}
budget: {{day: 9}}
ui: {{theme: nord}}
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving({"text": ["fine"], "times": None, "usage": {"input": 20, "output": 1}}) as url:
        yield url


@pytest.fixture
def home(tmp_path: Path, url: str) -> Path:
    (tmp_path / "config.yaml").write_text(MODELS.format(url=url))
    return tmp_path


def variables(home: Path, **more: str) -> Mapping[str, str]:
    return {"RALPH_DATA_DIR": str(home / "data"), "RALPH_CONFIG": str(home / "config.yaml"), **more}


def sit(home: Path, *lines: str, arguments: tuple[str, ...] = (), **more: str) -> str:
    """Type these lines in a fresh ralph; what stood on the screen at last."""
    with Terminal(command(*arguments), environment(home, variables(home, **more)), home) as terminal:
        terminal.until(lambda text: "❯" in text)
        for line in lines:
            terminal.send(f"{line}\r")
            terminal.until(lambda text, line=line: "every later start" in text or "forgotten" in text)
        shown = terminal.text
        terminal.send("\x03\x03")
        terminal.ended()
    return shown


def settings(home: Path, **more: str) -> tuple[dict[str, object], str]:
    done = ralph(home, "config", "show", env=variables(home, **more))
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout), done.stdout


def answered_by(home: Path, *arguments: str, **more: str) -> str:
    done = ralph(home, *arguments, "-p", "tell me something", "--output", "json", env=variables(home, **more))
    return str(json.loads(done.stdout)["steps"][2]["model"])


def test_what_is_chosen_on_the_screen_holds_for_the_next_start(home: Path) -> None:
    sit(home, "/theme gruvbox", "/model mine:chosen", "/budget day 4", "/tools deny files")
    found, text = settings(home)
    assert found["ui"]["theme"] == "gruvbox"  # type: ignore[index]
    assert found["budget"]["day"] == 4  # type: ignore[index]
    assert found["tools"]["deny"] == ["files"]  # type: ignore[index]
    assert "theme: gruvbox  # your choice" in text
    assert "  month: null  # default" in text
    assert stat.S_IMODE((home / "data" / "state.json").stat().st_mode) == 0o600
    assert answered_by(home) == "chosen"
    # flag, environment, the person's choice, configuration file
    assert answered_by(home, "-m", "mine:flag") == "flag"
    assert answered_by(home, RALPH_LLM_MODEL="mine:variable") == "variable"
    text = sit(home, "/theme reset", "/model reset", "/budget reset", "/tools reset")
    assert json.loads((home / "data" / "state.json").read_text()) == {}
    found, text = settings(home)
    assert (found["ui"]["theme"], found["budget"]["day"]) == ("nord", 9)  # type: ignore[index]
    assert "theme: nord  # file" in text
    assert answered_by(home) == "model-1"


def test_a_new_timeline_keeps_the_model_that_was_chosen(home: Path) -> None:
    with Terminal(command("-m", "mine:start"), environment(home, variables(home)), home) as terminal:
        terminal.until(lambda text: "mine:start" in text)
        terminal.send("/model mine:chosen\r")
        terminal.until(lambda text: "-m overrides it" in text)
        terminal.send("\x0e")  # Ctrl+N
        terminal.until(lambda text: "-m overrides it" not in text and "mine:chosen" in text)


def test_a_choice_says_what_goes_before_it(home: Path) -> None:
    with Terminal(command(), environment(home, variables(home, RALPH_LLM_BUDGET="7")), home) as terminal:
        terminal.until(lambda text: "❯" in text)
        terminal.send("/budget month 4\r")
        terminal.until(lambda text: "RALPH_LLM_BUDGET overrides it" in text)


@pytest.mark.parametrize("text", ["{", "[1]", "\x00", "", "9" * 2_000_000], ids=["cut", "list", "nul", "empty", "long"])
def test_a_broken_file_is_named_once_and_set_aside(home: Path, text: str) -> None:
    (home / "data").mkdir()
    (home / "data" / "state.json").write_text(text)
    first, second = (ralph(home, "-p", "what is 2 + 2?", env=variables(home)) for _ in range(2))
    assert "state.json.broken" in first.stderr
    assert "Traceback" not in first.stderr
    assert "state.json" not in second.stderr
    assert (first.returncode, second.returncode) == (0, 0)
    assert (home / "data" / "state.json.broken").read_text() == text


def test_what_another_ralph_wrote_is_kept_and_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"from.later": [1], "budget.day": "much", "ui.theme": "nord", "tools.x": "maybe"}))
    read = read_choices(path)
    assert read.values == {"ui.theme": "nord"}
    assert "budget.day, tools.x cannot be used" in read.notice
    change_choices(path, {"budget.day": 3.0})
    assert json.loads(path.read_text())["from.later"] == [1]
    assert read_choices(path).values == {"ui.theme": "nord", "budget.day": 3.0}


def _choose(path: Path, window: int) -> None:
    for n in range(40):
        change_choices(path, {f"tools.w{window}n{n}": "allow"})


def test_two_windows_keep_each_others_choices(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    windows = [Process(target=_choose, args=(path, n)) for n in range(3)]
    for one in windows:
        one.start()
    for one in windows:
        one.join()
    assert len(read_choices(path).rules) == 120


def test_a_choice_that_is_not_there_any_more_is_told(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "state.json").write_text('{"routing.tool": "gone:m", "routing.format": "gone:m"}')
    done = ralph(home, "-p", "tell me something", env=variables(home))
    assert done.returncode == 0
    assert "your choice gone:m is not available; another model answers; /model reset forgets it" in done.stderr


def test_without_saving_and_without_a_screen_nothing_is_kept(home: Path) -> None:
    with Terminal(command("--no-save"), environment(home, variables(home)), home) as terminal:
        terminal.until(lambda text: "❯" in text)
        terminal.send("/theme gruvbox\r")
        terminal.until(lambda text: "with --no-save nothing is kept" in text)
    done = ralph(home, "-p", "/budget day 3", env=variables(home))
    assert "choices are kept only from the screen" in done.stdout
    assert not (home / "data" / "state.json").exists()
