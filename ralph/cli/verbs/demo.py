"""`ralph demo`: plays a recorded timeline that shows everything, then gives a prompt."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import freeze_objects, in_workspace
from ralph.cli.parser import speed
from ralph.headless import saved
from ralph.headless.signals import Signals
from ralph.workflows.demo import demo_events

SUMMARY = "watch a recorded timeline, then try it yourself; needs no key and no network"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--speed", type=speed, default=1.0, metavar="N|max", help="times as fast")
    parser.add_argument("--plain", action="store_true", help="as plain lines; implied where there is no terminal")


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        if given.plain or not sys.stdout.isatty():
            await saved.play_events(demo_events(), clean_output.content(), speed=given.speed)
            return 0
        from ralph.tui.replay import play_demo  # the screen takes 0.2 s
        from ralph.tui.start import reopen_terminal, start

        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            reopen_terminal()
        if not await play_demo(space, demo_events(), speed=given.speed, stopping=signals):
            return 0
        return await start(space, settled=freeze_objects, stopping=signals)

    return in_workspace(flags_of(given), work, signals, loads=True)
