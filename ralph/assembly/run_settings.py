"""The settings of a run: what the command line says, over the environment, over the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ralph import registry
from ralph.config import load as configuration
from ralph.config import paths
from ralph.config.settings import Config
from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure
from ralph.core.masking import Secrets
from ralph.core.ports.budget import BudgetCaps, nano


@frozen
class Flags(Data):
    """What the command line says of a run."""

    config: str | None = None
    model: str | None = None
    route: str | None = None
    tool: str | None = None
    format: str | None = None
    system: str = ""
    save: bool = True
    max_cost: float | None = None
    yes: bool = False
    offline: bool = False


def settings(flags: Flags, environ: Mapping[str, str], secrets: Secrets) -> tuple[Config, Path]:
    """The settings of a run: flag over environment over file over default. Raises `ConfigFailure`.

    `secrets` learns the keys and passwords of the file, also of one with a mistake in it.
    """
    path = paths.config_file(environ, flags.config)
    named = bool(flags.config or environ.get("RALPH_CONFIG"))
    config = configuration.load(path, environ, provider_options, secrets, required=named)
    routing = config.routing
    if flags.model:
        routing = configuration.with_model(routing, flags.model)
    given = {r: getattr(flags, r) for r in ("route", "tool", "format") if getattr(flags, r)}
    return replace(config, routing=replace(routing, **given)), path


def named(flags: Flags, environ: Mapping[str, str]) -> frozenset[str]:
    """The roles whose model this run names, whatever was chosen in a conversation before."""
    both = ("tool", "format") if flags.model or environ.get("RALPH_LLM_MODEL") else ()
    return frozenset((*both, *(role for role in ("route", "tool", "format") if getattr(flags, role))))


def provider_options(kind: str) -> Mapping[str, Any] | None:
    """The options that a kind of provider declares; None where there is no such kind."""
    try:
        options: Mapping[str, Any] = registry.load("providers", kind).options
    except ConfigFailure:
        return None
    return options


def caps(config: Config, flags: Flags) -> BudgetCaps:
    """The budgets of the configuration; `--max-cost` is the turn's, where it is the smaller."""
    budget = config.budget
    turn = [cap for cap in (nano(budget.turn), nano(flags.max_cost)) if cap is not None]
    return BudgetCaps(
        min(turn, default=None), nano(budget.timeline), nano(budget.day), nano(budget.month), budget.alert_at
    )
