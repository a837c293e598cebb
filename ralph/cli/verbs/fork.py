"""`ralph fork`: creates a new timeline that shares the first turns of another."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.headless.signals import Signals

SUMMARY = "begin a new timeline from this one"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--turn", type=int, metavar="N", help="keep turns 1 to N")


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        print(await space.timelines.fork(given.id, given.turn))
        return 0

    return in_workspace(flags_of(given), work, signals)
