"""`ralph replay`: plays a timeline on the screen, or as plain lines."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import number, speed
from ralph.headless import saved
from ralph.headless.signals import Signals
from ralph.session.timetable import IDLE_CAP_S

SUMMARY = "play a timeline as it happened"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--speed", type=speed, default=1.0, metavar="N|max", help="times as fast")
    parser.add_argument("--turn", type=int, metavar="N", help="begin at this turn; with --plain: only this turn")
    parser.add_argument("--plain", action="store_true", help="as plain lines; implied where there is no terminal")
    parser.add_argument(
        "--idle-cap", type=_cap, default=IDLE_CAP_S, metavar="S|off", help="the longest wait within a turn (3)"
    )


def run(given: argparse.Namespace, signals: Signals) -> int:
    how: dict[str, Any] = {"speed": given.speed, "turn": given.turn, "idle_cap_s": given.idle_cap}

    async def work(space: LocalWorkspace) -> int:
        if given.plain or not sys.stdout.isatty():
            return await saved.play(space.store, given.id, clean_output.content(), **how)
        from ralph.tui.replay import play  # the screen takes 0.2 s
        from ralph.tui.start import reopen_terminal

        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            reopen_terminal()
        return await play(space, given.id, stopping=signals, **how)

    return in_workspace(flags_of(given), work, signals)


def _cap(text: str) -> float | None:
    if text == "off":
        return None
    value = number(text, "off")
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("must not be negative, or off")
    return value
