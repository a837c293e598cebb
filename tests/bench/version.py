"""CPU of `ralph --version` beside `python -c pass`, each a whole process: `python -m tests.bench.version [ROUNDS]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.headless import spent
from tests.bench.serving import row

ROUNDS = 15


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "ralph --version": [sys.executable, "-m", "ralph", "--version"],
    }
    with tempfile.TemporaryDirectory() as home:
        found: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                found[name].append(spent(command, Path(home))[1])
    bare, own = found.values()
    base = row("python -c pass, CPU", bare, "ms")
    row("ralph --version, CPU", own, "ms", base, "target 3.5x")


if __name__ == "__main__":
    main()
