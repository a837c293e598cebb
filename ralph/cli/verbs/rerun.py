"""`ralph rerun`: runs a turn again, with the outputs and the exit codes of `-p`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_model_flags, add_run_flags
from ralph.cli.turn_output import report_in, with_output
from ralph.core.timeline.steps import STEPS
from ralph.headless.rerun import AskedAgain, rerun
from ralph.headless.shown_turn import Output
from ralph.headless.signals import Signals

SUMMARY = "run a turn again, in a fork that ends before it"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--turn", type=int, metavar="N", help="this turn (default: the last)")
    parser.add_argument(
        "--from", dest="from_", choices=STEPS, default="route", help="from this step on; those before it are kept"
    )
    add_model_flags(parser)
    parser.add_argument("--system", metavar="TEXT", help="another system prompt (default: the one that the turn had)")
    add_run_flags(parser)


def run(given: Namespace, signals: Signals) -> int:
    output: Output = given.output or "text"
    signals.until(given.timeout)
    asked = AskedAgain(given.id, given.turn, given.from_, output, given.timeout, given.system)

    async def work(space: LocalWorkspace) -> int:
        return await rerun(space.store, space, asked, clean_output.content(), sys.stderr, signals)

    return with_output(
        output, signals, lambda: in_workspace(flags_of(given), work, signals, warm=True), report_in(output)
    )
