"""`ralph -p "/command …"`: finds the slash command of the command line and runs it."""

from __future__ import annotations

import argparse
import sys

from ralph.assembly.run_settings import Flags
from ralph.cli import clean_output
from ralph.cli.inside import in_workspace
from ralph.cli.stdin import read_pipe
from ralph.cli.turn_output import timeline_of, with_output
from ralph.cli.with_files import with_files
from ralph.core.errors import Failure, Kind
from ralph.headless.shown_turn import Output
from ralph.headless.signals import Signals
from ralph.headless.slash import SlashLine, command_of, refuse_slash, run_slash


def run_slash_line(given: argparse.Namespace, flags: Flags, signals: Signals) -> int:
    """Return the exit code. Standard input is read only for a command that sends it."""
    output: Output = given.output or "text"
    out, err = clean_output.content(), sys.stderr

    def work() -> int:
        timeline = timeline_of(given)
        sends = getattr(command_of(given.prompt), "sends", False)
        if given.files and not sends:
            raise Failure(
                Kind.USAGE, f"{given.prompt.split()[0]} sends no message that a file (-f) could go along with"
            )
        context = with_files(read_pipe(err, asked=True) if sends else "", given)
        asked = SlashLine(given.prompt, context, output, timeline, given.timeout, flags.yes)
        return in_workspace(flags, lambda space: run_slash(space, asked, out, err, signals), signals, warm=sends)

    return with_output(output, signals, work, lambda failure: refuse_slash(failure, given.prompt, output, out, err))
