"""`ralph completion`: prints a script that lets a shell complete commands, flags, timelines and models."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence

from ralph.assembly.run_settings import settings
from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output
from ralph.cli.flags import flags_of
from ralph.cli.inside import in_workspace
from ralph.cli.shell_completion import LISTS, script
from ralph.config import paths
from ralph.core.errors import Failure, Kind
from ralph.core.formatting import plural
from ralph.core.sanitise import line
from ralph.gateway.provider_settings import KnownProviders
from ralph.headless.signals import Signals

SUMMARY = "print a completion script for bash, zsh or fish"
EPILOG = """\
bash, in ~/.bashrc:                  source <(ralph completion bash)
zsh, in ~/.zshrc, after compinit:    source <(ralph completion zsh)
fish, once:                          ralph completion fish > ~/.config/fish/completions/ralph.fish"""
# Nobody reads a longer list under a prompt.
LISTED = 50

Word = tuple[str, str]


def add(parser: ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.add_argument("shell", nargs="?", choices=("bash", "zsh", "fish"))
    parser.add_argument("--list", choices=LISTS, help="the words that the script offers, each with what it is")


def run(given: Namespace, signals: Signals) -> int:
    if bool(given.shell) is bool(given.list):
        raise Failure(Kind.USAGE, "write  ralph completion bash,  zsh  or  fish")
    if given.shell:
        from ralph.cli.main import parser

        print(script(parser(prompt=False), given.shell))
        return 0
    words = [] if given.list == "timelines" else list(_list_known(given))
    # Pressing Tab must not create a database for a person who has asked nothing yet.
    if given.list != "providers" and paths.database(os.environ).exists():

        async def work(space: LocalWorkspace) -> int:
            words.extend(await _read_stored(space, given.list))
            return 0

        in_workspace(flags_of(given), work, signals)
    for word, what in dict(words).items():
        print(f"{line(word)}\t{line(what)}")
    return 0


def _list_known(given: Namespace) -> Iterator[Word]:
    """Yield providers, or the models that the configuration and the providers' own files name."""
    config = settings(flags_of(given), os.environ, clean_output.guard()).config
    known = KnownProviders(config, os.environ)
    if given.list == "providers":
        yield from ((name, known.spec(name).summary) for name in known.names)
        return
    for alias, stands_for in config.aliases.items():
        yield alias, stands_for if isinstance(stands_for, str) else ", ".join(stands_for)
    for name in known.names:
        models = known.spec(name).preferred.values()
        yield from ((f"{name}:{model}", known.spec(name).summary) for model in models)
        if not models:
            yield f"{name}:", known.spec(name).summary


async def _read_stored(space: LocalWorkspace, what: str) -> Sequence[Word]:
    """Return words from the database: the latest timelines, or recently used models."""
    if what == "models":
        return [(ref, "used lately") for ref in await space.models.recent()]
    rows = await space.store.catalog.timelines("", LISTED)
    return [("last", "the latest one"), *((row.id, f"{row.title} · {plural(row.turns, 'turn')}") for row in rows)]
