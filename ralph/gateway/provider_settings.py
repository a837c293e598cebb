"""What is known of the providers of a run: the configuration, what was found, and the environment, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ralph import registry
from ralph.config.settings import Config, ProviderEntry
from ralph.core.data import Data, frozen
from ralph.core.keys import bare_key
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec, Recorded


@frozen
class _Found(Data):
    """A provider that ralph found by itself, and the day of it."""

    entry: ProviderEntry
    day: str


class KnownProviders:
    """Resolves the settings of a provider by its name. It opens nothing and runs no program."""

    def __init__(self, config: Config, environ: Mapping[str, str], recorded: Recorded | None = None) -> None:
        self._config = config
        self._environ = environ
        self._recorded = recorded
        self._keys: dict[str, str] = {}
        self._found: dict[str, _Found] = {}
        self.chosen: ModelRef | None = None  # what `auto` means where nobody named anything

    @property
    def names(self) -> tuple[str, ...]:
        """Every provider that a model ref may name: configured ones, found ones and the package's own."""
        return tuple(dict.fromkeys((*self._config.providers, *self._found, *registry.builtin_names("providers"))))

    def find(self, name: str, kind: str, base_url: str, day: str) -> None:
        """A server answers there that nobody configured: from now on it is a provider of this name."""
        entry = self._config.providers.get(name) or ProviderEntry(kind)
        self._found[name] = _Found(replace(entry, base_url=base_url), day)

    def lose(self, name: str) -> None:
        """What was found under this name is not there any more."""
        self._found.pop(name, None)

    def found(self, name: str) -> bool:
        """It was found, and not configured."""
        return name in self._found

    def _entry(self, name: str) -> ProviderEntry:
        found = self._found.get(name)
        return found.entry if found else self._config.providers.get(name, ProviderEntry())

    @property
    def plugins(self) -> tuple[str, ...]:
        """Providers of other packages; the list costs some 20 ms, so it is asked for only when a ref needs it."""
        return registry.plugin_names("providers")

    def kind(self, name: str) -> str:
        return self._entry(name).kind or name

    def spec(self, name: str) -> ProviderSpec:
        """What the provider's file offers. Raises `ConfigFailure` for an unknown one."""
        spec: ProviderSpec = registry.load("providers", self.kind(name))
        return spec

    def settings(self, name: str) -> ProviderSettings:
        """The entry of this provider with environment and defaults filled in; the key command is not run."""
        entry, found = self._entry(name), self._found.get(name)
        spec, own = self.spec(name), self.kind(name) == name
        timeout = self._config.timeout
        variable, key = self._first(spec.key_variables) if own else ("", "")
        keys = {f"providers.{name}.api_key": entry.api_key, f"providers.{name}.api_key_command": self._keys.get(name)}
        key_from, api_key = next(((k, v) for k, v in (*keys.items(), (variable, key)) if v), ("", ""))
        url_from, base_url = f"providers.{name}.base_url", entry.base_url
        if not base_url and own:
            url_from, base_url = self._first(spec.url_variables)
        return ProviderSettings(
            name=name,
            kind=self.kind(name),
            api_key=api_key,
            base_url=base_url or spec.base_url,
            key_from=key_from,
            url_from=url_from or f"providers.{name}.base_url",
            environ=self._environ,
            connect_s=timeout.connect_s,
            first_token_s=timeout.first_token_s,
            idle_s=timeout.idle_s,
            found=found.day if found else "",
            options={**spec.options, **entry.options},
            recorded=self._recorded,
        )

    def _first(self, names: tuple[str, ...]) -> tuple[str, str]:
        """The first variable that holds something, with what it holds between white space and quotes."""
        found = ((n, bare_key(self._environ.get(n, ""))) for n in names)
        return next(((name, value) for name, value in found if value), ("", ""))

    def sampling(self, name: str) -> Mapping[str, Any]:
        """What the configuration sends with every request to this provider."""
        entry = self._config.providers.get(name)
        return entry.settings if entry else {}

    def added(self, name: str) -> Mapping[str, Any]:
        """What the configuration adds to a request of this provider and can change its answer; no key."""
        settings = self.settings(name)
        return {
            "kind": settings.kind,
            "base_url": settings.base_url,
            "options": dict(settings.options),
            "settings": dict(self.sampling(name)),
        }

    def configured(self, name: str) -> bool:
        """It was given what it needs: a key, or, where none is needed, an address of its own."""
        if name in self._found:
            return False
        spec, settings = self.spec(name), self.settings(name)
        entry = self._entry(name)
        if spec.needs_key and _same(settings.base_url, spec.base_url):
            return bool(settings.api_key or entry.api_key_command)
        given = entry.base_url or (self._first(spec.url_variables)[1] if self.kind(name) == name else "")
        return bool(settings.api_key or entry.api_key_command or given)

    def free(self, name: str) -> bool:
        """Its tokens cost nothing: as `free` says, else by its kind, or because it was found on this machine."""
        chosen = self._entry(name).free
        return name in self._found or self.spec(name).free if chosen is None else chosen

    def key_command(self, name: str) -> tuple[str, ...]:
        """The program that prints this provider's key, where that key is not known yet; empty where none is needed."""
        entry = self._entry(name)
        return () if entry.api_key or name in self._keys else entry.api_key_command

    def learn_key(self, name: str, key: str) -> None:
        """The key that the program printed; it holds until ralph ends."""
        self._keys[name] = key

    def lacks_key(self, name: str) -> str:
        """What holds no key although the vendor wants one, for a sentence; empty where it can be asked."""
        spec, settings = self.spec(name), self.settings(name)
        if not spec.needs_key or settings.api_key or not _same(settings.base_url, spec.base_url):
            return ""
        return spec.key_variables[0] if spec.key_variables else "api_key"


def _same(url: str, vendors: str) -> bool:
    return url.rstrip("/").lower() == vendors.rstrip("/").lower()
