"""The environment of a program: empty, but for what is named here. No key is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ralph.tools.sandbox.visible import find_programs

# What a program may know: language, time zone, person, and where its tools are.
_KEPT = (
    "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "JAVA_HOME",
    "GOROOT", "PYENV_VERSION", "SOURCE_DATE_EPOCH", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip
# Variables that say where tools are, which they would look for in the home directory, and their usual places in it.
_PLACES = {
    "PYENV_ROOT": ".pyenv",
    "RBENV_ROOT": ".rbenv",
    "NVM_DIR": ".nvm",
    "RUSTUP_HOME": ".rustup",
    "CARGO_HOME": ".cargo",
    "ASDF_DATA_DIR": ".asdf",
    "VOLTA_HOME": ".volta",
    "SDKMAN_DIR": ".sdkman",
}


def make_environment(temporary: Path, *, hide_home: bool) -> Mapping[str, str]:
    """Return the variables. `hide_home`: the home directory is an empty one below `temporary`."""
    given = os.environ
    made = {name: given[name] for name in given if name in _KEPT or name.startswith("LC_")}
    home = Path(os.path.expanduser("~"))
    for name, place in _PLACES.items():
        if (path := Path(given.get(name, home / place))).is_dir():
            made[name] = str(path)
    made["PATH"] = os.pathsep.join(find_programs()) or os.defpath
    made["HOME"] = str(temporary if hide_home else home)
    made["TMPDIR"] = str(temporary)
    made["TERM"] = "dumb"
    made["NO_COLOR"] = "1"
    return made
