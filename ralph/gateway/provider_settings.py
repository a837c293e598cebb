"""What is known of the providers of a run: the configuration, what was found, and the environment, put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from ralph import registry
from ralph.config.kept_keys import KEYRING, KeptKeys
from ralph.config.settings import Config, ProviderEntry
from ralph.core.data import Data, frozen
from ralph.core.keys import bare_key
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.keys import KeySource
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec, Recorded


@frozen
class _Found(Data):
    """A provider that ralph found by itself, and the day of it."""

    entry: ProviderEntry
    day: str


@frozen
class _Printed(Data):
    """A key that a program printed, and when, in seconds."""

    key: str = field(repr=False)
    at: float


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
        """`kept` are the keys that the person entered. `now` tells seconds, for keys that programs print."""
        self._config = config
        self._environ = environ
        self._recorded = recorded
        self._kept = kept
        self._now = now
        self._printed: dict[str, _Printed] = {}
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

    def is_found(self, name: str) -> bool:
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
        key_from, api_key = next(((place, key) for place, _, key in self._sources(name) if key), ("", ""))
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

    def _sources(self, name: str) -> Iterator[tuple[str, KeySource, str]]:
        """The places of a key in their order: for a sentence, for a list, and the key, empty where it is not known."""
        entry = self._entry(name)
        if entry.api_key:
            yield f"providers.{name}.api_key", "configuration", entry.api_key
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
        """The keys of this provider but the keyring's, the one that is used first."""
        return [(source, key) for _, source, key in self._sources(name) if source != "keyring"]

    def has_key(self, name: str) -> bool:
        """There is one, though it may have to be asked for."""
        return next(self._sources(name), None) is not None

    def _first(self, names: tuple[str, ...]) -> tuple[str, str]:
        """The first variable that holds something, with what it holds between white space and quotes."""
        found = ((n, bare_key(self._environ.get(n, ""))) for n in names)
        return next(((name, value) for name, value in found if value), ("", ""))

    def sampling(self, name: str) -> Mapping[str, Any]:
        """What the configuration sends with every request to this provider."""
        entry = self._config.providers.get(name)
        return entry.settings if entry else {}

    def list_additions(self, name: str) -> Mapping[str, Any]:
        """What the configuration adds to a request of this provider and can change its answer; no key."""
        settings = self.settings(name)
        return {
            "kind": settings.kind,
            "base_url": settings.base_url,
            "options": dict(settings.options),
            "settings": dict(self.sampling(name)),
        }

    def is_configured(self, name: str) -> bool:
        """It was given what it needs: a key, or, where none is needed, an address of its own."""
        if name in self._found:
            return False
        spec, settings = self.spec(name), self.settings(name)
        entry = self._entry(name)
        if spec.needs_key and _same(settings.base_url, spec.base_url):
            return self.has_key(name)
        given = entry.base_url or (self._first(spec.url_variables)[1] if self.kind(name) == name else "")
        return bool(self.has_key(name) or given)

    def free(self, name: str) -> bool:
        """Its tokens cost nothing: as `free` says, else by its kind, or because it was found on this machine."""
        chosen = self._entry(name).free
        return name in self._found or self.spec(name).free if chosen is None else chosen

    def key_command(self, name: str) -> tuple[str, ...]:
        """The program that prints this provider's key, where that is needed now; empty where it is not."""
        first = next(self._sources(name), None)
        wanted = first is not None and first[1] == "api_key_command"
        return self._entry(name).api_key_command if wanted and not self._fresh(name) else ()

    def needs_keyring(self, name: str) -> bool:
        """The keyring has this provider's key, and was not asked for it yet."""
        first = next(self._sources(name), None)
        return first is not None and first[1] == "keyring" and not first[2]

    def fetch_key(self, name: str) -> None:
        """Ask the keyring. May wait for a person: use a thread. Raises `ConfigFailure`."""
        if self._kept:
            self._kept.fetch(name)

    def _fresh(self, name: str) -> bool:
        """The key that a program printed may still be used, or the person gave one for this run."""
        printed, ttl = self._printed.get(name), self._entry(name).api_key_ttl_s
        return printed is not None and (ttl is None or self._now() - printed.at < ttl)

    def learn_key(self, name: str, key: str) -> None:
        """The key that the program printed, or that is for this run only."""
        self._printed[name] = _Printed(key, self._now())

    def lacks_key(self, name: str) -> str:
        """What holds no key although the vendor wants one, for a sentence; empty where it can be asked."""
        spec, settings = self.spec(name), self.settings(name)
        if not spec.needs_key or settings.api_key or not _same(settings.base_url, spec.base_url):
            return ""
        return spec.key_variables[0] if spec.key_variables else "api_key"


def _same(url: str, vendors: str) -> bool:
    return url.rstrip("/").lower() == vendors.rstrip("/").lower()
