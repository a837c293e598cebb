"""`ralph keys`: the keys of providers; a key is entered by standard input or a hidden prompt, never as an argument."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json
from ralph.core.errors import Failure, Kind
from ralph.headless import keys
from ralph.headless.signals import Signals

SUMMARY = "the keys of providers: list, set, remove"

MAX_CHARACTERS = 100_000


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("what", nargs="?", choices=("list", "set", "rm"), default="list")
    parser.add_argument("provider", nargs="?", help="for set and rm; set reads the key from stdin or asks for it")
    parser.add_argument("extra", nargs="*", help=None, metavar="")


def run(given: Namespace, signals: Signals) -> int:
    secrets = clean_output.guard()
    secrets.learn(*given.extra)
    if given.extra:
        raise Failure(
            Kind.USAGE,
            "do not write the key as an argument, where other users can see it; pipe it in, or enter it when asked",
        )
    if given.what == "list" and given.provider:
        raise Failure(Kind.USAGE, "ralph keys list takes no provider; it lists all keys")
    if given.what != "list" and not given.provider:
        raise Failure(Kind.USAGE, f"write  ralph keys {given.what} PROVIDER")
    key = _read_key(given.provider) if given.what == "set" else ""

    async def work(space: LocalWorkspace) -> int:
        if given.what == "list":
            return await keys.list_keys(space, sys.stdout, as_json=given.json)
        if given.what == "set":
            return await keys.keep(space, given.provider, key, sys.stdout, as_json=given.json)
        return await keys.remove(space, given.provider, sys.stdout, as_json=given.json)

    return in_workspace(flags_of(given), work, signals)


def _read_key(provider: str) -> str:
    """Return the key as entered, with the text around it."""
    if not sys.stdin.isatty():
        return sys.stdin.read(MAX_CHARACTERS)
    try:
        return getpass.getpass(f"Key of {provider} (not shown): ")
    except EOFError:
        return ""
