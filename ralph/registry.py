"""Loads providers, tools, commands, exports and listeners: the package's own files first, then entry points."""

from __future__ import annotations

import importlib
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ralph.core.errors import ConfigFailure, nearest

log = logging.getLogger("ralph.registry")

Group = Literal["providers", "tools", "tool_sources", "commands", "exports", "listeners"]

# The name that a file of each group defines, and the package that the files are in.
_OFFERS: Mapping[Group, tuple[str, str]] = {
    "providers": ("PROVIDER", "ralph.providers"),
    "tools": ("TOOL", "ralph.tools"),
    "tool_sources": ("SOURCE", "ralph.tools.sources"),
    "commands": ("COMMAND", "ralph.commands"),
    "exports": ("EXPORT", "ralph.export"),
    "listeners": ("LISTENER", "ralph.telemetry"),
}


# A table of a group: each of its rows is an offer, as its file is. A module beside it reads the rows.
_TABLES: Mapping[Group, tuple[str, str, str]] = {
    "providers": ("services.yaml", "ralph.providers._services", "read_services"),
}


@cache
def builtin_names(group: Group) -> tuple[str, ...]:
    """Return the package's own offers by the names of files and of a table's rows, without importing them."""
    folder = _folder(group)
    return tuple(sorted((*(f.stem for f in folder.glob("*.py") if not f.stem.startswith("_")), *_rows(group))))


def _folder(group: Group) -> Path:
    return Path(__file__).parent / _OFFERS[group][1].partition(".")[2].replace(".", "/")


def table_rows(group: Group) -> tuple[str, ...]:
    """Return those of the package's own offers that are rows of a table. To load the first one costs some 15 ms."""
    return _rows(group)


@cache
def _rows(group: Group) -> tuple[str, ...]:
    """Return the names of the table's rows. A parser takes 20 ms to load; a row's name stands alone in its line."""
    if group not in _TABLES:
        return ()
    text = (_folder(group) / _TABLES[group][0]).read_text(encoding="utf-8")
    return tuple(re.findall(r"^([a-z0-9_]+):$", text, re.MULTILINE))


@cache
def _table(group: Group) -> Mapping[str, Any]:
    _, module, reader = _TABLES[group]
    made: Mapping[str, Any] = getattr(importlib.import_module(module), reader)()
    return made


def plugin_names(group: Group) -> tuple[str, ...]:
    """Return the offers of other packages, without importing them (the list itself costs some 50 ms)."""
    return tuple(sorted(_entry_points(group)))


def names(group: Group) -> tuple[str, ...]:
    """Return the package's own offers and those of other packages."""
    return tuple(dict.fromkeys((*builtin_names(group), *plugin_names(group))))


def load(group: Group, name: str) -> Any:
    """Return the offer of this file or plugin. Raises `ConfigFailure`, also for any error of a broken plugin."""
    attribute, package = _OFFERS[group]
    if name in _rows(group):
        return _table(group)[name]
    if name in builtin_names(group):
        return getattr(importlib.import_module(f"{package}.{name}"), attribute)
    points = _entry_points(group)
    if name not in points:
        known = (*builtin_names(group), *points)
        close = ", ".join(nearest(name, known) or sorted(known))
        raise ConfigFailure(f"there is no '{name}' among the {group}; there is {close}")
    try:
        return points[name].load()
    except Exception as error:
        # border: a plugin is code of another package
        raise ConfigFailure(f"the plugin '{name}' among the {group} could not be loaded: {error!r}") from error


def offers_by_name(group: Group) -> Iterator[tuple[str, Any]]:
    """Yield all offers of a group by name; an offer that cannot be loaded is logged and left out."""
    for name in names(group):
        try:
            yield name, load(group, name)
        except ConfigFailure as failure:
            log.warning("%s", failure)


def _entry_points(group: Group) -> dict[str, Any]:
    return {point.name: point for point in _all_points(tuple(sys.path)).select(group=f"ralph.{group}")}


@cache
def _all_points(path: tuple[str, ...]) -> Any:  # noqa: ARG001 - what was found on another path is not there on this one
    """Return all groups at once: each lookup reads every package's list again."""
    from importlib.metadata import entry_points

    return entry_points()


class Offers(Sequence[Any]):
    """All offers of a group, loaded when first read; an offer that cannot be loaded is logged and left out."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._loaded: tuple[Any, ...] | None = None

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> tuple[Any, ...]:
        if self._loaded is None:
            self._loaded = tuple(offer for _, offer in offers_by_name(self._group))
        return self._loaded
