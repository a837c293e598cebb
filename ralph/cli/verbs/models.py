"""`ralph models`: lists the models of the providers; downloads one, removes one."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ralph.assembly.workspace import LocalWorkspace
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.parser import add_json
from ralph.core.errors import Failure, Kind
from ralph.core.sanitise import line
from ralph.headless import providers, pulling
from ralph.headless.signals import Signals

SUMMARY = "list the models of a provider, or of every configured one; pull or rm a model of local or ollama"


def add(parser: ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("--yes", action="store_true", dest="agreed", help="with pull: download without a question")
    parser.add_argument(
        "provider", nargs="?", metavar="provider|pull|rm", help="a provider; or pull or rm, and a model"
    )
    parser.add_argument("ref", nargs="?", help="with pull and rm: local:NAME or ollama:NAME")


def run(given: Namespace, signals: Signals) -> int:
    verb, ref = given.provider, given.ref
    if verb not in ("pull", "rm"):
        if ref:
            raise Failure(Kind.USAGE, "ralph models takes one provider; or write  ralph models pull REF")

        async def list_models(space: LocalWorkspace) -> int:
            return await providers.models(space, verb, sys.stdout, sys.stderr, as_json=given.json)

        return in_workspace(flags_of(given), list_models, signals)
    if not ref:
        raise Failure(Kind.USAGE, f"write  ralph models {verb} REF, for example local:smollm2-135m")
    if verb == "pull" and not given.agreed:
        _agree(given, signals)

    async def work(space: LocalWorkspace) -> int:
        if verb == "rm":
            return await pulling.remove(space, ref, sys.stdout, as_json=given.json)
        return await pulling.pull(space, ref, sys.stdout, sys.stderr, as_json=given.json)

    return in_workspace(flags_of(given), work, signals)


def _agree(given: Namespace, signals: Signals) -> None:
    """Ask the person. Raises `Failure` without a yes. Nothing else runs meanwhile, so that Ctrl+C ends the question."""
    found: list[str] = []

    async def describe(space: LocalWorkspace) -> int:
        found.append(await pulling.describe(space, given.ref))
        return 0

    in_workspace(flags_of(given), describe, signals)
    print(line(found[0]), file=sys.stderr)
    if not sys.stdin.isatty():
        raise Failure(Kind.APPROVAL, "a download needs a yes: add --yes")
    print("Download it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
        raise Failure(Kind.APPROVAL, "nothing was downloaded")
