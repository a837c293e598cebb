"""`ralph doctor`: checks the installation, the database, or one timeline."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json
from ralph.headless import doctor
from ralph.headless.signals import Signals

SUMMARY = "check the installation, or one timeline"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("id", nargs="?")
    parser.add_argument("--live", action="store_true", help="ask each configured provider for its models")
    parser.add_argument("--rebuild", action="store_true", help="rebuild everything that is derived from events")


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        if given.id:
            return await doctor.examine(space.store, given.id, sys.stdout, as_json=given.json)
        return await doctor.doctor(
            space.store, space, sys.stdout, live=given.live, rebuild=given.rebuild, as_json=given.json
        )

    return in_workspace(flags_of(given), work, signals)
