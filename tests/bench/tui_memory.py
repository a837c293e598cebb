"""Memory of the real program over many turns in one screen: `python -m tests.bench.tui_memory [turns]`.

A ralph on a pty of 120x40 answers from a script, each time something else, with headings, lists, code and tables.
Targets (DESIGN.md, section 11): at most 120 MB after 1,000 turns, and at most 1.2 times of what it was after 100.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import select
import signal
import sqlite3
import struct
import sys
import tempfile
import termios
import time
from contextlib import closing
from pathlib import Path

TURNS = 1000
SHOWN = (1, 10, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000)
WORDS = "the model routes tokens over a small cache so that every block keeps its own lines and the prompt stays quick"


def answer(number: int) -> str:
    """Some 1,300 characters of markdown, different for each number."""
    made = random.Random(number)
    words = WORDS.split()

    def sentence(count: int) -> str:
        return " ".join(made.choice(words) for _ in range(count)).capitalize() + "."

    code = "\n".join(f"value_{n} = compute({made.random():.6f})  # step {n}" for n in range(6))
    table = "\n".join(f"| {made.choice(words)} | {made.randrange(999)} | **{made.random():.3f}** |" for _ in range(4))
    items = "\n".join(f"- {sentence(8)} `code {n}`" for n in range(4))
    return (
        f"## Step {number}\n\n{sentence(40)} **{sentence(3)}**\n\n{items}\n\n```python\n{code}\n```\n\n"
        f"| name | calls | cost |\n|---|--:|--:|\n{table}\n\n{sentence(30)}\n"
    )


class Program:
    """A ralph on a pty, in a home of its own."""

    def __init__(self, home: Path, script: Path) -> None:
        self.data = home / "data"
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            environment = {
                "HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8",
                "COLORTERM": "truecolor", "RALPH_DATA_DIR": str(self.data),
            }  # fmt: skip
            os.chdir(home)
            command = ["-m", "ralph", "-m", f"scripted:{script}", "--route", "rules"]
            os.execve(sys.executable, [sys.executable, *command], environment)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def drain(self, seconds: float, text: bytes = b"") -> None:
        """What it paints is read and forgotten, for so long or until this text comes."""
        until, seen = time.monotonic() + seconds, b""
        while (left := until - time.monotonic()) > 0 and not (text and text in seen):
            if select.select([self._terminal], [], [], left)[0]:
                seen = seen[-200:] + os.read(self._terminal, 65536)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def finished(self) -> int:
        """Turns that are over, by the database."""
        file = next(self.data.glob("*.db"), None)
        if file is None:
            return 0
        try:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
                sql = "SELECT count(*) FROM events WHERE type = 'turn.finished'"
                return int(database.execute(sql).fetchone()[0])
        except sqlite3.Error:
            return 0

    def rss_mb(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def end(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    figures: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        home, script = Path(folder), Path(folder) / "script.json"
        script.write_text(json.dumps([{"text": answer(n), "piece_characters": 200} for n in range(1, turns + 1)]))
        program = Program(home, script)
        try:
            program.drain(60, b"Ask something")
            program.drain(2)
            for number in range(1, turns + 1):
                program.type(f"please write about the rivers of place {number}\r")
                while program.finished() < number:
                    program.drain(0.02)
                if number in SHOWN or number == turns:
                    program.drain(0.5)
                    figures[number] = program.rss_mb()
                    print(f"{number:6} turns {figures[number]:8.1f} MB", flush=True)
        finally:
            program.end()
    if 100 in figures:
        print(f"turn {turns} is {figures[turns] / figures[100]:.2f} times of turn 100 (at most 1.2; at most 120 MB)")


if __name__ == "__main__":
    main()
