"""`ralph providers`: lists the providers, and how to connect each."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json
from ralph.headless import providers
from ralph.headless.signals import Signals

SUMMARY = "list the providers, and how to connect each"


def add(parser: ArgumentParser) -> None:
    add_json(parser)


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        return await providers.providers(space, sys.stdout, as_json=given.json)

    return in_workspace(flags_of(given), work, signals)
