"""A turn whose model runs a program: what is stored and printed of the call, and of its sandbox."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from ralph.tools.sandbox.ladder import find_rung
from tests.headless.ask import Home
from tests.headless.test_tool_sources import scripted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the lines are for sh")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def allow(home: Home, *rules: str, **more: str) -> None:
    lines = "".join(f", {name}: {value}" for name, value in more.items())
    (home.path / "config.yaml").write_text(f"tools: {{allow: [{', '.join(rules)}]{lines}}}\n")


async def call(home: Home, name: str, arguments: dict[str, Any], **flags: Any) -> dict[str, Any]:
    result = await home.ask("please", **scripted(home, name, arguments), **flags)
    made: dict[str, Any] = result.json["steps"][1]["tools"][0]
    return made


async def test_a_program_that_is_allowed_runs_and_says_in_what(home: Home) -> None:
    allow(home, "run", sandbox="auto")
    rung = find_rung("auto", home.root)
    if rung == "none":
        pytest.skip("no sandbox works on this machine")
    made = await call(home, "run", {"argv": ["sh", "-c", "echo hello > made; cat made; exit 4"]})
    assert (made["status"], made["sandbox"]) == ("error", rung)
    assert made["output"].startswith(f"hello\n[exit code 4 · sandbox {rung}, no network · ")
    assert (home.root / "made").read_text() == "hello\n"


async def test_without_a_sandbox_the_output_is_from_outside(home: Home) -> None:
    allow(home, "run", sandbox="off")
    result = await home.ask("please", output="jsonl", **scripted(home, "run", {"argv": ["echo", "hello"]}))
    end = next(e["data"] for e in result.lines if e["type"] == "tool.finished")
    assert (end["status"], end["sandbox"], end["origin"]) == ("ok", "none", "outside")
    streamed = "".join(
        text
        for e in result.lines
        if e["type"] == "block.delta" and e["data"]["channel"] == "tool_output"
        for _, text in e["data"]["chunks"]
    )
    assert streamed == end["output"]


async def test_a_timeout_of_a_program_is_one_of_the_call(home: Home) -> None:
    allow(home, "run")
    made = await call(home, "run", {"argv": ["sh", "-c", "echo begun; sleep 60"], "timeout_s": 1})
    assert made["status"] == "timeout"
    assert made["output"].startswith("begun\n[stopped after 1 s ")


async def test_the_whole_output_is_a_blob_and_the_model_reads_the_end_too(home: Home) -> None:
    allow(home, "run")
    result = await home.ask("please", output="jsonl", **scripted(home, "run", {"argv": ["seq", "40000"]}))
    end = next(e["data"] for e in result.lines if e["type"] == "tool.finished")
    assert end["blob"]
    assert end["sent"].startswith("1\n2\n")
    assert "\n40000\n[exit code 0 " in end["sent"]
    (kept,) = home_rows(result, end["blob"])
    assert kept.startswith(b"1\n2\n")
    assert b"\n40000\n[exit code 0 " in kept


def home_rows(result: Any, blob: str) -> list[bytes]:
    return [row["data"] for row in result.rows("SELECT * FROM blobs") if row["sha256"] == blob]


async def test_the_route_sees_the_tools_that_run_programs(home: Home) -> None:
    """One line each, which says what they are for."""
    from ralph import registry

    lines = [registry.load("tools", name).spec.description.partition(". ")[0] for name in ("run", "shell", "python")]
    assert lines == [
        "Runs a program in the working directory: the tests, a build, a formatter, git",
        "Runs a shell line in the working directory, for pipes and several commands; use run for a single program",
        "Runs Python code in the working directory: data, files, a computation that needs more than one step",
    ]


async def test_an_exclamation_mark_is_no_command_in_a_script(home: Home) -> None:
    """`ralph -p "!ls"` is text for the model."""
    assert shutil.which("ls")
    script = home.path / "s.yaml"
    script.write_text("- {role: format, text: I read it.}\n")
    result = await home.ask("!ls", model=f"scripted:{script}", route="rules")
    assert result.json["text"] == "I read it."
    assert result.json["steps"][1]["status"] == "skipped"
