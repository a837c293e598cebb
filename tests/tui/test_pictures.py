"""The program that draws the pictures ends what it began."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_ends_what_it_began(tmp_path: Path) -> None:
    """A turn that still streams and a comparison beside it are stopped: else asyncio complains at a later picture."""
    scenes, sizes = ("running", "comparing", "welcome"), ("80x24", "100x30", "80x20")
    command = (sys.executable, "-m", "tests.tui.pictures", str(tmp_path), "sacred", "--sizes", ",".join(sizes))
    done = subprocess.run(
        [*command, "--scenes", ",".join(scenes)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == {f"sacred-{s}-{size}.svg" for s in scenes for size in sizes}
