"""`ralph export`: writes a timeline as a document, as JSON, or as its events."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.headless.exporting import STDOUT, ExportRequest, export, with_format
from ralph.headless.signals import Signals

SUMMARY = "write a timeline as a document, as JSON, or as its events"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--to", default="", metavar="FORMAT", help="md, json, jsonl, or what a plugin adds")
    parser.add_argument(
        "-o", "--output", dest="file", default=STDOUT, metavar="FILE", help="to this file (default: standard output)"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it is there already")


def run(given: Namespace, signals: Signals) -> int:
    asked = with_format(ExportRequest(given.id, given.to, given.file, given.force))

    async def work(space: LocalWorkspace) -> int:
        return await export(space, asked, clean_output.content(), sys.stderr)

    return in_workspace(flags_of(given), work, signals)
