"""What the process between ralph and a program is told to do."""

from __future__ import annotations

from typing import TypedDict


class Order(TypedDict):
    """One program to run. It crosses a descriptor as JSON, because this side knows nothing of ralph's records."""

    argv: list[str]
    cwd: str
    rung: str
    """`bwrap`, `landlock+netns`, `landlock` or `none`."""
    network: bool
    wrapper: list[str]
    """The command line of bubblewrap up to the program's own; empty on the other rungs."""
    readable: list[str]
    writable: list[str]
    temporary: str
    """The private folder for temporary files, which ralph removes; if ralph is dead, this process does."""
    pinned: list[str]
    protected: list[str]
    cpu_s: int
    memory: int
    address_space: int
    file_bytes: int
    processes: int
    parent: int
    """The process id of ralph: if it is no longer the parent, ralph is dead, and so must the program be."""


class EndReport(TypedDict, total=False):
    """How it ended: one of these."""

    exit: int
    signal: int
    stopped: str
    """Why the program was ended, as a part of a sentence."""
    failed: str
    """Why it was not started, as a part of a sentence."""
