"""The ladder: the strongest sandbox that this machine has, found by trying what must fail in each."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ralph.core.llm.tool import SandboxMode
from ralph.core.llm.tool_output import Rung
from ralph.tools.sandbox.probe import Proof, prove
from ralph.tools.sandbox.visible import contains_home

LADDER: tuple[Rung, ...] = ("bwrap", "landlock+netns", "landlock")
INSTALL = "install bubblewrap (apt install bubblewrap, dnf install bubblewrap), or use a kernel with Landlock (5.13)"

# Two calls that begin together wait for one probe.
_trying = threading.Lock()


def find_rung(mode: SandboxMode, root: Path) -> Rung:
    """Return the rung that a program below this root would run on.

    The first call of a process probes for up to some hundred milliseconds; call it in a thread.
    """
    if mode == "off" or contains_home(root.resolve()):
        return "none"
    return _find_strongest()


def explain_none(mode: SandboxMode, root: Path) -> str:
    """Return why there is no sandbox, as a sentence; empty if there is one."""
    if find_rung(mode, root) != "none":
        return ""
    if mode == "off":
        return "tools.sandbox is off"
    if contains_home(root.resolve()):
        return "the working directory contains your home directory, which a sandbox would have to hide"
    if not sys.platform.startswith("linux"):
        return "ralph has no sandbox on this system, only on Linux"
    return "; ".join(f"{proof.rung}: {proof.why_not}" for proof in map(_prove, LADDER))


def prove_all() -> tuple[Proof, ...]:
    """Return the proof of every rung, the strongest first."""
    return tuple(_prove(rung) for rung in (*LADDER, "none"))


def describe(proof: Proof) -> str:
    """Return what trying showed about a rung, as a sentence."""
    if not proof.stops:
        return f"not available: {proof.why_not}"
    open_ = f"; open: {', '.join(proof.leaves_open)}" if proof.leaves_open else ""
    return f"tried and stopped: {', '.join(proof.stops)}{open_}"


def can_be_without_network(rung: Rung) -> bool:
    """Return whether a program on this rung reaches nobody, so that its output comes from the project."""
    return rung in ("bwrap", "landlock+netns")


def _find_strongest() -> Rung:
    return next((proof.rung for proof in _try_in_turn() if proof.holds), "none")


def _try_in_turn() -> Iterator[Proof]:
    yield from map(_prove, LADDER)


def _prove(rung: Rung) -> Proof:
    with _trying:
        return _prove_once(rung)


@cache
def _prove_once(rung: Rung) -> Proof:
    return prove(rung)
