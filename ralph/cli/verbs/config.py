"""`ralph config`: shows where the settings are and what they are, and checks them."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.run_settings import origins, settings
from ralph.assembly.tool_names import check_tool_names, find_rule_mistakes
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.config import paths
from ralph.core.errors import Kind, exit_code
from ralph.core.sanitise import line
from ralph.headless import settings as shown
from ralph.headless.signals import Signals

SUMMARY = "the settings"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("path", "show", "check", "init"))


def run(given: Namespace, signals: Signals) -> int:  # noqa: ARG001 - a verb's run
    path = paths.config_file(os.environ, given.config)
    if given.what == "path":
        print(line(str(path)))
        return 0
    if given.what == "init":
        return shown.init(path, sys.stdout)
    made = settings(flags_of(given), os.environ, clean_output.guard())
    if made.chosen.notice:
        print(f"ralph: {made.chosen.notice}", file=sys.stderr)
    if given.what == "check":
        for told in check_tool_names(made.config.tools):
            print(line(f"ralph: warning: {made.file}: {told}"), file=sys.stderr)
        if mistakes := find_rule_mistakes(made.config.tools):
            for mistake in mistakes:
                print(line(f"ralph: {made.file}{mistake}"), file=sys.stderr)
            return exit_code(Kind.CONFIG)
        print(line(f"{path}: ok" if path.exists() else f"no file at {path}: all defaults"))
        return 0
    return shown.show(made.config, path, origins(made, os.environ), sys.stdout)
