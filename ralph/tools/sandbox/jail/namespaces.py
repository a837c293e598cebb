"""Namespaces of one's own: a network with nothing but its loopback, processes that die together, mounts."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from ralph.tools.sandbox.jail import kernel

assert sys.platform == "linux"  # noqa: S101 - no other system has them

_SET_FLAGS, _UP = 0x8914, 1
# Flags of a mount that a user namespace may not take away, by their names in `os` and their bits for mount.
_KEPT = ((os.ST_NOSUID, 2), (os.ST_NODEV, 4), (os.ST_NOEXEC, 8), (os.ST_NOATIME, 1024), (os.ST_RELATIME, 1 << 21))


def enter(pinned: Iterable[str], protected: Iterable[str], *, network: bool) -> None:
    """Enter new namespaces; the next child is the first process of its own process namespace.

    `protected` become read-only. `pinned` are folders that cannot be renamed, with what is protected below them.
    `network`: keep the network of the machine. Raises `OSError`.
    """
    wanted = kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWPID
    wanted |= 0 if network else kernel.CLONE_NEWNET
    user, group = os.geteuid(), os.getegid()
    try:
        kernel.unshare(wanted | kernel.CLONE_NEWUSER)
    except OSError:
        if user != 0:
            raise
        kernel.unshare(wanted)  # root may do it without a user namespace
    else:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    if not network:
        _start_loopback()
    kernel.mount(None, "/", kernel.MS_REC | kernel.MS_PRIVATE)
    for path in pinned:
        kernel.mount(path, path, kernel.MS_BIND | kernel.MS_REC)
    for path in protected:
        _make_read_only(path)


def _make_read_only(path: str) -> None:
    kernel.mount(path, path, kernel.MS_BIND | kernel.MS_REC)
    now = os.statvfs(path).f_flag
    kept = sum(bit for flag, bit in _KEPT if now & flag)
    kernel.mount(None, path, kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY | kept)


def _start_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        fcntl.ioctl(made, _SET_FLAGS, struct.pack("16sh", b"lo", _UP) + bytes(22))


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="ascii")
