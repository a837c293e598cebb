"""The program that draws the pictures ends what it began."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_ends_what_it_began(tmp_path: Path) -> None:
    """A turn that still streams and a comparison beside it are stopped, so asyncio has nothing to complain about."""
    scenes = ("running", "comparing")
    command = (sys.executable, "-m", "tests.tui.pictures", str(tmp_path), "sacred", "--sizes", "80x24")
    done = subprocess.run(
        [*command, "--scenes", ",".join(scenes)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == {f"sacred-{name}-80x24.svg" for name in scenes}
