"""`ralph config`: shows the settings and where they come from, and checks them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TextIO

from ralph.config import paths
from ralph.config.private import make_folder, open_file
from ralph.config.rule_settings import RuleSetting
from ralph.config.settings import Config, Written
from ralph.core.errors import Failure, Kind
from ralph.core.masking import MASK, is_secret_name, looks_random, shapes
from ralph.core.sanitise import line


def show(config: Config, path: Path, origins: Mapping[str, str], out: TextIO) -> int:
    """Print every current setting as YAML, each with its origin; keys are masked."""
    print(line(f"# {path if path.exists() else 'all defaults; no file at ' + str(path)}"), file=out)
    for text in _lines(_plain(config), origins):
        print(text, file=out)
    return 0


def _lines(values: Mapping[str, Any], origins: Mapping[str, str], where: str = "", depth: int = 0) -> Iterator[str]:
    """Yield a line for each value. The content of a list or an empty mapping has one origin."""
    import yaml

    for key, value in values.items():
        place, indent = f"{where}.{key}" if where else key, "  " * depth
        if isinstance(value, dict) and value:
            yield f"{indent}{_yaml(key, yaml)}:"
            yield from _lines(value, origins, place, depth + 1)
        else:
            yield f"{indent}{_yaml(key, yaml)}: {_yaml(value, yaml)}  # {_origin(place, origins)}"


def _yaml(value: Any, yaml: Any) -> str:
    """Return one value on one line."""
    text: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=float("inf"))
    return text.removesuffix("\n").removesuffix("...").rstrip()


def _origin(place: str, origins: Mapping[str, str]) -> str:
    """Return the origin of the value itself, of a value in it, or of the word that stands for all of it."""
    place = place.replace(".options.", ".")  # the file has a kind's own options beside the other keys
    if place in origins:
        return origins[place]
    near = (o for key, o in origins.items() if key.startswith(f"{place}.") or place.startswith(f"{key}."))
    return next(near, "default")


def _plain(value: Any, name: str = "") -> Any:  # noqa: PLR0911 - one line a type
    if isinstance(value, Written):
        return shapes(value.text)
    if isinstance(value, RuleSetting):
        return _rule(value)
    if isinstance(value, str):
        return _word(value, name)
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name), f.name) for f in fields(value)}
    if isinstance(value, Mapping):
        return {shapes(str(k)): _plain(v, str(k)) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v, name) for v in value]
    return value


def _rule(rule: RuleSetting) -> Any:
    """Return a rule as a person writes it: a text, or a mapping with what it has."""
    if not (rule.match or rule.not_match or rule.network):
        return shapes(rule.rule)
    examples = {name: _plain(getattr(rule, name)) for name in ("match", "not_match") if getattr(rule, name)}
    return {"rule": shapes(rule.rule), **examples, **({"network": True} if rule.network else {})}


def _word(text: str, name: str) -> str:
    """Return a setting of this name. An argument of a key command may itself be a key."""
    if text and (is_secret_name(name) or (name == "api_key_command" and looks_random(text))):
        return MASK
    return shapes(text)


def init(path: Path, out: TextIO) -> int:
    """Write the example, which has every key with its default. Never overwrites a file."""
    if path.exists():
        raise Failure(Kind.USAGE, f"{path} is there already; move it away first")
    make_folder(path.parent)
    descriptor = open_file(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(paths.find_shipped("config.example.yaml").read_text(encoding="utf-8"))
    print(line(f"wrote {path}"), file=out)
    return 0
