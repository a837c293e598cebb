"""The floors of the house, what an import loads, and how large a room may be."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = sorted((ROOT / "ralph").rglob("*.py"))
VENDORS = {"anthropic", "openai", "mcp", "textual", "genai_prices", "httpx2"}
HEAVY = VENDORS | {"httpx", "pydantic", "yaml", "aiosqlite"}
NAMELESS = ("Manager", "Handler", "Helper", "Utils", "Processor")


def test_imports_go_downwards_only() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def loaded(*arguments: str) -> set[str]:
    """Top-level modules after running Python with these arguments."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = (line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {name.partition(".")[0] for name in names}


def test_version_loads_nothing_heavy() -> None:
    assert loaded("-m", "ralph", "--version") & HEAVY == set()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["--version"], set()), (["-p", "what is 17% of 2340?"], set()), (["config", "path"], {"config"})],
)
def test_verbs_are_listed_without_being_imported(tmp_path: Path, arguments: list[str], expected: set[str]) -> None:
    code = (
        "import contextlib, sys; from ralph.cli.main import main\n"
        f"with contextlib.suppress(SystemExit): main({arguments!r})\n"
        "print(*(name for name in sys.modules if name.startswith('ralph.cli.verbs.')), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": ""}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.stdout
    assert set(re.findall(r"ralph\.cli\.verbs\.(\w+)", done.stderr)) == expected


BARE = ["ralph.core", "ralph.session.session", "ralph.headless.run", "ralph.assembly.workspace"]


@pytest.mark.parametrize("room", BARE)
def test_these_rooms_load_no_screen_and_no_vendor(room: str) -> None:
    assert loaded("-c", f"import {room}") & VENDORS == set()


def test_a_turn_without_a_model_loads_no_vendor(tmp_path: Path) -> None:
    code = (
        "import sys; from ralph.cli.main import main; "
        "code = main(['-p', 'what is 17% of 2340?']); "
        f"bad = {VENDORS!r} & set(sys.modules); sys.exit(code or (f'loaded {{bad}}' if bad else 0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": ""}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_is_small_and_says_what_it_is_for(room: Path) -> None:
    source = room.read_text(encoding="utf-8")
    tree = ast.parse(source)
    words = ast.get_docstring(tree)
    lines = source.count("\n")
    assert lines <= 400
    assert lines <= 300 or "Longer than 300 lines:" in (words or ""), "a room of more than 300 lines says why"
    assert words, "a room begins with a sentence that says what it is for"
    assert words.split("\n\n")[0].rstrip().endswith((".", "`")), words
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{node.name} is too long"
        if isinstance(node, ast.ClassDef):
            assert not node.name.endswith(NAMELESS), node.name


def test_most_rooms_are_far_smaller() -> None:
    sizes = [room.read_text(encoding="utf-8").count("\n") for room in ROOMS]
    assert statistics.median(s for s in sizes if s > 3) < 120


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_broad_except_stands_at_a_marked_border(room: Path) -> None:
    """Or it tidies up and raises again, as its last word."""
    text = room.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and (
            node.type is None or {"Exception", "BaseException"} & set(re.findall(r"\w+", ast.unparse(node.type)))
        ):
            near = " ".join(lines[node.lineno - 1 : node.lineno + 2])
            assert "border:" in near or isinstance(node.body[-1], ast.Raise), f"{room}:{node.lineno}"


BARE_STARTS = ("create_task", "ensure_future", "run_in_executor", "Thread", "ThreadPoolExecutor", "TaskGroup")


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_runs_in_the_background_is_started_where_its_end_is_noticed(room: Path) -> None:
    if room == ROOT / "ralph/core/background.py":
        return
    for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in BARE_STARTS, f"{room}:{node.lineno}: use ralph.core.background"
            if called == "run_worker":
                calm = any(k.arg == "exit_on_error" and getattr(k.value, "value", 1) is False for k in node.keywords)
                assert calm, f"{room}:{node.lineno}: a worker that fails is reported, and ends nothing"


def test_one_place_names_the_concrete_store() -> None:
    """Everyone else takes the ports of `core.ports.store`, so that another store is one more line there."""
    named = re.compile(r"^\s*(?:from|import) ralph\.store\.sqlite\b", re.MULTILINE)
    outside = [
        r for r in ROOMS if ROOT / "ralph/store" not in r.parents and named.search(r.read_text(encoding="utf-8"))
    ]
    assert [str(r.relative_to(ROOT / "ralph")) for r in outside] == ["assembly/workspace.py"]
