"""The choices of a person at run time, kept in `state.json` beside the database for later starts.

The file maps keys of the configuration to values: `{"ui.theme": "nord", "budget.day": 5.0, "tools.files*": "allow"}`.
The key of a tool rule ends with its pattern. One key is changed at a time, so that two windows keep each other's.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ralph.config.private import one_writer, set_aside, write_whole
from ralph.config.rule_settings import text_of
from ralph.config.settings import Config, RoutingSettings, ToolSettings
from ralph.core.data import Data, frozen
from ralph.core.ports.choices import ChosenValue
from ralph.core.ports.usage_report import CAPS

log = logging.getLogger("ralph.config")

ROLES = ("format", "tool", "route")
RULES = ("allow", "ask", "deny")
MAX_BYTES = 1024 * 1024


@frozen
class KeptChoices(Data):
    """The choices by their keys; `notice` says which part of the file could not be used, or is empty."""

    values: Mapping[str, ChosenValue]
    notice: str = ""

    @property
    def models(self) -> Mapping[str, str]:
        """Return role to model, as the person wrote it."""
        return {role: str(self.values[f"routing.{role}"]) for role in ROLES if f"routing.{role}" in self.values}

    @property
    def rules(self) -> Mapping[str, str]:
        """Return the name or pattern of tools to `allow`, `ask` or `deny`."""
        return {key.removeprefix("tools."): str(v) for key, v in self.values.items() if key.startswith("tools.")}


def read_choices(path: Path) -> KeptChoices:
    """Return the choices; none without a file. A broken file is set aside. Never raises."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return KeptChoices({})
    except OSError as error:
        return KeptChoices({}, f"{path} could not be read ({error.strerror}); your earlier choices are not used")
    try:
        given = json.loads(data) if len(data) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        aside = set_aside(path)
        where = f"it is {aside} now" if aside else "it could not be renamed"
        return KeptChoices({}, f"{path} cannot be read as choices; {where}, and your earlier choices are not used")
    good = {key: value for key, value in given.items() if _fits(key, value)}
    bad = sorted(key for key in given if key not in good and _is_choice(key))
    return KeptChoices(good, f"{path}: {', '.join(bad)} cannot be used" if bad else "")


def change_choices(path: Path, given: Mapping[str, ChosenValue], dropped: tuple[str, ...] = ()) -> None:
    """Keep these, and drop those whose key is one of `dropped` or below one. Other choices stay as another window has
    left them. Raises `OSError`."""
    with one_writer(path):
        read_choices(path)  # sets a broken file aside
        try:
            before = json.loads(path.read_bytes())
        except FileNotFoundError:
            before = {}
        except ValueError:
            before = {}
        kept = {k: v for k, v in before.items() if not any(k == one or k.startswith(f"{one}.") for one in dropped)}
        after = {**kept, **given}
        if after != before:
            write_whole(path, json.dumps(after, indent=1, ensure_ascii=False).encode() + b"\n")


def with_choices(config: Config, chosen: KeptChoices) -> Config:
    """Return the settings with the choices applied, including the models."""
    caps = {name: chosen.values[f"budget.{name}"] for name in CAPS if f"budget.{name}" in chosen.values}
    theme = chosen.values.get("ui.theme", config.ui.theme)
    return replace(
        config,
        routing=with_models(config.routing, chosen.models),
        budget=replace(config.budget, **caps),  # type: ignore[arg-type] # amounts, as `_fits` has seen
        tools=with_rules(config.tools, chosen.rules),
        ui=replace(config.ui, theme=str(theme)),
    )


def with_models(routing: RoutingSettings, models: Mapping[str, str]) -> RoutingSettings:
    """Return the routing with these models, each as `/model REF ROLE` would set it."""
    roles = routing.roles
    for role, ref in models.items():
        roles = roles.with_model(ref, (role,))
    return replace(routing, route=str(roles.route), tool=roles.tool, format=roles.format)


def with_rules(tools: ToolSettings, rules: Mapping[str, str]) -> ToolSettings:
    """Return the rules with these on top: there is one rule per pattern."""
    lists = {name: tuple(p for p in getattr(tools, name) if text_of(p) not in rules) for name in RULES}
    for pattern, name in rules.items():
        lists[name] = (*lists[name], pattern)
    return replace(tools, **lists)  # type: ignore[arg-type] # the three lists, never another field


def _is_choice(key: str) -> bool:
    section, _, name = key.partition(".")
    names = {"ui": ("theme",), "routing": ROLES, "budget": CAPS}.get(section, ())
    return name in names or (section == "tools" and bool(name))


def _fits(key: str, value: Any) -> bool:
    """Return whether the value is valid: another version of ralph, or a person, may have written it."""
    section = key.partition(".")[0]
    if not _is_choice(key):
        return False
    if section == "budget":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return value is None or (number and 0 <= value < float("inf"))
    if not isinstance(value, str) or not value.strip():
        return False
    return section != "tools" or value in RULES
