"""Proves a rung: a program in it tries what must fail, against files and sockets that are there to be reached."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ralph.core.data import Data, frozen
from ralph.core.llm.tool_output import Rung
from ralph.tools.sandbox.environment import make_environment
from ralph.tools.sandbox.launch import make_order, prepare_launch
from ralph.tools.sandbox.limits import Limits
from ralph.tools.sandbox.program_paths import find_paths

ATTEMPTS = ("write", "read", "tcp", "udp", "unix", "abstract", "signal", "environment")
# What each rung has to stop; without that it does not count. What else it stops is shown.
MUST_STOP = {
    "bwrap": frozenset(ATTEMPTS),
    "landlock+netns": frozenset(["write", "read", "tcp", "udp", "abstract", "environment"]),
    "landlock": frozenset(["write", "read", "tcp", "environment"]),
}
# Seconds for one probe; it takes some tens of milliseconds.
_TIMEOUT_S = 10.0


@frozen
class Proof(Data):
    """What trying showed about a rung."""

    rung: Rung
    holds: bool
    why_not: str = ""
    """Why it does not hold, as a part of a sentence."""
    stops: tuple[str, ...] = ()
    """What was tried and failed, of `ATTEMPTS`."""
    leaves_open: tuple[str, ...] = ()
    """What was tried and succeeded."""


@frozen
class _Bait(Data):
    """What a program must not reach."""

    outside: Path
    abstract: str
    tcp: socket.socket
    udp: socket.socket

    def arguments(self) -> tuple[str, ...]:
        ports = (str(made.getsockname()[1]) for made in (self.tcp, self.udp))
        return (str(self.outside), self.abstract, *ports, str(os.getpid()))


def prove(rung: Rung) -> Proof:
    """Try what must fail on this rung. Takes some tens of milliseconds; for a thread."""
    if rung == "none":
        return Proof(rung, True, leaves_open=ATTEMPTS)
    if sys.platform != "linux":
        return Proof(rung, False, "it exists on Linux only")
    if rung == "bwrap" and shutil.which("bwrap") is None:
        return Proof(rung, False, "bubblewrap is not installed")
    try:
        with _lay_bait() as bait:
            return _judge(rung, bait)
    except (OSError, subprocess.SubprocessError) as error:
        return Proof(rung, False, f"it cannot be tried: {error}")


@contextlib.contextmanager
def _lay_bait() -> Iterator[_Bait]:
    with contextlib.ExitStack() as stack:
        outside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ralph-probe-")))
        with tempfile.NamedTemporaryFile("w", dir=outside, delete=False) as secret:
            secret.write("a secret")
        os.rename(secret.name, outside / "secret")
        abstract = f"ralph-{outside.name}"
        if sys.platform == "linux":  # as `prove` found
            for address in (str(outside / "socket"), f"\0{abstract}"):
                stack.enter_context(_listen(socket.AF_UNIX, socket.SOCK_STREAM, address))
        tcp = stack.enter_context(_listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)))
        udp = stack.enter_context(_listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)))
        yield _Bait(outside, abstract, tcp, udp)


def _listen(family: int, kind: int, address: tuple[str, int] | str) -> socket.socket:
    made = socket.socket(family, kind)
    made.bind(address)
    made.setblocking(False)
    if kind == socket.SOCK_STREAM:
        made.listen()
    return made


def _judge(rung: Rung, bait: _Bait) -> Proof:
    said, why_not = _run(rung, bait)
    if why_not:
        return Proof(rung, False, why_not)
    succeeded = set(said)
    if "udp" in succeeded and not _has_datagram(bait.udp):  # it was sent, into a network in which nobody listens
        succeeded.discard("udp")
    stops = tuple(name for name in ATTEMPTS if name not in succeeded)
    open_ = tuple(name for name in ATTEMPTS if name in succeeded)
    missed = [name for name in open_ if name in MUST_STOP[rung]]
    return Proof(rung, not missed, f"it does not stop {', '.join(missed)}" if missed else "", stops, open_)


def _has_datagram(listening: socket.socket) -> bool:
    try:
        return bool(listening.recv(1))
    except BlockingIOError:
        return False


def _run(rung: Rung, bait: _Bait) -> tuple[list[str], str]:
    """Return what succeeded, or why the rung cannot be used."""
    code = Path(__file__).with_name("tries.py").read_text(encoding="utf-8")
    argv = (os.path.realpath(sys.executable), "-S", "-E", "-I", "-c", code, *bait.arguments())
    with tempfile.TemporaryDirectory(prefix="ralph-") as temporary, tempfile.TemporaryDirectory() as root:
        paths = find_paths(Path(root), Path(temporary))
        launch = prepare_launch(make_order(rung, argv, Path(root), paths, Limits(), network=False))
        process = subprocess.Popen(
            launch.argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            pass_fds=launch.descriptors, start_new_session=True, env=make_environment(Path(temporary), hide_home=True),
        )  # fmt: skip
        launch.forget_passed_files()
        try:
            out, errors = process.communicate(timeout=_TIMEOUT_S)
        finally:
            process.terminate()
        report = launch.report()
    if report.get("exit") == 0:
        reached: list[str] = json.loads(out)
        return reached, ""
    words = [report.get("failed") or report.get("stopped") or "its probe failed", *errors.strip().splitlines()[-1:]]
    return [], ": ".join(words)
