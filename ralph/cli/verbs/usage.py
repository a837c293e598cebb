"""`ralph usage`: prints the ledger in groups."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json
from ralph.core.ports.usage_report import BYS
from ralph.headless.signals import Signals

SUMMARY = "what was used and what it cost, from the ledger"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("--by", choices=BYS, default="day", help="how to group it")


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        from ralph.headless.usage import usage  # rich takes 30 ms

        return await usage(space.store, sys.stdout, by=given.by, as_json=given.json)

    return in_workspace(flags_of(given), work, signals)
