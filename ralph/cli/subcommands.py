"""The commands beside the conversation: `ralph timelines`, `show`, `replay` and the rest."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from ralph.assembly.run_settings import Flags, settings
from ralph.assembly.workspace import LocalWorkspace
from ralph.cli import clean_output, streams
from ralph.cli.inside import in_workspace
from ralph.cli.parser import Parser, add_model_flags, add_run_flags
from ralph.cli.words import make_text
from ralph.config import paths
from ralph.core.errors import Failure, Kind
from ralph.core.ports.usage_report import BYS
from ralph.core.sanitise import line
from ralph.core.timeline.steps import STEPS
from ralph.headless import doctor, providers, saved
from ralph.headless import settings as shown
from ralph.headless.rerun import AskedAgain, rerun
from ralph.headless.run import SIGPIPE_EXIT, Output, refuse
from ralph.headless.signals import Signals
from ralph.session.timetable import IDLE_CAP_S

Work = Callable[[LocalWorkspace, argparse.Namespace], Awaitable[int]]


def run(arguments: list[str], config: str | None, signals: Signals) -> int:
    """Parse and run one command."""
    made = Parser(prog="ralph")
    commands = made.add_subparsers(dest="command", required=True, parser_class=Parser)
    for add in (_timelines, _show, _delete, _replay, _fork, _rerun, _usage, _models, _providers, _doctor, _config, _db):
        add(commands)
    given = make_text(made.parse_args(arguments), sys.stderr)
    given.config = given.config or config
    if given.command in ("config", "db"):
        return _config_run(given) if given.command == "config" else _db_run(given, signals)
    if given.command == "rerun":
        return _rerun_it(given, signals)

    async def work(space: LocalWorkspace) -> int:
        if given.command == "replay":
            return await _run_replay(space, given, signals)
        return await _WORK[given.command](space, given)

    return in_workspace(Flags(config=given.config), work, signals)


def _rerun_it(given: argparse.Namespace, signals: Signals) -> int:
    """With the outputs and the exit codes of `-p`."""
    output: Output = given.output or "text"
    if output == "json":
        signals.leave = lambda code: os._exit(refuse(signals.failure(code), output, clean_output.content(), sys.stderr))
    signals.until(given.timeout)
    asked = AskedAgain(given.id, given.turn, given.from_, output, given.timeout, given.system)

    async def work(space: LocalWorkspace) -> int:
        return await rerun(space.store, space, asked, clean_output.content(), sys.stderr, signals)

    flags = Flags(
        config=given.config,
        model=given.model,
        route=given.route,
        tool=given.tool,
        format=given.format,
        max_cost=given.max_cost,
        yes=given.yes,
        offline=given.offline,
    )
    try:
        code = in_workspace(flags, work, signals, warm=True)
    except Failure as failure:
        code = refuse(failure, output, clean_output.content(), sys.stderr)
    if code == SIGPIPE_EXIT:
        streams.silence(sys.stdout)
    return code


Commands = argparse._SubParsersAction  # argparse has no public name for it


def _command(commands: Commands[Parser], name: str, summary: str, *, as_json: bool = True) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=summary, description=summary)
    made.add_argument("--config", metavar="FILE", help="the configuration file")
    if as_json:
        made.add_argument("--json", action="store_true", help="print JSON")
    return made


def _timelines(commands: Commands[Parser]) -> None:
    made = _command(commands, "timelines", "list saved timelines, latest first")
    made.add_argument("--search", metavar="TEXT", default="", help="only those that hold this")
    made.add_argument("--limit", type=_limit, default=saved.LISTED, metavar="N", help="so many at most (50); 0: all")


def _show(commands: Commands[Parser]) -> None:
    _command(commands, "show", "print a timeline").add_argument("id")


def _delete(commands: Commands[Parser]) -> None:
    made = _command(commands, "delete", "remove a whole timeline; its costs stay in the ledger", as_json=False)
    made.add_argument("id")
    made.add_argument("--with-forks", action="store_true", help="its forks too")


def _replay(commands: Commands[Parser]) -> None:
    made = _command(commands, "replay", "play a timeline as it happened", as_json=False)
    made.add_argument("id")
    made.add_argument("--speed", type=_speed, default=1.0, metavar="N|max", help="times as fast")
    made.add_argument("--turn", type=int, metavar="N", help="begin at this turn; with --plain: only this turn")
    made.add_argument("--plain", action="store_true", help="as plain lines; implied where there is no terminal")
    made.add_argument(
        "--idle-cap", type=_cap, default=IDLE_CAP_S, metavar="S|off", help="the longest wait within a turn (3)"
    )


def _fork(commands: Commands[Parser]) -> None:
    made = _command(commands, "fork", "begin a new timeline from this one", as_json=False)
    made.add_argument("id")
    made.add_argument("--turn", type=int, metavar="N", help="keep turns 1 to N")


def _rerun(commands: Commands[Parser]) -> None:
    made = _command(commands, "rerun", "run a turn again, in a fork that ends before it", as_json=False)
    made.add_argument("id")
    made.add_argument("--turn", type=int, metavar="N", help="this turn (default: the last)")
    made.add_argument(
        "--from", dest="from_", choices=STEPS, default="route", help="from this step on; those before it are kept"
    )
    add_model_flags(made)
    made.add_argument("--system", metavar="TEXT", help="another system prompt (default: the one that the turn had)")
    add_run_flags(made)


def _usage(commands: Commands[Parser]) -> None:
    made = _command(commands, "usage", "what was used and what it cost, from the ledger")
    made.add_argument("--by", choices=BYS, default="day", help="how to group it")


def _models(commands: Commands[Parser]) -> None:
    made = _command(commands, "models", "list the models of a provider, or of every configured one")
    made.add_argument("provider", nargs="?")


def _providers(commands: Commands[Parser]) -> None:
    _command(commands, "providers", "list the providers, and how to connect each")


def _doctor(commands: Commands[Parser]) -> None:
    made = _command(commands, "doctor", "check the installation, or one timeline")
    made.add_argument("id", nargs="?")
    made.add_argument("--live", action="store_true", help="ask each configured provider for its models")
    made.add_argument("--rebuild", action="store_true", help="remake everything that is made from events")


def _config(commands: Commands[Parser]) -> None:
    made = _command(commands, "config", "the settings", as_json=False)
    made.add_argument("what", choices=("path", "show", "check", "init"))


def _db(commands: Commands[Parser]) -> None:
    made = _command(commands, "db", "the database", as_json=False)
    made.add_argument("what", choices=("path", "backup", "vacuum"))
    made.add_argument("file", nargs="?", metavar="FILE")


def _number(text: str, word: str) -> float:
    """`word` is what may stand there instead."""
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be a number, or {word}, not '{text}'") from error


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, not '{text}'")
    return int(text)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    value = _number(text, "max")
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0, or max")
    return value


def _cap(text: str) -> float | None:
    if text == "off":
        return None
    value = _number(text, "off")
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("must not be negative, or off")
    return value


def _config_run(given: argparse.Namespace) -> int:
    path = paths.config_file(os.environ, given.config)
    if given.what == "path":
        print(line(str(path)))
        return 0
    if given.what == "init":
        return shown.init(path, sys.stdout)
    config, path = settings(Flags(config=given.config), os.environ, clean_output.guard())
    if given.what == "check":
        print(line(f"{path}: ok" if path.exists() else f"no file at {path}: all defaults"))
        return 0
    return shown.show(config, path, sys.stdout)


def _db_run(given: argparse.Namespace, signals: Signals) -> int:
    path = paths.database(os.environ)
    if given.what == "path":
        print(line(str(path)))
        return 0
    if given.what == "backup" and not given.file:
        raise Failure(Kind.USAGE, "ralph db backup needs a FILE to write")

    async def work(space: LocalWorkspace) -> int:
        if given.what == "vacuum":
            await space.store.vacuum()
        else:
            await space.store.backup(Path(given.file))
            print(line(f"wrote {given.file}"))
        return 0

    return in_workspace(Flags(config=given.config), work, signals)


async def _run_timelines(space: LocalWorkspace, given: argparse.Namespace) -> int:
    out = clean_output.content()
    return await saved.timelines(
        space.store, out, sys.stderr, search=given.search, limit=given.limit, as_json=given.json
    )


async def _run_show(space: LocalWorkspace, given: argparse.Namespace) -> int:
    return await saved.show(space.store, given.id, clean_output.content(), as_json=given.json)


async def _run_delete(space: LocalWorkspace, given: argparse.Namespace) -> int:
    return await saved.delete(space.store, given.id, sys.stdout, with_forks=given.with_forks)


async def _run_replay(space: LocalWorkspace, given: argparse.Namespace, signals: Signals) -> int:
    how = {"speed": given.speed, "turn": given.turn, "idle_cap_s": given.idle_cap}
    if given.plain or not sys.stdout.isatty():
        return await saved.play(space.store, given.id, clean_output.content(), **how)
    from ralph.tui.replay import play  # the screen takes 0.2 s
    from ralph.tui.start import reopen_terminal

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        reopen_terminal()
    return await play(space, given.id, stopping=signals, **how)


async def _run_fork(space: LocalWorkspace, given: argparse.Namespace) -> int:
    print(await space.timelines.fork(given.id, given.turn))
    return 0


async def _run_usage(space: LocalWorkspace, given: argparse.Namespace) -> int:
    from ralph.headless.usage import usage  # rich takes 30 ms

    return await usage(space.store, sys.stdout, by=given.by, as_json=given.json)


async def _run_models(space: LocalWorkspace, given: argparse.Namespace) -> int:
    return await providers.models(space, given.provider, sys.stdout, sys.stderr, as_json=given.json)


async def _run_providers(space: LocalWorkspace, given: argparse.Namespace) -> int:
    return providers.providers(space, sys.stdout, as_json=given.json)


async def _run_doctor(space: LocalWorkspace, given: argparse.Namespace) -> int:
    if given.id:
        return await doctor.examine(space.store, given.id, sys.stdout, as_json=given.json)
    return await doctor.doctor(
        space.store, space, sys.stdout, live=given.live, rebuild=given.rebuild, as_json=given.json
    )


_WORK: dict[str, Work] = {
    "timelines": _run_timelines,
    "show": _run_show,
    "delete": _run_delete,
    "fork": _run_fork,
    "usage": _run_usage,
    "models": _run_models,
    "providers": _run_providers,
    "doctor": _run_doctor,
}
