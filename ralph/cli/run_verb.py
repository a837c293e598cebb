"""`ralph VERB …`: loads the verb's file, parses its arguments, and runs it."""

from __future__ import annotations

import sys

from ralph.cli import verbs
from ralph.cli.parser import Parser
from ralph.cli.words import make_text
from ralph.headless.signals import Signals


def run_verb(arguments: list[str], config: str | None, signals: Signals) -> int:
    """Return the exit code of `arguments`, which begin with the verb. `config`: the file named before the verb."""
    name = arguments[0]
    verb = verbs.load(name)
    parser = Parser(prog="ralph")
    there = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    made = there.add_parser(name, help=verb.SUMMARY, description=verb.SUMMARY)
    made.add_argument("--config", metavar="FILE", help="the configuration file")
    verb.add(made)
    given = make_text(parser.parse_args(arguments), sys.stderr)
    given.config = given.config or config
    return verb.run(given, signals)
