"""A real pseudo-terminal with a screen that can be read, for tests that use ralph as a person does."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

PATIENCE_S = 60.0
QUIET_S = 0.2


class Terminal:
    """`with Terminal(command, …) as terminal`: type with `send`, wait for a condition with `until`."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        *,
        columns: int = 120,
        rows: int = 40,
        name: str = "xterm-256color",
    ) -> None:
        self.painted = b""  # all that the program wrote
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.painted = b""
        self._mine, theirs = pty.openpty()
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        self._process = subprocess.Popen(
            command, env={**env, "TERM": name, "TEXTUAL_ANIMATIONS": "none"}, cwd=cwd,
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=_take_terminal,  # noqa: PLW1509 - the tests fork before any thread
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._mine)

    @property
    def lines(self) -> list[str]:
        """The screen as it stands."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def ground(self, line: int, column: int) -> str:
        """The background of a cell, as hex or a name."""
        return str(self._screen.buffer[line][column].bg)

    @property
    def modes(self) -> list[object]:
        """How the terminal treats keys and output, as a shell would find it."""
        return list(termios.tcgetattr(self._mine)[:4])

    @property
    def fresh_modes(self) -> list[object]:
        """The modes of a terminal that no program has changed; this one's program may be at work already."""
        ends = os.openpty()
        try:
            return list(termios.tcgetattr(ends[0])[:4])
        finally:
            for end in ends:
                os.close(end)

    def send(self, keys: str) -> None:
        """Type, while reading what the program paints: neither side ever waits for the other."""
        self.send_bytes(keys.encode())

    def send_bytes(self, left: bytes) -> None:
        """The same, also with what is no text."""
        end = time.monotonic() + PATIENCE_S
        while left:
            assert time.monotonic() < end, self.text
            ready, free, _ = select.select([self._mine], [self._mine], [], 0.5)
            if ready:
                self._read(0)
            elif free:
                left = left[os.write(self._mine, left[:1024]) :]

    @property
    def pid(self) -> int:
        return self._process.pid

    def wipe(self) -> None:
        """Forget what is on the screen, as if another program had painted over it."""
        self._screen.reset()

    def vanished(self) -> int:
        """The window is closed: the terminal is gone. The exit code of what ran in it."""
        os.close(self._mine)
        self._mine = os.open(os.devnull, os.O_RDONLY)
        return self._process.wait(PATIENCE_S)

    def paste(self, text: str) -> None:
        """As a terminal that brackets what is pasted."""
        self.send(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        """Another size, as by a window's edge."""
        fcntl.ioctl(self._mine, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.resize(rows, columns)

    def until(self, true: Callable[[str], bool], *, settled: bool = True) -> str:
        """Read what the program paints until the screen is so; fails with the screen after a minute.

        `settled`: until it rests besides, which it never does while text streams.
        """
        end = time.monotonic() + PATIENCE_S
        while not true(self.text):
            if time.monotonic() > end or not self._read(0.5):
                raise AssertionError(f"the screen never became so (exit code {self._process.poll()}):\n{self.text}")
        if settled:
            self._rest(end)
        return self.text

    def _rest(self, end: float) -> None:
        """Take in what of the same frame is still on its way: a read may end in the middle of a line."""
        while time.monotonic() < end and select.select([self._mine], [], [], QUIET_S)[0] and self._read(0):
            pass

    def ended(self) -> int:
        """Wait for the program's own end, and take in all that it painted before; its exit code."""
        end = time.monotonic() + PATIENCE_S
        while self._process.poll() is None and time.monotonic() < end:
            self._read(0.1)
        code = self._process.poll()
        assert code is not None, self.text
        while select.select([self._mine], [], [], 0)[0] and self._read(0):  # a read takes 4 KiB of it at most
            pass
        return code

    def _read(self, seconds: float) -> bool:
        """Take in what is there; False when the program has gone."""
        ready, _, _ = select.select([self._mine], [], [], seconds)
        if ready:
            try:
                data = os.read(self._mine, 65536)
            except OSError:
                return False
            self.painted += data
            self._stream.feed(data)
        return True


def _take_terminal() -> None:
    """Make the pseudo-terminal the controlling one, so that `/dev/tty` is it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
