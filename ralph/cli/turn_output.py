"""Runs that end in a turn, with the outputs and the exit codes of `-p`."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable

from ralph.cli import clean_output, streams
from ralph.core.errors import Failure, Kind
from ralph.headless.run import refuse
from ralph.headless.shown_turn import SIGPIPE_EXIT, Output
from ralph.headless.signals import Signals

Refuse = Callable[[Failure], int]


def report_in(output: Output) -> Refuse:
    """Return the function that reports a run without a turn in this form; the function returns the exit code."""
    return lambda failure: refuse(failure, output, clean_output.content(), sys.stderr)


def timeline_of(given: Namespace) -> str | None:
    """Return the saved timeline to continue; None for a new one. Raises `Failure(USAGE)` for `-r` alone."""
    if given.again:
        return "last"
    if given.resume == "":
        raise Failure(Kind.USAGE, "-r needs an id here: there is no screen to pick from; `ralph timelines` lists them")
    return given.resume or None


def with_output(output: Output, signals: Signals, work: Callable[[], int], report: Refuse) -> int:
    """Return the exit code of this work. `report` reports its failure; with `json` also a signal before it."""
    if output == "json":
        signals.leave = lambda code: os._exit(report(signals.failure(code)))
    try:
        code = work()
    except Failure as failure:
        code = report(failure)
    if code == SIGPIPE_EXIT:
        streams.silence(sys.stdout)
    return code
