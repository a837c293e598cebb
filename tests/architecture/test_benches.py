"""Benches run by hand, so nothing else notices that a name which they import has moved."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from tests.bench.serving import row
from tests.bench.targets import ARGUMENTS, TARGETS, Figure, read_figures

BENCHES = sorted(Path(__file__).parents[1].joinpath("bench").glob("*.py"))


@pytest.mark.parametrize("bench", BENCHES, ids=lambda path: path.stem)
def test_each_name_that_a_bench_imports_exists(bench: Path) -> None:
    missing = []
    for node in ast.walk(ast.parse(bench.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("ralph", "tests"):
            module = import_module(node.module or "")
            for alias in node.names:
                if not hasattr(module, alias.name):
                    try:
                        import_module(f"{node.module}.{alias.name}")
                    except ImportError:
                        missing.append(f"{node.module}.{alias.name}")
    assert not missing


def test_each_target_names_a_bench_and_its_own_line() -> None:
    names = {bench.stem for bench in BENCHES}
    assert {target.bench for target in TARGETS} <= names
    assert {target.bench for target in TARGETS} <= set(ARGUMENTS)
    assert len({(target.bench, target.line) for target in TARGETS}) == len(TARGETS)


def test_the_table_reads_what_the_benches_print(capsys: pytest.CaptureFixture[str]) -> None:
    row("one bare call", [300.0, 310.0, 305.0], "ms")
    row("priced: a turn", [320.0, 325.0, 330.0], "ms", 305.0, "target 1.1x")
    row("CPU until then: ralph", [400.0], "ms", None, "1.25x, target 1.5x")
    print("text 1,000 B, database 7,500 B: 7.50 times, target 8")
    print('ralph 1000 tok/s mixed           {"cpu_ms_per_token": 0.31, "keys": [1], "rss_mb": 80.5}')
    print("at rest: ralph                                  0.10 % of a core     75.5 MB")
    print("  1000 turns     99.5 MB")
    assert read_figures(capsys.readouterr().out.splitlines()) == {
        "one bare call": Figure(305.0, "ms"),
        "priced: a turn": Figure(325.0, "ms", 1.07),
        "CPU until then: ralph": Figure(400.0, "ms", 1.25),
        "database": Figure(None, "", 7.5),
        "ralph 1000 tok/s mixed: cpu_ms_per_token": Figure(0.31, "ms"),
        "ralph 1000 tok/s mixed: rss_mb": Figure(80.5, "MB"),
        "at rest: ralph": Figure(75.5, "MB"),
        "1000 turns": Figure(99.5, "MB"),
    }
    (priced,) = [target for target in TARGETS if target.line == "priced: a turn"]
    assert [priced.is_met(Figure(1.0, "ms", ratio)) for ratio in (1.1, 1.11, None)] == [True, False, None]
