"""`ralph models`: lists the models of the providers."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json
from ralph.headless import providers
from ralph.headless.signals import Signals

SUMMARY = "list the models of a provider, or of every configured one"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("provider", nargs="?")


def run(given: Namespace, signals: Signals) -> int:
    async def work(space: LocalWorkspace) -> int:
        return await providers.models(space, given.provider, sys.stdout, sys.stderr, as_json=given.json)

    return in_workspace(flags_of(given), work, signals)
