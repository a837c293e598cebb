"""Runs inside a sandbox and tries what must fail; prints as JSON which of it succeeded.

The file is passed to the interpreter as text, so it imports nothing of ralph. Arguments: a folder outside, with a file
`secret` and a listening socket `socket` in it; the name of a listening abstract socket; a TCP port; a UDP port; the
process id of ralph.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable

assert sys.platform != "win32"  # noqa: S101 - there is no rung to try there


def _connects(family: int, kind: int, address: tuple[str, int] | str) -> bool:
    with socket.socket(family, kind) as made:
        made.settimeout(2)
        made.connect(address)
        made.send(b"x")
    return True


def _reads(path: str) -> bool:
    with open(path, encoding="utf-8") as found:
        return bool(found.read())


def _writes(path: str) -> bool:
    with open(path, "w", encoding="utf-8") as made:
        made.write("x")
    return os.path.exists(path)


def _reaches(process: int) -> bool:
    os.kill(process, 0)
    return True


def _succeeds(attempt: Callable[[], bool]) -> bool:
    try:
        return attempt()
    except (OSError, ValueError, OverflowError):
        return False


def main(outside: str, abstract: str, tcp: str, udp: str, process: str) -> None:
    """Try everything."""
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    attempts: dict[str, Callable[[], bool]] = {
        "write": lambda: _writes(f"{outside}/written"),
        "read": lambda: _reads(f"{outside}/secret"),
        "tcp": lambda: _connects(socket.AF_INET, stream, ("127.0.0.1", int(tcp))),
        "udp": lambda: _connects(socket.AF_INET, datagram, ("127.0.0.1", int(udp))),
        "unix": lambda: _connects(socket.AF_UNIX, stream, f"{outside}/socket"),
        "abstract": lambda: _connects(socket.AF_UNIX, stream, f"\0{abstract}"),
        "signal": lambda: _reaches(int(process)),
        "environment": lambda: _reads(f"/proc/{process}/environ"),
    }
    sys.stdout.write(json.dumps([name for name, attempt in attempts.items() if _succeeds(attempt)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
