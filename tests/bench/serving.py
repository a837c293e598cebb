"""What the benches share: the loopback server as a process of its own, so that its CPU is not ours, and medians."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def serving(*replies: dict[str, Any]) -> Iterator[str]:
    """A scripted server; gives its address."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.json"
        script.write_text(json.dumps(replies))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.wires.server", "--script", str(script)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def row(name: str, values: Sequence[float], unit: str, base: float | None = None, target: str = "") -> float:
    """Print a median with its spread, and its ratio to the baseline of the same run."""
    middle = median(values)
    ratio = f"  {middle / base:6.2f}x" if base else " " * 9
    spread = f"{min(values):9.2f} to {max(values):9.2f}"
    print(f"{name:44} {middle:9.2f} {unit:3} ({spread}){ratio}  {target}", flush=True)
    return middle
