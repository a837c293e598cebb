"""`ralph db`: the database file."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.config import paths
from ralph.core.errors import Failure, Kind
from ralph.core.sanitise import line
from ralph.headless.signals import Signals

SUMMARY = "the database"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("path", "backup", "vacuum"))
    parser.add_argument("file", nargs="?", metavar="FILE")


def run(given: Namespace, signals: Signals) -> int:
    path = paths.database(os.environ)
    if given.what == "path":
        print(line(str(path)))
        return 0
    if given.what == "backup" and not given.file:
        raise Failure(Kind.USAGE, "ralph db backup needs a FILE to write")

    async def work(space: LocalWorkspace) -> int:
        if given.what == "vacuum":
            await space.store.vacuum()
        else:
            await space.store.backup(Path(given.file))
            print(line(f"wrote {given.file}"))
        return 0

    return in_workspace(flags_of(given), work, signals)
