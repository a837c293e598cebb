"""Many command lines in one process on a real pseudo-terminal, and the bytes that each of them wrote.

As a process (`python -m tests.cli.rim FILE`) it runs the command lines of a JSON file, one after the other, by the same
function as `ralph` itself; a start of Python for each of them would take a minute.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.process import environment

MARK = "\n<<<door {} over>>>\n"


def outputs(home: Path, runs: Sequence[Mapping[str, object]], env: Mapping[str, str] | None = None) -> list[bytes]:
    """What each run wrote to the terminal. A run: `arguments`, and `environ` over that of the process."""
    (home / "runs.json").write_text(json.dumps(list(runs)))
    mine, theirs = pty.openpty()
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST  # else each newline gets a carriage return that ralph did not write
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.rim", "runs.json"], cwd=home,
        env={**environment(home), "TERM": "xterm", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", **(env or {})},
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    got: list[bytes] = []
    reading = threading.Thread(target=_read, args=(mine, got))
    reading.start()
    try:
        process.wait(240)
    finally:
        process.kill()
        process.wait()
        reading.join()
        os.close(mine)
    written, made = b"".join(got), []
    for n in range(len(runs)):
        one, mark, written = written.partition(MARK.format(n).encode())
        assert mark, one + written
        made.append(one)
    return made


def _read(terminal: int, got: list[bytes]) -> None:
    with contextlib.suppress(OSError):  # the other side is closed
        while data := os.read(terminal, 65536):
            got.append(data)


def _main(file: str) -> None:
    from ralph.cli.main import main

    before = dict(os.environ)
    for n, run in enumerate(json.loads(Path(file).read_text())):
        os.environ.update(run.get("environ", {}))
        try:
            main(run["arguments"])
        except SystemExit:
            pass
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.environ.clear()
            os.environ.update(before)
            os.write(1, MARK.format(n).encode())


if __name__ == "__main__":
    _main(sys.argv[1])
