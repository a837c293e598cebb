"""Loads providers, tools, commands, exports and listeners: the package's own files first, then entry points."""

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

# The name that a file of each group defines, and the package that the files are in.
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
    """Return the package's own offers by file name, without importing them."""
    folder = Path(__file__).parent / _OFFERS[group][1].partition(".")[2].replace(".", "/")
    return tuple(sorted(f.stem for f in folder.glob("*.py") if not f.stem.startswith("_")))


def plugin_names(group: Group) -> tuple[str, ...]:
    """Return the offers of other packages, without importing them (the list itself costs some 50 ms)."""
    return tuple(sorted(_entry_points(group)))


def names(group: Group) -> tuple[str, ...]:
    """Return the package's own offers and those of other packages."""
    return tuple(dict.fromkeys((*builtin_names(group), *plugin_names(group))))


def load(group: Group, name: str) -> Any:
    """Return the offer of this file or plugin. Raises `ConfigFailure`, also for any error of a broken plugin."""
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
