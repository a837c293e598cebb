"""The first act of a fresh process needs every client at once: SDKs and own wires are imported beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.serving import serving
from tests.cli.first_use import first_use


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving({"text": ["fine"], "times": None, "usage": {"input": 20, "output": 1}}) as url:
        yield url


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("act", ["picker", "compare"])
def test_nothing_is_lost_to_an_import(tmp_path: Path, url: str, act: str, slow: bool) -> None:
    """`python -m tests.bench.first_use` does it 200 times."""
    assert first_use(tmp_path, url, act, slow=slow) == []
