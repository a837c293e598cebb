"""The door for providers, tools, commands, exports and listeners: the package's own files first, then entry points."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ralph.core.errors import ConfigFailure, nearest

log = logging.getLogger("ralph.registry")

Group = Literal["providers", "tools", "tool_sources", "commands", "exports", "listeners"]

# What a file of each group offers, under which name, and in which room of the package it lies.
_OFFERS: Mapping[Group, tuple[str, str]] = {
    "providers": ("PROVIDER", "ralph.providers"),
    "tools": ("TOOL", "ralph.tools"),
    "tool_sources": ("SOURCE", "ralph.tools.sources"),
    "commands": ("COMMAND", "ralph.commands"),
    "exports": ("EXPORT", "ralph.export"),
    "listeners": ("LISTENER", "ralph.telemetry"),
}


@cache
def builtin_names(group: Group) -> tuple[str, ...]:
    """The package's own, by file name, without importing any of them."""
    folder = Path(__file__).parent / _OFFERS[group][1].partition(".")[2].replace(".", "/")
    return tuple(sorted(f.stem for f in folder.glob("*.py") if not f.stem.startswith("_")))


def plugin_names(group: Group) -> tuple[str, ...]:
    """Those of other packages, listed without importing them (the list itself costs some 50 ms)."""
    return tuple(sorted(_entry_points(group)))


def names(group: Group) -> tuple[str, ...]:
    """The package's own and those of other packages."""
    return tuple(dict.fromkeys((*builtin_names(group), *plugin_names(group))))


def load(group: Group, name: str) -> Any:
    """What the file or plugin of this name offers. Raises `ConfigFailure`; a broken plugin never takes ralph down."""
    attribute, package = _OFFERS[group]
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
        # border: a plugin is somebody else's code
        raise ConfigFailure(f"the plugin '{name}' among the {group} could not be loaded: {error!r}") from error


def offers_by_name(group: Group) -> Iterator[tuple[str, Any]]:
    """Everything of a group by name; what cannot be loaded is left out, and logged."""
    for name in names(group):
        try:
            yield name, load(group, name)
        except ConfigFailure as failure:
            log.warning("%s", failure)


def _entry_points(group: Group) -> dict[str, Any]:
    return {point.name: point for point in _all_points(tuple(sys.path)).select(group=f"ralph.{group}")}


@cache
def _all_points(path: tuple[str, ...]) -> Any:  # noqa: ARG001 - what was found on another path is not there on this one
    """All groups at once: each look reads every package's list anew."""
    from importlib.metadata import entry_points

    return entry_points()


class Offers(Sequence[Any]):
    """Everything of a group, loaded when it is first looked at; what cannot be loaded is left out, and logged."""

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
