"""The command line: it parses the request and runs the face that answers it. Heavy modules are imported late."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ralph import __version__
from ralph.cli import clean_output, streams, verbs
from ralph.cli.mistyped import refuse_near_verb
from ralph.cli.parser import Parser, add_model_flags, add_run_flags
from ralph.cli.stdin import read_pipe
from ralph.cli.words import make_text
from ralph.core.errors import Failure, Kind, Stopped, exit_code
from ralph.headless.signals import Signals

if TYPE_CHECKING:
    from ralph.assembly.run_settings import Flags

SIGPIPE_EXIT = 141

# Terminals that cannot place a cursor.
DUMB = ("dumb", "unknown")

EPILOG = """\
commands (each with --help):
{}

exit codes: 0 ok · 1 other · 2 usage · 3 config, key or model · 4 provider · 5 rate limit or quota · 6 budget ·
7 refused, or approval needed · 8 context too long · 9 partial answer · 10 not found · 124 --timeout ·
129 SIGHUP · 130 SIGINT · 131 SIGQUIT in the TUI · 143 SIGTERM"""


def process(arguments: Sequence[str], signals: Signals) -> int:
    """Run a whole process: prepare its descriptors, run a command line, and flush its streams."""
    closed = streams.hold_descriptors()
    streams.make_lenient()
    if "stdout" in closed:
        print("ralph: standard output is closed; to show nothing, write >/dev/null", file=sys.stderr)
        return exit_code(Kind.IO)
    code = _guard(arguments, signals)
    if why := streams.flush(sys.stdout):
        streams.silence(sys.stdout)
        if not code:
            print(f"ralph: standard output could not be written: {why}", file=sys.stderr)
        code = code or exit_code(Kind.IO)
    sys.stderr.flush()
    return code


def _guard(arguments: Sequence[str], signals: Signals) -> int:
    """Run the command line. argparse exits by itself; a bug in ralph becomes one line, with the details in the log."""
    try:
        return main(arguments, signals)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except Exception as error:  # border: the last one of the process
        import logging

        logging.getLogger("ralph").exception("a mistake in ralph")
        if os.environ.get("RALPH_LLM_DEBUG", "") not in ("", "0"):
            import traceback

            traceback.print_exc()
        print(f"ralph: ralph hit a bug: {type(error).__name__}: {error}", file=sys.stderr)
        return exit_code(Kind.INTERNAL)


def main(arguments: Sequence[str], signals: Signals | None = None) -> int:
    """Run a command line and return its exit code. Nothing here ends in a traceback."""
    clean_output.guard()
    signals = signals or Signals()
    arguments = list(arguments)
    config, rest = _leading_config(arguments)
    try:
        if rest and not rest[0].startswith("-") and rest[0] in verbs.names():
            from ralph.cli.run_verb import run_verb

            return run_verb(rest, config, signals)
        if len(rest) > 1 and not any(word.startswith(("-p", "--print", "--output")) for word in rest):
            refuse_near_verb(rest[0])  # before its arguments are reported as unknown
        return _main(arguments, signals)
    except Stopped as stopped:
        if stopped.kind is Kind.DEADLINE:
            print(f"ralph: {stopped.message}", file=sys.stderr)
        return stopped.exit_code
    except Failure as failure:
        print(f"ralph: {failure.message}", file=sys.stderr)
        return failure.exit_code
    except OSError as error:
        return _report_os_error(error)
    except KeyboardInterrupt:
        return exit_code(Kind.CANCELLED)


def _report_os_error(error: OSError) -> int:
    """Report an error of the system that no other layer has translated."""
    streams.silence(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return SIGPIPE_EXIT
    place = f"{error.filename}: " if error.filename else ""
    print(f"ralph: {place}{error.strerror or error}", file=sys.stderr)
    return exit_code(Kind.IO)


def _leading_config(arguments: list[str]) -> tuple[str | None, list[str]]:
    """Split off `--config FILE`, which may also stand before a command: `ralph --config FILE show …`."""
    if len(arguments) > 2 and arguments[0] == "--config":
        return arguments[1], arguments[2:]
    if len(arguments) > 1 and arguments[0].startswith("--config="):
        return arguments[0].partition("=")[2], arguments[1:]
    return None, arguments


def parser(*, prompt: bool = True) -> argparse.ArgumentParser:
    """Return the parser of `ralph` itself: the TUI, and `-p`. Without `prompt` only its flags."""
    made = Parser(
        prog="ralph",
        description="Talk to language models in the terminal and see what each step did, took and cost.",
        epilog=EPILOG.format(verbs.in_lines(verbs.names(), 114)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"ralph {__version__}")
    if prompt:
        words = "with -p: the question, or a /command; -- TEXT is always a question"
        made.add_argument("prompt", nargs="?", metavar="PROMPT", help=words)
    made.add_argument("-p", "--print", action="store_true", help="one turn, no TUI; piped stdin is added as context")
    made.add_argument("-c", "--continue", dest="again", action="store_true", help="continue the latest timeline")
    made.add_argument("-r", "--resume", nargs="?", const="", metavar="ID", help="continue a timeline, or pick one")
    made.add_argument(
        "-f", "--file", dest="files", action="append", default=[], metavar="PATH", help="with -p: send this file along"
    )
    add_model_flags(made)
    made.add_argument("--system", metavar="TEXT", default="", help="the system prompt")
    made.add_argument("--config", metavar="FILE", help="the configuration file")
    made.add_argument("--no-save", action="store_true", help="keep nothing but the ledger's rows")
    add_run_flags(made)
    return made


def _main(arguments: list[str], signals: Signals) -> int:
    given = make_text(parser().parse_args(arguments), sys.stderr)
    plain = given.print or given.output or not sys.stdout.isatty()
    if not plain:
        context = read_pipe(sys.stderr, asked=bool(given.prompt))
        _only_a_prompt(given, context)
        if given.files:
            raise Failure(Kind.USAGE, "-f goes with -p; on the screen write @PATH in a message, or /attach PATH")
        if given.prompt:
            refuse_near_verb(given.prompt)
            raise Failure(Kind.USAGE, f"'{given.prompt}' is not a command; to ask it without the TUI, write ralph -p …")
        return _tui(given, context, signals)
    signals.until(given.timeout)
    if (given.prompt or "").startswith("/") and "--" not in arguments[:-1]:
        from ralph.cli.slash_line import run_slash_line

        return run_slash_line(given, _flags(given), signals)
    return _print_turn(given, signals)


def _only_a_prompt(given: argparse.Namespace, context: str) -> None:
    if given.resume and given.prompt is None and not given.print and not context and _is_prompt(given.resume):
        raise Failure(Kind.USAGE, f"'{given.resume}' is not a timeline id; to ask it, write ralph -p '{given.resume}'")


def _is_prompt(text: str) -> bool:
    return " " in text.strip()


def _flags(given: argparse.Namespace) -> Flags:
    from ralph.cli.flags import flags_of

    return replace(flags_of(given), system=given.system, save=not given.no_save)


def _print_turn(given: argparse.Namespace, signals: Signals) -> int:
    from ralph.cli.turn_output import report_in, timeline_of, with_output
    from ralph.cli.with_files import with_files
    from ralph.headless.run import Question, run
    from ralph.headless.shown_turn import Output

    output: Output = given.output or "text"

    def work() -> int:
        came = read_pipe(sys.stderr, asked=bool(given.prompt))
        _only_a_prompt(given, came)
        timeline = timeline_of(given)
        prompt = _question(given, came)
        context = with_files(came if prompt else "", given)
        asked = Question(prompt or came, context, output, timeline, given.timeout)
        from ralph.cli.inside import in_workspace

        return in_workspace(
            _flags(given),
            lambda space: run(space, asked, clean_output.content(), sys.stderr, signals),
            signals,
            warm=True,
        )

    return with_output(output, signals, work, report_in(output))


def _question(given: argparse.Namespace, context: str) -> str:
    """Return the typed question. Raises `Failure(USAGE)` if there is none."""
    prompt = (given.prompt or "").strip()
    if not given.print:
        refuse_near_verb(prompt)
    if not prompt and not context:
        raise Failure(Kind.USAGE, 'there is no question: write ralph -p "…", or pipe something in')
    return prompt


def _tui(given: argparse.Namespace, context: str, signals: Signals) -> int:
    if (terminal := os.environ.get("TERM", "")) in DUMB:
        raise Failure(Kind.USAGE, f"TERM={terminal} has no screen support; write ralph -p …")
    from ralph.cli.inside import freeze_objects, in_workspace
    from ralph.tui.start import reopen_terminal, start

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        reopen_terminal()
    pick = given.resume == ""
    timeline, flags = "last" if given.again else given.resume or None, _flags(given)
    return in_workspace(
        flags,
        lambda space: start(space, timeline, context=context, pick=pick, settled=freeze_objects, stopping=signals),
        signals,
        loads=True,
    )
