"""The argument parser of every command, and shared flags. A mistake is reported in one line, with exit code 2."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from ralph.core.sanitise import line


class Parser(argparse.ArgumentParser):
    """argparse without its usage dump on a mistake, and without guessing at shortened flags."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        print(f"ralph: {line(message)}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def add_model_flags(made: argparse.ArgumentParser) -> None:
    """Add the flags for the models of this run."""
    words = "model for tool and format, or a part of its name; an auto route asks its provider's cheap model"
    made.add_argument("-m", "--model", metavar="REF", help=words)
    for role in ("route", "tool", "format"):
        made.add_argument(f"--{role}", metavar="REF", help=f"model for the {role} step")


def add_json(made: argparse.ArgumentParser) -> None:
    """Add `--json`, for a verb whose answer a program may read."""
    made.add_argument("--json", action="store_true", help="print JSON")


def add_run_flags(made: argparse.ArgumentParser) -> None:
    """Add the flags for a turn without a screen."""
    made.add_argument("--output", choices=("text", "json", "jsonl"), help="without a screen: the form of the answer")
    made.add_argument("--max-cost", type=_dollars, metavar="USD", help="stop at this cost of the turn")
    made.add_argument("--timeout", type=_seconds, metavar="S", help="without a screen: stop after so many seconds")
    made.add_argument("--yes", action="store_true", help="allow tool calls that would ask")
    add_rule_flags(made)
    made.add_argument("--offline", action="store_true", help="use only models on this machine")


def add_rule_flags(made: argparse.ArgumentParser) -> None:
    """Add the flags that decide about the tool calls of this run."""
    for verb, words in (("allow", "allow the tool calls of this rule"), ("deny", "deny the tool calls of this rule")):
        more = f"{words}, such as run(pytest); may be repeated"
        made.add_argument(f"--{verb}", type=_rule, action="append", default=[], metavar="RULE", help=more)
    words = "run only tools that change nothing or read; deny the rest, and keep what they would have done"
    made.add_argument("--dry-run", dest="dry_run", action="store_true", help=words)


def _rule(text: str) -> str:
    from ralph.tools.consent.rule import UnreadableRule, read_rule  # only a run with a rule imports it

    try:
        read_rule(text)
    except UnreadableRule as why:
        raise argparse.ArgumentTypeError(str(why)) from why
    return text


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def _dollars(text: str) -> float:
    value = float(text.lstrip("$"))
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("must not be negative")
    return value


def whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, not '{text}'")
    return int(text)


def number(text: str, word: str) -> float:
    """Parse a number; `word` is the alternative for the error message."""
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be a number, or {word}, not '{text}'") from error


def speed(text: str) -> float | None:
    """Parse the speed of a replay, a factor; None is as fast as possible."""
    if text == "max":
        return None
    value = number(text, "max")
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0, or max")
    return value
