"""The places of files on this machine: configuration, data, logs, and the files that ship with ralph."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ralph.core.errors import ConfigFailure, Failure, Kind

PACKAGE = Path(__file__).parent.parent


def config_file(environ: Mapping[str, str], flag: str | None = None) -> Path:
    """Return `--config`, else `$RALPH_CONFIG`, else `config.yaml` in the platform's place."""
    if named := flag or environ.get("RALPH_CONFIG"):
        return _expand_home(named)
    return _platform("config") / "config.yaml"


def _expand_home(named: str) -> Path:
    """Return the path with `~` expanded. Without a known home, the name stays as written."""
    if named == "~" or named.startswith(("~/", "~\\")):
        return _home() / named[2:]
    try:
        return Path(named).expanduser()
    except RuntimeError:
        return Path(named)


def _home() -> Path:
    """Return `$HOME` if it is an absolute path, else the home in the system's list of users.

    An empty or relative one would put a person's files into the current directory. Raises `ConfigFailure`.
    """
    try:
        named = os.environ.get("HOME", "")
        if sys.platform == "win32" or named.startswith("/"):
            return Path.home()
        import pwd

        found = Path(pwd.getpwuid(os.getuid()).pw_dir)
        if found.is_absolute():
            return found
    except (KeyError, RuntimeError):  # a user without an entry, as in a container
        pass
    raise ConfigFailure(
        "this user has no home directory: set HOME to a full path, or RALPH_DATA_DIR and RALPH_CONFIG to other places"
    )


def _platform(kind: Literal["config", "data", "state"]) -> Path:
    """Return the platform's place. A relative `$XDG_…` is ignored, as its specification requires."""
    variable = f"XDG_{kind.upper()}_HOME"
    if sys.platform not in ("win32", "darwin"):
        below = {"config": ".config", "data": ".local/share", "state": ".local/state"}
        named = os.environ.get(variable, "").strip()
        return (Path(named) if named.startswith("/") else _home() / below[kind]) / "ralph"
    import platformdirs

    found = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "state": platformdirs.user_state_path,
    }
    return found[kind]("ralph", appauthor=False)


def database(environ: Mapping[str, str]) -> Path:
    """Return `ralph.db` in `$RALPH_DATA_DIR`, else in the platform's data directory."""
    if named := environ.get("RALPH_DATA_DIR"):
        return _expand_home(named) / "ralph.db"
    return _platform("data") / "ralph.db"


def choice_file(environ: Mapping[str, str]) -> Path:
    """Return the file of ralph's own choice, beside the database."""
    return database(environ).with_name("choice.json")


def state_file(environ: Mapping[str, str]) -> Path:
    """Return the file of the person's choices at run time, beside the database."""
    return database(environ).with_name("state.json")


def keys_file(environ: Mapping[str, str]) -> Path:
    """Return the file of the keys that the person entered, beside the database."""
    return database(environ).with_name("keys.yaml")


def tokens_file(environ: Mapping[str, str]) -> Path:
    """Return the file of the logins to servers of tools, beside the database."""
    return database(environ).with_name("mcp-tokens.json")


def grants_file(config: Path) -> Path:
    """Return the file of the answers of a person that cover later calls, beside the configuration."""
    return config.with_name("grants.yaml")


def log_file(environ: Mapping[str, str]) -> Path:
    """Return the log file in the state directory; beside the database if `$RALPH_DATA_DIR` is set."""
    if named := environ.get("RALPH_DATA_DIR"):
        return _expand_home(named) / "ralph.log"
    return _platform("state") / "ralph.log"


def list_own(environ: Mapping[str, str], config: Path) -> tuple[Path, ...]:
    """Return what a program must not change: the configuration, the grants beside it, and the data directory."""
    found = (config, config.with_name("grants.yaml"), database(environ).parent)
    return tuple(Path(os.path.realpath(path)) for path in found)


def working_directory() -> Path:
    """Return the current directory. Raises `Failure` if it was removed: relative files would mean nothing."""
    try:
        return Path.cwd()
    except OSError:
        raise Failure(Kind.IO, "the working directory was removed; change to one that exists") from None


def find_shipped(name: str) -> Path:
    """Return a file or folder that ships with ralph: in the installed package, or beside it in a checkout."""
    packed = PACKAGE / "data" / name
    return packed if packed.exists() else PACKAGE.parent / name
