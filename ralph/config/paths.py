"""Where things lie on this machine: configuration, data, logs, and the files that ship with ralph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def config_file(environ: Mapping[str, str], flag: str | None = None) -> Path:
    """`--config`, else `$RALPH_CONFIG`, else `config.yaml` in the platform's place."""
    if named := flag or environ.get("RALPH_CONFIG"):
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("ralph", appauthor=False) / "config.yaml"


def database(environ: Mapping[str, str]) -> Path:
    """`ralph.db` in `$RALPH_DATA_DIR`, else in the platform's data directory."""
    if named := environ.get("RALPH_DATA_DIR"):
        return Path(named).expanduser() / "ralph.db"
    from platformdirs import user_data_path

    return user_data_path("ralph", appauthor=False) / "ralph.db"


def choice_file(environ: Mapping[str, str]) -> Path:
    """What ralph chose by itself, beside the database."""
    return database(environ).with_name("choice.json")


def log_file(environ: Mapping[str, str]) -> Path:
    """In the state directory; beside the database where `$RALPH_DATA_DIR` names a place of its own."""
    if named := environ.get("RALPH_DATA_DIR"):
        return Path(named).expanduser() / "ralph.log"
    from platformdirs import user_state_path

    return user_state_path("ralph", appauthor=False) / "ralph.log"


def shipped(name: str) -> Path:
    """A file or folder that ships with ralph: in the installed package, or beside it in a checkout."""
    packed = PACKAGE / "data" / name
    return packed if packed.exists() else PACKAGE.parent / name
