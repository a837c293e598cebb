"""The settings of a run: the command line over the environment, the person's choices, and the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ralph import registry
from ralph.assembly.run_rules import RunRules
from ralph.config import load as configuration
from ralph.config import paths
from ralph.config.document import leaves, read
from ralph.config.kept_choices import KeptChoices, read_choices, with_choices
from ralph.config.settings import BudgetSettings, Config
from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure
from ralph.core.masking import Secrets
from ralph.core.ports.budget import BudgetCaps, nano


@frozen
class Flags(Data):
    """The command line's settings of a run."""

    config: str | None = None
    model: str | None = None
    route: str | None = None
    tool: str | None = None
    format: str | None = None
    system: str = ""
    save: bool = True
    max_cost: float | None = None
    yes: bool = False
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    dry_run: bool = False
    offline: bool = False

    @property
    def tools(self) -> RunRules:
        """Return what the flags say about tool calls."""
        return RunRules(self.yes, tuple(self.allow), tuple(self.deny), self.dry_run)


@frozen
class RunSettings(Data):
    """The settings of a run. `configured` is without the person's own choices (`chosen`), `config` is with them.

    `stronger` maps each key that a flag or variable sets, against the person's choice, to the name of the setter.
    """

    config: Config
    configured: Config
    file: Path
    chosen: KeptChoices
    stronger: Mapping[str, str]


def settings(flags: Flags, environ: Mapping[str, str], secrets: Secrets) -> RunSettings:
    """Return the settings of a run: flag over environment over the person's choice over file over default.

    `secrets` learns the keys and passwords of the file, even if the file has a mistake. Raises `ConfigFailure`.
    """
    path = paths.config_file(environ, flags.config)
    named = bool(flags.config or environ.get("RALPH_CONFIG"))
    written = configuration.load_file(path, environ, provider_options, secrets, required=named)
    chosen = read_choices(paths.state_file(environ))
    return RunSettings(
        _over(with_choices(written, chosen), flags, environ),
        _over(written, flags, environ),
        path,
        chosen,
        _stronger(flags, environ),
    )


def _over(config: Config, flags: Flags, environ: Mapping[str, str]) -> Config:
    """Return the configuration with the environment and the flags applied."""
    config = configuration.with_environment(config, environ)
    routing = config.routing
    if flags.model:
        routing = configuration.with_model(routing, flags.model)
    given = {r: getattr(flags, r) for r in ("route", "tool", "format") if getattr(flags, r)}
    turn = [cap for cap in (config.budget.turn, flags.max_cost) if cap is not None]
    budget = replace(config.budget, turn=min(turn, default=None))
    return replace(config, routing=replace(routing, **given), budget=budget)


def _stronger(flags: Flags, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the keys that a flag or a variable sets, each with its name."""
    model = "-m" if flags.model else "RALPH_LLM_MODEL" if environ.get("RALPH_LLM_MODEL") else ""
    found = {f"routing.{role}": model for role in ("tool", "format") if model}
    found |= {f"routing.{role}": f"--{role}" for role in ("route", "tool", "format") if getattr(flags, role)}
    if environ.get("RALPH_LLM_BUDGET"):
        found["budget.month"] = "RALPH_LLM_BUDGET"
    if flags.max_cost is not None:
        found["budget.turn"] = "--max-cost"
    return found


def origins(run: RunSettings, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return where each value comes from, by key; a missing key has its default."""
    document = read(run.file, environ) if run.file.exists() else None
    made = dict.fromkeys(leaves(document), "file") if document else {}
    made |= dict.fromkeys((key for key in run.chosen.values if not key.startswith("tools.")), "your choice")
    for section, name in (("tools", "allow"), ("tools", "ask"), ("tools", "deny"), ("routing", "route")):
        ways = (getattr(getattr(config, section), name) for config in (run.configured, run.config))
        if next(ways) != next(ways):  # rules are combined; an `auto` route may ask another model with format's
            made[f"{section}.{name}"] = "your choice"
    made |= {key: name if name.startswith("-") else f"environment, {name}" for key, name in run.stronger.items()}
    if environ.get("RALPH_LLM_DEBUG"):
        made["debug"] = "environment, RALPH_LLM_DEBUG"
    return made


def find_named_roles(settings: RunSettings) -> frozenset[str]:
    """Return the roles whose model this run names, whatever an earlier conversation chose."""
    return frozenset(key.removeprefix("routing.") for key in settings.stronger if key.startswith("routing."))


def provider_options(kind: str) -> Mapping[str, Any] | None:
    """Return the options that a kind of provider declares; None if the kind is unknown."""
    try:
        options: Mapping[str, Any] = registry.load("providers", kind).options
    except ConfigFailure:
        return None
    return options


def caps(budget: BudgetSettings) -> BudgetCaps:
    """Return the budgets in nano-dollars."""
    return BudgetCaps(nano(budget.turn), nano(budget.timeline), nano(budget.day), nano(budget.month), budget.alert_at)
