"""The system calls that Python has no function for, by ctypes."""

from __future__ import annotations

import ctypes
import os
import sys

assert sys.platform == "linux"  # noqa: S101 - no other system has these calls

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

# SECBIT_NOROOT, SECBIT_NO_SETUID_FIXUP and their locks: the user root is then a user like any other after exec.
_NO_ROOT = 0b1111
_LAST_CAPABILITY = 63

_libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """Return the result of a call. Raises `OSError` if it is negative; `what` names the call."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def call(number: int, *arguments: object) -> int:
    """Make the system call of this number. Raises `OSError`."""
    return check(_libc.syscall(number, *arguments), f"system call {number}")


def control_process(option: int, *arguments: int) -> int:
    """Call prctl. Raises `OSError`."""
    padded = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    return check(_libc.prctl(option, *padded), f"prctl {option}")


def set_filter(program: ctypes.Structure) -> None:
    """Install a seccomp filter in this thread. Raises `OSError`."""
    check(_libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


def unshare(flags: int) -> None:
    """Leave the namespaces of these flags for new ones. Raises `OSError`."""
    check(_libc.unshare(flags), "unshare")


def mount(source: str | None, target: str, flags: int) -> None:
    """Mount `source` at `target`, or change a mount. Raises `OSError`."""
    check(_libc.mount(_bytes(source), os.fsencode(target), None, ctypes.c_ulong(flags), None), f"mount {target}")


def drop_capabilities() -> None:
    """Take every capability away from what this process executes; root becomes a user like any other."""
    control_process(PR_SET_NO_NEW_PRIVS, 1)
    if os.geteuid() != 0:
        return
    control_process(PR_SET_SECUREBITS, _NO_ROOT)
    control_process(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(_LAST_CAPABILITY):
        try:
            control_process(PR_CAPBSET_DROP, capability)
        except OSError:  # the kernel knows no capability of this number
            break


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else os.fsencode(text)
