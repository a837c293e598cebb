"""`ralph timelines`: lists the saved timelines."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json, whole_number
from ralph.headless import saved
from ralph.headless.signals import Signals

SUMMARY = "list saved timelines, latest first"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("--search", metavar="TEXT", default="", help="only those that hold this")
    parser.add_argument(
        "--limit", type=whole_number, default=saved.LISTED, metavar="N", help="so many at most (50); 0: all"
    )


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        out = clean_output.content()
        return await saved.timelines(
            space.store, out, sys.stderr, search=given.search, limit=given.limit, as_json=given.json
        )

    return in_workspace(flags_of(given), work, signals)
