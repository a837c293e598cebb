"""`ralph config`: where the settings come from, what they are, and whether they hold."""

from __future__ import annotations

import os
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TextIO

from ralph.config import paths
from ralph.config.model import Config, Written
from ralph.core.errors import Failure, Kind


def show(config: Config, path: Path, out: TextIO) -> int:
    """Every setting as it holds now, as YAML; keys are masked."""
    import yaml

    print(f"# {path if path.exists() else 'all defaults; no file at ' + str(path)}", file=out)
    print(yaml.safe_dump(_plain(config), sort_keys=False, allow_unicode=True), end="", file=out)
    return 0


def _plain(value: Any, name: str = "") -> Any:
    if name == "api_key":
        return "***" if value else ""
    if isinstance(value, Written):
        return value.text
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name), f.name) for f in fields(value)}
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def init(path: Path, out: TextIO) -> int:
    """Write the example, in which every key stands with its default. Never over an existing file."""
    if path.exists():
        raise Failure(Kind.USAGE, f"{path} is there already; move it away first")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(paths.shipped("config.example.yaml").read_text(encoding="utf-8"))
    print(f"wrote {path}", file=out)
    return 0
