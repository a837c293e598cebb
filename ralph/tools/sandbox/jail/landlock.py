"""Landlock: from here on this process and its children open only what is named. The kernel holds it, without root.

Rules only add rights, so that a part of an allowed folder cannot be taken out again.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable

from ralph.tools.sandbox.jail import kernel

assert sys.platform == "linux"  # noqa: S101 - no other system has it

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIR
# The rights that a file, and no folder, can have.
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

_TCP = 0b11  # bind and connect
_SCOPES = 0b11  # abstract unix sockets and signals

# Devices that every program may use; none of them keeps anything.
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _BeneathPath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """Return the version of Landlock in this kernel. Raises `OSError` if there is none."""
    return kernel.call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))


def _file_rights(version: int) -> int:
    """Return every right about files that this version knows."""
    bits = 13
    for since, bit in ((2, 13), (3, 14), (5, 15)):
        if version >= since:
            bits = bit + 1
    return (1 << bits) - 1


def restrict(readable: Iterable[str], writable: Iterable[str], *, tcp: bool) -> None:
    """Confine this process and its children for good. `tcp`: leave TCP open. Raises `OSError`."""
    version = abi()
    rights = _file_rights(version)
    net = _TCP if version >= 4 and not tcp else 0
    ruleset = _Ruleset(rights, net, _SCOPES if version >= 6 else 0)
    handle = kernel.call(_CREATE, ctypes.byref(ruleset), ctypes.c_size_t(ctypes.sizeof(ruleset)), ctypes.c_uint32(0))
    for path in (*readable, "/proc"):
        _allow(handle, path, _READ & rights)
    for path in (*writable, *_DEVICES):
        _allow(handle, path, rights)
    kernel.control_process(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.call(_RESTRICT, ctypes.c_int(handle), ctypes.c_uint32(0))
    os.close(handle)


def _allow(handle: int, path: str, rights: int) -> None:
    """Allow the path and what is below it; a path that is not there is left out."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        rule = _BeneathPath(rights if folder else rights & _OF_FILES, opened)
        kernel.call(_ADD_RULE, ctypes.c_int(handle), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(opened)
