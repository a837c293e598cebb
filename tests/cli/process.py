"""The command as a process of its own, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ("SYSTEMROOT", "TMPDIR")


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An empty home and no variables, but for what Python needs."""
    kept = {k: v for k, v in os.environ.items() if k in KEPT}
    return {**kept, "HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **(more or {})}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ralph", *arguments]


def ralph(
    home: Path, *arguments: str, stdin: str | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run to the end. Without `stdin` there is none."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd or home,
        env=environment(home, env),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
