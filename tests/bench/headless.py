"""Wall time of one `ralph -p` turn as a whole process: `python -m tests.bench.headless`.

An answer of 2,000 tokens, as fast as it can be sent, on each wire, beside `python -c pass`. Targets (DESIGN.md,
section 11): httpx wires under 0.30 s, the openai SDK under 0.65 s, the anthropic SDK under 0.80 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.serving import ROOT, row, serving
from tests.headless.ask import WIRES

ROUNDS = 9
TOKENS = 2000
TARGETS = {"anthropic": "0.80 s", "responses": "0.65 s", "chat": "0.65 s", "compatible": "0.30 s", "ollama": "0.30 s"}


def wall(command: list[str], home: Path) -> float:
    """Milliseconds until the process is gone."""
    environ = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "RALPH_DATA_DIR": str(home / "data"),
        "RALPH_CONFIG": str(home / "config.yaml"),
    }
    began = time.perf_counter()
    done = subprocess.run(command, cwd=home, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    took = (time.perf_counter() - began) * 1000
    assert not done.returncode, done.stderr.decode()
    return took


def main() -> None:
    usage = {"input": 20, "output": TOKENS}
    commands = {"python -c pass": [sys.executable, "-c", "pass"]}
    with (
        serving({"text": ["word "] * TOKENS, "times": None, "usage": usage}) as url,
        tempfile.TemporaryDirectory() as at,
    ):
        homes = {"python -c pass": Path(at)}
        for wire, (entry, ref) in WIRES.items():
            homes[wire] = Path(at) / wire
            homes[wire].mkdir()
            (homes[wire] / "config.yaml").write_text(f"providers: {entry.format(url=url)}\nrouting: {{route: rules}}\n")
            commands[wire] = [sys.executable, "-m", "ralph", "-p", "tell me something", "-m", ref]
        found: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(ROUNDS + 1):
            for name, command in commands.items():
                took = wall(command, homes[name])
                if number:  # the first makes the database and fills the disk's cache
                    found[name].append(took)
        base = row("python -c pass", found["python -c pass"], "ms")
        for wire in WIRES:
            row(f"{wire}: ralph -p, {TOKENS:,} tokens", found[wire], "ms", base, f"target {TARGETS[wire]}")


if __name__ == "__main__":
    main()
