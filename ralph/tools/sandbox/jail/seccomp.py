"""A filter of system calls that closes the kinds of sockets that Landlock leaves open.

A path of a unix socket (Docker's, the one of an ssh agent) can be connected to whatever Landlock says about files. The
filter cannot see the path, so it refuses unix sockets altogether; pairs of connected sockets are not affected. io_uring
opens sockets without the system call, so it is refused too.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys

from ralph.tools.sandbox.jail import kernel

assert sys.platform == "linux"  # noqa: S101 - no other system has it

# By machine: the audit number of its calls, and the numbers of `socket` and of `io_uring_setup`.
_MACHINES = {"x86_64": (0xC000003E, 41, 425), "aarch64": (0xC00000B7, 198, 425)}
_X32 = 0x40000000  # calls of another table on the same machine

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000  # the error number is in the low bits
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16

# Sockets to the host of a virtual machine: a network namespace does not hold them.
_VSOCK = 40


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def can_filter() -> bool:
    """Return whether the filter is known for this machine."""
    return os.uname().machine in _MACHINES


def refuse_sockets(*, all_kinds: bool) -> None:
    """Refuse unix and vsock sockets, or every socket. Does nothing on a machine without a filter. Raises `OSError`."""
    if not can_filter():
        return
    architecture, open_socket, ring = _MACHINES[os.uname().machine]
    refuse = _REFUSE | errno.EACCES
    kinds = () if all_kinds else (socket.AF_UNIX, _VSOCK)
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, refuse),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, refuse),
        (_EQUAL, 0, 1, ring),
        (_RETURN, 0, 0, _REFUSE | errno.ENOSYS),
        (_EQUAL, 1, 0, open_socket),
        (_RETURN, 0, 0, _ALLOW),
    ]
    if all_kinds:
        lines.append((_RETURN, 0, 0, refuse))
    else:
        lines.append((_LOAD, 0, 0, _FIRST_ARGUMENT))
        for kind in kinds:
            lines += [(_EQUAL, 0, 1, kind), (_RETURN, 0, 0, refuse)]
        lines.append((_RETURN, 0, 0, _ALLOW))
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    kernel.control_process(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.set_filter(_Program(len(lines), code))
