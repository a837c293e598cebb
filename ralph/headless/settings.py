"""`ralph config`: where the settings come from, what they are, and whether they hold."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TextIO

from ralph.config import paths
from ralph.config.private import make_folder, open_file
from ralph.config.settings import Config, Written
from ralph.core.errors import Failure, Kind
from ralph.core.masking import MASK, is_secret_name, looks_random, shapes
from ralph.core.sanitise import line


def show(config: Config, path: Path, out: TextIO) -> int:
    """Every setting as it holds now, as YAML; keys are masked."""
    import yaml

    print(line(f"# {path if path.exists() else 'all defaults; no file at ' + str(path)}"), file=out)
    print(yaml.safe_dump(_plain(config), sort_keys=False, allow_unicode=True), end="", file=out)
    return 0


def _plain(value: Any, name: str = "") -> Any:
    if isinstance(value, Written):
        return shapes(value.text)
    if isinstance(value, str):
        return _word(value, name)
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name), f.name) for f in fields(value)}
    if isinstance(value, Mapping):
        return {shapes(str(k)): _plain(v, str(k)) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v, name) for v in value]
    return value


def _word(text: str, name: str) -> str:
    """A setting of this name. Of a program that prints a key one argument may be a key."""
    if text and (is_secret_name(name) or (name == "api_key_command" and looks_random(text))):
        return MASK
    return shapes(text)


def init(path: Path, out: TextIO) -> int:
    """Write the example, in which every key stands with its default. Never over an existing file."""
    if path.exists():
        raise Failure(Kind.USAGE, f"{path} is there already; move it away first")
    make_folder(path.parent)
    descriptor = open_file(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(paths.shipped("config.example.yaml").read_text(encoding="utf-8"))
    print(line(f"wrote {path}"), file=out)
    return 0
