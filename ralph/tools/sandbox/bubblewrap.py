"""The command line of bubblewrap for a paths."""

from __future__ import annotations

import shutil

from ralph.tools.sandbox.program_paths import ProgramPaths

# Bytes of the private /dev/shm: semaphores need some, and nothing larger belongs there.
_SHARED_MEMORY = 64 << 20


def find_bubblewrap() -> str | None:
    """Return the path of bubblewrap; None if it is not installed."""
    return shutil.which("bwrap")


def make_command(bubblewrap: str, paths: ProgramPaths, cwd: str, *, network: bool) -> list[str]:
    """Return the command line up to the program's own.

    The root is an empty folder in which only the named paths exist, and read-only, so that a write outside fails and
    does not vanish.
    """
    made = [bubblewrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    made += ["--share-net"] if network else []
    for path in paths.readable:
        made += ["--ro-bind-try", path, path]
    made += ["--proc", "/proc", "--dev", "/dev", "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm", "--dir", "/tmp"]  # noqa: S108 - the sandbox's own
    for path in (*paths.writable, *paths.pinned):
        made += ["--bind", path, path]
    for path in paths.protected:
        made += ["--ro-bind", path, path]
    return [*made, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", cwd]
