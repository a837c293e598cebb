"""Loads and checks the configuration file, and applies the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ralph.config import settings
from ralph.config.check import Checker, describe_key
from ralph.config.document import Value, learn, quote_word, read
from ralph.config.mcp_servers import read_mcp
from ralph.core.errors import ConfigFailure
from ralph.core.keys import bare_key
from ralph.core.llm.prices import FREE_ROW, PriceRow
from ralph.core.masking import Secrets

# Returns the options that a kind of provider declares, with their defaults; None for an unknown kind.
Options = Callable[[str], Mapping[str, Any] | None]

_SECTIONS: Mapping[str, Any] = {
    "routing": settings.RoutingSettings,
    "pipeline": settings.PipelineSettings,
    "retry": settings.RetrySettings,
    "timeout": settings.TimeoutSettings,
    "budget": settings.BudgetSettings,
    "context": settings.ContextSettings,
    "cache": settings.CacheSettings,
    "tools": settings.ToolSettings,
    "ui": settings.UiSettings,
}
_MAPPINGS = ("providers", "limits", "aliases", "prices", "mcp")
_PRICE_KEYS = ("input", "cache_read", "cache_write", "output")


def load(
    path: Path, environ: Mapping[str, str], options: Options, secrets: Secrets | None = None, *, required: bool = False
) -> settings.Config:
    """Return the settings of the file with the environment applied. Raises `ConfigFailure`."""
    return with_environment(load_file(path, environ, options, secrets, required=required), environ)


def load_file(
    path: Path, environ: Mapping[str, str], options: Options, secrets: Secrets | None = None, *, required: bool = False
) -> settings.Config:
    """Read and check the file alone. A missing file gives the defaults, unless it was asked for by name (`required`).

    `secrets` learns the keys and passwords in it before anything is checked.
    """
    if path.exists() or required:
        document = read(path, environ)
        if document and secrets:
            learn(document, secrets)
        return _config(path, document, options) if document else settings.Config()
    return settings.Config()


def with_environment(config: settings.Config, environ: Mapping[str, str]) -> settings.Config:
    """Return the settings with ralph's own variables applied. Raises `ConfigFailure`."""
    if name := environ.get("RALPH_LLM_MODEL"):
        config = replace(config, routing=with_model(config.routing, name))
    if amount := environ.get("RALPH_LLM_BUDGET"):
        try:
            month = float(amount.lstrip("$"))
        except ValueError as error:
            raise ConfigFailure(
                f"RALPH_LLM_BUDGET: found {quote_word(amount)}, but it takes US dollars a month"
            ) from error
        config = replace(config, budget=replace(config.budget, month=month))
    return replace(config, debug=environ.get("RALPH_LLM_DEBUG", "") not in ("", "0"))


def with_model(routing: settings.RoutingSettings, ref: str) -> settings.RoutingSettings:
    """Set the model for tool and format, as `-m` does."""
    return replace(routing, tool=ref, format=ref)


def _config(path: Path, document: Value, options: Options) -> settings.Config:
    check = Checker(path)
    made: dict[str, Any] = {}
    for key, value in check.mapping(document, "the file").items():
        check.check_key(value, "", key, (*_SECTIONS, *_MAPPINGS))
        if key in _SECTIONS:
            made[key] = check.section(_SECTIONS[key], value, key)
        elif key == "providers":
            made[key] = {n: _provider(check, n, v, options) for n, v in check.mapping(value, key).items()}
        elif key == "limits":
            items = check.mapping(value, key).items()
            made[key] = {n: check.section(settings.LimitSettings, v, f"limits.{n}") for n, v in items}
        elif key == "mcp":
            made[key] = read_mcp(check, value)
        elif key == "aliases":
            made[key] = {n: _alias(check, n, v) for n, v in check.mapping(value, key).items()}
        else:
            made[key] = {n: _price(check, n, v) for n, v in check.mapping(value, key).items()}
    return settings.Config(**made)


def _alias(check: Checker, name: str, value: Value) -> str | tuple[str, ...]:
    """Return a ref, or several that share the load. One of a list may be empty, as an unset variable is."""
    where = f"aliases.{name}"
    if not isinstance(value.content, list | dict):
        return str(check.read(str, value, where))
    items = value.content if isinstance(value.content, list) else []
    refs = tuple(str(check.read(str, item, f"{where}[{n}]")) for n, item in enumerate(items))
    if not any(refs):
        raise check.fail(value, where, "a model ref, or a list of them")
    return tuple(ref for ref in refs if ref)


def _provider(check: Checker, name: str, value: Value, options: Options) -> settings.ProviderEntry:
    where = f"providers.{name}"
    entries = check.mapping(value, where)
    kind = str(check.read(str, entries["kind"], f"{where}.kind")) if "kind" in entries else name
    extra = options(kind)
    if extra is None:
        line = entries.get("kind", value)
        raise ConfigFailure(
            f"{check.path}:{line.line}: {describe_key(where)}: there is no provider of kind {quote_word(kind)}; "
            "for a service that speaks OpenAI's chat wire write `kind: openai_compatible`"
        )
    own = ("kind", "api_key", "api_key_command", "api_key_ttl_s", "base_url", "free", "settings")
    made: dict[str, Any] = {"kind": kind}
    given: dict[str, Any] = {}
    for key, item in entries.items():
        check.check_key(item, f"{where}.", key, (*own, *extra))
        if key == "api_key_command":
            made[key] = check.read(tuple[str, ...], item, f"{where}.{key}")
        elif key == "settings":
            made[key] = check.free(item, {}, f"{where}.{key}")
        elif key == "api_key_ttl_s":
            made[key] = check.read(float | None, item, f"{where}.{key}")
        elif key == "free":
            made[key] = check.read(bool | None, item, f"{where}.{key}")
        elif key == "api_key":
            made[key] = bare_key(check.read(str, item, f"{where}.{key}"))
        elif key == "base_url":
            made[key] = check.read(str, item, f"{where}.{key}").strip()
        elif key in own:
            made[key] = check.read(str, item, f"{where}.{key}")
        else:
            given[key] = check.free(item, extra[key], f"{where}.{key}")
    return settings.ProviderEntry(**made, options=given)


def _price(check: Checker, name: str, value: Value) -> PriceRow:
    where = f"prices.{name}"
    if value.content == "free":
        return FREE_ROW
    rates: dict[str, Decimal] = {}
    for key, item in check.mapping(value, where).items():
        check.check_key(item, f"{where}.", key, _PRICE_KEYS)
        try:
            rates[key] = Decimal(str(item.content))
        except InvalidOperation:
            rates[key] = Decimal(-1)
        if not rates[key].is_finite() or rates[key] < 0:
            raise check.fail(item, f"{where}.{key}", "US dollars per million tokens")
    if not {"input", "output"} <= rates.keys():
        raise check.fail(value, where, "input and output, in US dollars per million tokens, or the word free")
    row = [format(rates.get(key, rates["input"]), "f") for key in _PRICE_KEYS]
    return PriceRow("config", "", name, row[0], row[1], row[2], row[3])
