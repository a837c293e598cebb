"""Benches run by hand, so nothing else notices that a name which they import has moved."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

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
