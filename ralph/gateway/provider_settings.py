"""Combines what is known of the providers of a run: the configuration, found servers, and the environment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from functools import partial
from typing import Any

from ralph import registry
from ralph.config.kept_keys import KEYRING, KeptKeys
from ralph.config.settings import Config, ProviderEntry
from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure
from ralph.core.keys import bare_key
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.keys import KeySource
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec, Recorded, find_base_model
from ralph.gateway.key_command import VAULT_PREFIX, FetchedKey, run_key_command

# Providers that answer only where a person names them: a start does not load them to ask whether they are configured.
_ONLY_NAMED = frozenset({"local", "scripted", "timeline"})


@frozen
class _Found(Data):
    """A provider that ralph found by itself, and the day on which it did."""

    entry: ProviderEntry
    day: str


@frozen
class _Printed(Data):
    """A key that was fetched, the time in seconds, and how long the key is valid, if its source says so."""

    key: str = field(repr=False)
    at: float
    lifetime_s: float | None = None


class KnownProviders:
    """Resolves the settings of a provider by its name. It opens nothing and runs no program."""

    def __init__(
        self,
        config: Config,
        environ: Mapping[str, str],
        recorded: Recorded | None = None,
        kept: KeptKeys | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`kept` are the keys that the person entered. `now` returns seconds and limits the age of printed keys."""
        self._config = config
        self._environ = environ
        self._recorded = recorded
        self._kept = kept
        self._now = now
        self._printed: dict[str, _Printed] = {}
        self._found: dict[str, _Found] = {}
        self.chosen: ModelRef | None = None  # the meaning of `auto` if no model is named

    @property
    def names(self) -> tuple[str, ...]:
        """Return every provider that a model ref may name: configured, found and built-in ones."""
        return tuple(dict.fromkeys((*self._config.providers, *self._found, *registry.builtin_names("providers"))))

    def find(self, name: str, kind: str, base_url: str, day: str) -> None:
        """Add a found server, which nobody configured, as a provider of this name."""
        entry = self._config.providers.get(name) or ProviderEntry(kind)
        self._found[name] = _Found(replace(entry, base_url=base_url), day)

    def lose(self, name: str) -> None:
        """Remove the found server of this name, because it is gone."""
        self._found.pop(name, None)

    def is_found(self, name: str) -> bool:
        """Return whether the provider was found and not configured."""
        return name in self._found

    def _entry(self, name: str) -> ProviderEntry:
        found = self._found.get(name)
        return found.entry if found else self._config.providers.get(name, ProviderEntry())

    @property
    def plugins(self) -> tuple[str, ...]:
        """Return providers of other packages. The list costs some 20 ms, so it is read only if a ref needs it."""
        return registry.plugin_names("providers")

    def kind(self, name: str) -> str:
        return self._entry(name).kind or name

    def spec(self, name: str) -> ProviderSpec:
        """Return what the provider's file offers. Raises `ConfigFailure` for an unknown provider."""
        spec: ProviderSpec = registry.load("providers", self.kind(name))
        return spec

    def settings(self, name: str) -> ProviderSettings:
        """Return the provider's entry completed by environment and defaults; the key command is not run."""
        entry, found = self._entry(name), self._found.get(name)
        spec, timeout = self.spec(name), self._config.timeout
        given: tuple[str, KeySource | None, str] = next((s for s in self._sources(name) if s[2]), ("", None, ""))
        key_from, source, api_key = given
        url_from, base_url = self._address(name)
        return ProviderSettings(
            name=name,
            kind=self.kind(name),
            api_key=api_key,
            base_url=base_url or spec.base_url,
            key_from=key_from,
            key_source=source,
            url_from=url_from or f"providers.{name}.base_url",
            environ=self._environ,
            connect_s=timeout.connect_s,
            first_token_s=timeout.first_token_s,
            idle_s=timeout.idle_s,
            found=found.day if found else "",
            options={**spec.options, **entry.options},
            recorded=self._recorded,
        )

    def _address(self, name: str) -> tuple[str, str]:
        """Return the place of the given address and the address; empty texts if none is given."""
        if given := self._entry(name).base_url:
            return f"providers.{name}.base_url", given
        return self._first(self.spec(name).url_variables) if self.kind(name) == name else ("", "")

    def _sources(self, name: str) -> Iterator[tuple[str, KeySource, str]]:
        """Yield the sources of a key in their order: a name for sentences, the source, and the key or an empty text."""
        entry = self._entry(name)
        if entry.api_key.startswith(VAULT_PREFIX):
            printed = self._printed.get(name)
            yield f"providers.{name}.api_key", "keyvault", printed.key if printed else ""
        elif entry.api_key:
            yield f"providers.{name}.api_key", "configuration", entry.api_key
        if entry.options.get("auth") == "entra":
            printed = self._printed.get(name)
            yield f"providers.{name}.auth", "entra", printed.key if printed else ""
        if self.kind(name) == name:
            variable, key = self._first(self.spec(name).key_variables)
            if key:
                yield variable, "environment", key
        if entry.api_key_command or name in self._printed:
            printed = self._printed.get(name)
            place = f"providers.{name}.api_key_command" if entry.api_key_command else f"the key of {name}"
            yield place, "api_key_command", printed.key if printed else ""
        kept = self._kept.source(name) if self._kept else ""
        if self._kept and kept == KEYRING:
            yield f"the key of {name} in the keyring", "keyring", self._kept.key(name)
        elif self._kept and kept:
            yield f"the key of {name} in {self._kept.path.name}", "keys.yaml", self._kept.key(name)

    def keys(self, name: str) -> list[tuple[KeySource, str]]:
        """Return the keys of this provider except the keyring's; the first is the one in use."""
        return [(source, key) for _, source, key in self._sources(name) if source != "keyring"]

    def has_key(self, name: str) -> bool:
        """Return whether a key exists, even if it must still be read."""
        return next(self._sources(name), None) is not None

    def _first(self, names: tuple[str, ...]) -> tuple[str, str]:
        """Return the first variable with a value, and the value without white space and quotes."""
        found = ((n, bare_key(self._environ.get(n, ""))) for n in names)
        return next(((name, value) for name, value in found if value), ("", ""))

    def sampling(self, name: str) -> Mapping[str, Any]:
        """Return the sampling parameters that the configuration sends with every request to this provider."""
        entry = self._config.providers.get(name)
        return entry.settings if entry else {}

    def list_additions(self, name: str) -> Mapping[str, Any]:
        """Return what the configuration adds to a request and may change the answer; never a key."""
        settings = self.settings(name)
        return {
            "kind": settings.kind,
            "base_url": settings.base_url,
            "options": dict(settings.options),
            "settings": dict(self.sampling(name)),
        }

    def is_configured(self, name: str) -> bool:
        """Return whether the provider has what it needs: a key, or an address if it needs no key."""
        if name in self._found or not self._is_mentioned(name):
            return False
        spec, (_, given) = self.spec(name), self._address(name)
        if spec.needs_address:
            return self.has_key(name) and bool(given or self._entry(name).options.get("resource"))
        if spec.needs_key and _same(given or spec.base_url, spec.base_url):
            return self.has_key(name)
        return bool(self.has_key(name) or given)

    def _is_mentioned(self, name: str) -> bool:
        """Return whether anything speaks of this service; the table of services is not read for one without it."""
        if name in _ONLY_NAMED:
            return name in self._config.providers
        if name in self._config.providers or name in self._printed or name not in registry.table_rows("providers"):
            return True
        mentions = (f"{name.upper()}_API_KEY", f"{name.upper()}_BASE_URL")
        return any(variable in self._environ for variable in mentions) or bool(self._kept and self._kept.source(name))

    def free(self, name: str) -> bool:
        """Return whether its tokens are free: by `free`, else by its kind, or because it was found on this machine."""
        chosen = self._entry(name).free
        return name in self._found or self.spec(name).free if chosen is None else chosen

    def translate_price(self, name: str, model: str) -> tuple[str, str]:
        """Return the vendor and the model under which the price table has this model: `base_model` in place of a
        deployment's name, and the vendor of a provider that has a name of its own but the vendor's address."""
        try:
            spec, settings = self.spec(name), self.settings(name)
        except ConfigFailure:  # an old log may name a plugin that is gone
            return name, model
        vendors = bool(settings.base_url) and _same(settings.base_url, spec.base_url)
        vendor = (spec.price_table or settings.kind) if vendors or spec.price_table else name
        return vendor, find_base_model(settings.options, model)

    def key_fetch(self, name: str) -> Callable[[], FetchedKey] | None:
        """Return what fetches this provider's key from a program, a vault or Entra ID, if that must happen now. Call it
        in a thread. Raises `ConfigFailure`."""
        first, entry = next(self._sources(name), None), self._entry(name)
        if first is None or self._fresh(name):
            return None
        match first[1]:
            case "api_key_command" if entry.api_key_command:
                return partial(run_key_command, name, entry.api_key_command)
            case "keyvault":
                from ralph.gateway.azure_keys import fetch_vault_key  # late: few use it

                return partial(fetch_vault_key, name, entry.api_key)
            case "entra":
                from ralph.gateway.azure_keys import fetch_entra_token

                return partial(fetch_entra_token, name, classic=bool(entry.options.get("api_version")))
            case _:
                return None

    def needs_keyring(self, name: str) -> bool:
        """Return whether the keyring has this provider's key and was not asked yet."""
        first = next(self._sources(name), None)
        return first is not None and first[1] == "keyring" and not first[2]

    def fetch_key(self, name: str) -> None:
        """Ask the keyring. May wait for a person: call it in a thread. Raises `ConfigFailure`."""
        if self._kept:
            self._kept.fetch(name)

    def _fresh(self, name: str) -> bool:
        """Return whether a printed key is still valid, or the person gave a key for this run."""
        printed, ttl = self._printed.get(name), self._entry(name).api_key_ttl_s
        if printed is None:
            return False
        ends = [limit for limit in (ttl, printed.lifetime_s) if limit is not None]
        return not ends or self._now() - printed.at < min(ends)

    def learn_key(self, name: str, key: str, lifetime_s: float | None = None) -> None:
        """Remember a key in memory only: a fetched one, which is valid for so many seconds, or one for this run."""
        self._printed[name] = _Printed(key, self._now(), lifetime_s)

    def lacks_key(self, name: str) -> str:
        """Return which source lacks the key that the vendor requires, for a sentence; empty if requests can be sent."""
        spec, settings = self.spec(name), self.settings(name)
        if not spec.needs_key or settings.api_key or not _same(settings.base_url, spec.base_url):
            return ""
        return spec.key_variables[0] if spec.key_variables else "api_key"


def _same(url: str, vendors: str) -> bool:
    return url.rstrip("/").lower() == vendors.rstrip("/").lower()
