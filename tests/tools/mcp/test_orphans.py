"""No process of a server outlives ralph: after the end, a signal, and SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.process import command, environment
from tests.headless.tool_turns import call
from tests.tools.mcp.peers import peer_home, read_log


def find_processes(mark: str) -> list[str]:
    """Return the running processes whose command line holds this."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                zombie = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            except OSError:
                continue
            if mark in line and not zombie:
                found.append(f"{entry.name} {line}")
    return found


def wait_until(true: Callable[[], bool], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
@pytest.mark.parametrize("end", [None, signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_of_a_server_is_left(tmp_path: Path, end: signal.Signals | None) -> None:
    """The peer does not end with its input, and has a child in a session of its own."""
    mark = f"orphan-{tmp_path.name}-{os.getpid()}"
    home = peer_home(tmp_path, rules="tools: {allow: ['peer__*']}", deaf=True, child=mark)
    home.prepare("Please do it", [call("peer__slow" if end else "peer__echo")])
    ref = f"scripted:{home.script}"
    run = subprocess.Popen(
        command("-p", "Please do it", "-m", ref, "--route", ref),
        cwd=tmp_path, env=environment(tmp_path, home.environ), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        if end:
            assert wait_until(lambda: any(line.startswith("call slow") for line in read_log(tmp_path))), run.poll()
            assert find_processes(mark)
            run.send_signal(end)
        out, err = run.communicate(timeout=60)
    finally:
        run.kill()
    assert end or "Done." in out, err
    assert wait_until(lambda: not find_processes(mark) and not find_processes(str(tmp_path / "peer.json"))), (
        find_processes(mark)
    )
