"""`ralph usage`: prints the ledger in groups."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json, whole_number
from ralph.core.ports.usage_report import BYS
from ralph.headless.signals import Signals
from ralph.headless.usage import usage

SUMMARY = "what was used and what it cost, from the ledger"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("--by", choices=BYS, default="day", help="how to group it")
    parser.add_argument(
        "--limit", type=whole_number, metavar="N", help="so many of the latest groups at most (50; --json: all); 0: all"
    )


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        out = clean_output.content()
        return await usage(space.store, out, sys.stderr, by=given.by, limit=given.limit, as_json=given.json)

    return in_workspace(flags_of(given), work, signals)
