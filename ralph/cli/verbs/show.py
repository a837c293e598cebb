"""`ralph show`: prints one timeline as plain lines, or as JSON."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json
from ralph.headless import saved
from ralph.headless.signals import Signals

SUMMARY = "print a timeline"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("id")


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        return await saved.show(space.store, given.id, clean_output.content(), as_json=given.json)

    return in_workspace(flags_of(given), work, signals)
