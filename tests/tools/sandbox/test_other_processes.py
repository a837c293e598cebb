"""Programs of a ralph that is killed, and programs of a user without rights."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ralph.core.llm.tool_output import Rung
from ralph.tools.sandbox import ladder
from tests.tools.sandbox.conftest import linux

pytestmark = [linux, pytest.mark.no_cover]

ROOT = Path(__file__).parents[3]
NOBODY = 65534
BEAT = "echo $TMPDIR > place; (setsid sh -c 'while :; do echo x >> alive; sleep 0.01; done' &) ; sleep 300"


def wait_until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_programs_die_with_ralph(rung: Rung, root: Path, how: signal.Signals) -> None:
    """Also one that left its session, and also by SIGKILL."""
    ralph = subprocess.Popen(
        [sys.executable, "-m", "tests.tools.sandbox.driver", rung, str(root), BEAT], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    alive = root / "alive"
    wait_until(alive.exists, "the program never began")
    ralph.send_signal(how)
    ralph.wait()

    def is_quiet() -> bool:
        size = alive.stat().st_size
        time.sleep(0.2)
        return alive.stat().st_size == size

    wait_until(is_quiet, "the program lives on")
    place = Path((root / "place").read_text(encoding="utf-8").strip())
    assert place.is_absolute()
    wait_until(lambda: not place.exists(), "its temporary files are left")


def as_nobody(*arguments: str) -> str:
    """What the driver prints as a user without rights, by the system's own interpreter."""
    python = shutil.which("python3", path="/usr/bin")
    if os.geteuid() != 0 or not python:
        pytest.skip("only root can become nobody, and only with a Python that nobody may read")
    done = subprocess.run(
        [python, "-m", "tests.tools.sandbox.driver", *arguments],
        cwd=ROOT, user=NOBODY, group=NOBODY, extra_groups=(), capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    if "Permission denied" in done.stderr or "ModuleNotFoundError" in done.stderr:
        pytest.skip(f"nobody may not read this checkout: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_rung_holds_for_a_user_without_rights() -> None:
    lines = [line.split("|") for line in as_nobody("prove", "", "").splitlines()]
    assert [line[0] for line in lines] == [*ladder.LADDER, "none"]
    for name, holds, why_not, *stops in lines[:-1]:
        here = next(proof for proof in ladder.prove_all() if proof.rung == name)
        assert (holds == "True") == here.holds, why_not
        assert tuple(stops) == here.stops


@pytest.mark.parametrize("rung_of_nobody", ladder.LADDER)
def test_a_user_without_rights_is_limited_by_the_kernel(root: Path, rung_of_nobody: str) -> None:
    """300 processes where 60 are allowed, a large file, and a write outside."""
    for folder in (root, *root.parents):
        if folder == Path("/tmp"):
            break
        folder.chmod(0o755)
    os.chown(root, NOBODY, NOBODY)
    (root.parent / "outside").chmod(0o777)
    command = (
        "echo x > ../outside/new; head -c 3000000 /dev/zero > big; echo inside > made;"
        " for i in $(seq 300); do sleep 20 & done; echo all"
    )
    said = as_nobody(rung_of_nobody, str(root), command)
    assert not (root.parent / "outside" / "new").exists()
    assert (root / "big").stat().st_size <= 1 << 20
    assert (root / "made").read_text(encoding="utf-8") == "inside\n"
    assert "fork" in said or "more than 60 processes" in said, said
    assert "all\n" not in said
