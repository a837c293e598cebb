"""`ralph delete`: removes a whole timeline."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.headless import saved
from ralph.headless.signals import Signals

SUMMARY = "remove a whole timeline; its costs stay in the ledger"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--with-forks", action="store_true", help="its forks too")


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        return await saved.delete(space.store, given.id, sys.stdout, with_forks=given.with_forks)

    return in_workspace(flags_of(given), work, signals)
