"""The process between ralph and a server: it ends the server, and all that the server started, together with ralph.

It is run as a file by `python -S -E -I`, with the number of ralph's process and the server's command. Ralph may be
killed without a chance to end anything; the kernel tells this process, which then kills its whole process group.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

assert sys.platform != "win32"  # noqa: S101 - there the SDK puts a server into a job that ends with ralph

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# Seconds between two looks at whether ralph is there, on systems whose kernel does not tell.
_LOOK_S = 1.0
# Seconds that a server has to end after SIGTERM.
_GRACE_S = 1.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> int:
    """Run the server until it ends; return its exit code."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD, *_SIGNALS))
    if sys.platform == "linux":
        import ctypes

        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if os.getppid() != parent:
        return 1
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD, *_SIGNALS))
        try:
            os.execvp(command[0], command)
        except OSError as error:
            sys.exit(f"{command[0]}: {error.strerror}")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)  # the server alone has ralph's pipes, so that their ends are seen
    os.dup2(nothing, 1)
    return _watch(child, parent)


def _watch(child: int, parent: int) -> int:
    until = float("inf")
    while True:
        woken = _wait(_LOOK_S)
        ended, status = _reap(child)
        if ended:
            _end_descendants()
            return os.waitstatus_to_exitcode(status) & 0xFF
        if (woken in _SIGNALS or os.getppid() != parent) and until == float("inf"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(0, signal.SIGTERM)
            until = time.monotonic() + _GRACE_S
        if time.monotonic() >= until:
            _end_descendants()
            os.killpg(0, signal.SIGKILL)


def _wait(seconds: float) -> int:
    """Return the number of the signal that came; 0 if none came."""
    if sys.platform == "linux":
        woken = signal.sigtimedwait((signal.SIGCHLD, *_SIGNALS), seconds)
        return woken.si_signo if woken else 0
    time.sleep(0.1)
    pending = signal.sigpending()
    return next((one for one in _SIGNALS if one in pending), 0)


def _reap(child: int) -> tuple[bool, int]:
    """Collect ended processes; return whether the server is one of them, and its status."""
    with contextlib.suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == child:
                return True, status
            if ended == 0:
                break
    return False, 0


def _end_descendants() -> None:
    """Kill what the server started and left behind, also what left its process group."""
    if sys.platform != "linux":
        return
    until = time.monotonic() + _GRACE_S
    while (found := _children()) and time.monotonic() < until:
        for one in found:
            with contextlib.suppress(OSError):
                os.kill(one, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def _children() -> list[int]:
    """Return the processes whose parent is this one: orphans of the server come here."""
    found: list[int] = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with (
                contextlib.suppress(OSError, ValueError),
                open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f,
            ):
                fields = f.read().rpartition(")")[2].split()
                if int(fields[1]) == os.getpid() and fields[0] not in "ZX":
                    found.append(int(name))
    return found


if __name__ == "__main__":
    sys.exit(main())
