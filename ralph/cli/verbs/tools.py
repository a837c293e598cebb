"""`ralph tools`: what a model may do and why, and the answers that cover later calls."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json, add_rule_flags
from ralph.core.errors import Failure, Kind
from ralph.headless import tools
from ralph.headless.signals import Signals

SUMMARY = "what a model may do and why; revoke an answer that covers later calls"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    add_rule_flags(parser)
    parser.add_argument("what", nargs="?", choices=("list", "revoke"), default="list")
    parser.add_argument("rule", nargs="?", metavar="RULE", help="for revoke: the rule, as the list shows it")


def run(given: Namespace, signals: Signals) -> int:
    if given.what == "list" and given.rule:
        raise Failure(Kind.USAGE, "ralph tools list takes no rule; write  ralph tools revoke RULE")
    if given.what == "revoke" and not given.rule:
        raise Failure(Kind.USAGE, "write  ralph tools revoke RULE;  ralph tools lists the rules")

    async def work(space: LocalWorkspace) -> int:
        if given.what == "revoke":
            return await tools.revoke(space, given.rule, sys.stdout, as_json=given.json)
        return await tools.list_tools(space, sys.stdout, as_json=given.json)

    return in_workspace(flags_of(given), work, signals)
