"""From exec to a prompt that takes keys, beside a minimal Textual app.

    python -m tests.bench.tui_start [--rounds N] [--rest SECONDS] [--settle SECONDS]

Each run is a process of its own on a pty of 120x40; a letter is typed as soon as it has the terminal, again and again
until one is painted: the prompt is there. The runs take turns, so that a noisy neighbour disturbs all alike; a ratio is
the median of those within a round. In one round more each program settles and then rests, and its CPU and memory are
taken. Targets (DESIGN.md, section 11): 1.3 times the CPU of the minimal app, and 1.4 times with 10,000 blocks
reopened; these in under 110 MB; CPU at rest near zero (`--settle 600`: after ten minutes).
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.bench.serving import row

TYPED = b"Z"
# Textual asks for bracketed paste when the terminal is its own.
READY = b"\x1b[?2004h"
BLOCKS = 10_000
REST_S = 20.0
SETTLED_S = 10.0
PATIENCE_S = 30.0
AGAIN_S = 0.02
FULL = f"ralph -c, {BLOCKS:,} blocks"
TARGETS = {"ralph": 1.3, FULL: 1.4}

MINIMAL = """
from textual.app import App
from textual.widgets import Static, TextArea
class Minimal(App):
    def compose(self):
        yield Static("minimal")
        yield TextArea()
    def on_mount(self):
        self.query_one(TextArea).focus()
Minimal().run()
"""


class Run(NamedTuple):
    """Milliseconds until the letter shows, CPU milliseconds until then; CPU in percent of a core, and MB, at rest."""

    wall: float
    cpu: float
    idle: float
    memory: float


def run(command: Sequence[str], home: Path, settle: float = 0.0, rest: float = 0.0) -> Run:
    """One start of a program."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        for name in [n for n in os.environ if n.endswith(("_KEY", "_TOKEN")) or n.startswith(("RALPH_", "XDG_"))]:
            del os.environ[name]
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a program is started compiled
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", HOME=str(home))
        os.execv(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen, sent = b"", 0.0
    while not sent or TYPED not in seen:
        if time.perf_counter() - began > PATIENCE_S:
            raise SystemExit(f"{command} never took the key:\n{seen[-2000:]!r}")
        if select.select([terminal], [], [], AGAIN_S)[0]:
            seen = seen[-20:] + os.read(terminal, 65536)
        if not sent and READY in seen:
            seen = b""
            sent = time.perf_counter()
            os.write(terminal, TYPED)
        elif sent and time.perf_counter() - sent > AGAIN_S:
            sent = time.perf_counter()
            os.write(terminal, TYPED)
    wall, used = (time.perf_counter() - began) * 1000, cpu(pid)
    idle = memory = 0.0
    if rest:
        _drain(terminal, settle)
        before = cpu(pid)
        _drain(terminal, rest)
        idle, memory = (cpu(pid) - before) / 10 / rest, _memory(pid)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(terminal)
    return Run(wall, used, idle, memory)


def cpu(pid: int) -> float:
    """Milliseconds of CPU that a process and its threads have used, as the scheduler counts them."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e6


def _memory(pid: int) -> float:
    """Resident megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _drain(terminal: int, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            os.read(terminal, 65536)


async def save(home: Path, blocks: int) -> None:
    """A saved timeline of so many blocks, as ralph would have written it."""
    from ralph.assembly.run_settings import Flags
    from ralph.assembly.workspace import workspace
    from ralph.core.clock import stamp
    from ralph.core.log import events as ev
    from ralph.core.log.envelope import Envelope
    from tests.bench.tui_stream import document
    from tests.tui.play import START, Gate, Say, turn

    async with workspace(Flags(), environ={"HOME": str(home), "RALPH_DATA_DIR": str(home / "data")}) as space:
        name, seq = "k3f9w2m7qd", 1
        batch = [Envelope(name, seq, 0, stamp(START), 0.0, ev.TimelineOpened("ten thousand blocks"))]
        for number in range(1, blocks // 4 + 1):
            at = stamp(START + timedelta(minutes=number))
            for ms, step in turn(number, f"question {number}", document(700, "mixed")):
                if not isinstance(step, Say | Gate):
                    seq += 1
                    batch.append(Envelope(name, seq, number, at, ms, step))
        await space.store.log.append(batch)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.tui_start")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--rest", type=float, default=REST_S)
    parser.add_argument("--settle", type=float, default=SETTLED_S)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty, full = Path(folder) / "empty", Path(folder) / "full"
        for home in (empty, full):
            home.mkdir()
        asyncio.run(save(full, BLOCKS))
        code = "import os, sys; os.environ['RALPH_DATA_DIR'] = sys.argv.pop(1); from ralph.__main__ import main; main()"
        ralph = [sys.executable, "-c", code]
        runs = {
            "minimal Textual app": ([sys.executable, "-c", MINIMAL], empty),
            "ralph": ([*ralph, str(empty / "data")], empty),
            FULL: ([*ralph, str(full / "data"), "-c"], full),
        }
        rested = {name: run(command, home, given.settle, given.rest) for name, (command, home) in runs.items()}
        found: dict[str, list[Run]] = {name: [] for name in runs}
        for _ in range(given.rounds):
            for name, (command, home) in runs.items():
                found[name].append(run(command, home))
        first, *others = runs
        for what, unit in (("wall", "exec to prompt"), ("cpu", "CPU until then")):
            bases = [getattr(m, what) for m in found[first]]
            row(f"{unit}: {first}", bases, "ms")
            for name in others:
                values = [getattr(m, what) for m in found[name]]
                target = f", target {TARGETS[name]}x" if what == "cpu" else ""
                ratio = median(v / base for v, base in zip(values, bases, strict=True))
                row(f"{unit}: {name}", values, "ms", None, f"{ratio:.2f}x{target}")
        for name, one in rested.items():
            print(f"at rest: {name:36} {one.idle:6.2f} % of a core   {one.memory:6.1f} MB")


if __name__ == "__main__":
    main()
