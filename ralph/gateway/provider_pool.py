"""The providers of a run: opened by name on first use, closed together."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ralph import registry
from ralph.config.settings import Config, ProviderEntry
from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure, Failure, Kind, NotSent, ProviderFailure
from ralph.core.keys import bare_key
from ralph.core.llm.provider import ModelInfo, Provider
from ralph.core.llm.refs import ModelRef
from ralph.core.masking import Secrets
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec, Recorded

KEY_COMMAND_S = 30.0


@frozen
class _Found(Data):
    """A provider that ralph found by itself, and the day of it."""

    entry: ProviderEntry
    day: str


class ProviderPool:
    """Opens a provider from its entry in the configuration and its vendor's own environment variables."""

    def __init__(
        self,
        config: Config,
        environ: Mapping[str, str],
        *,
        offline: bool = False,
        recorded: Recorded | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        self.secrets = secrets if secrets is not None else Secrets()
        self._config = config
        self._environ = environ
        self._offline = offline
        self._recorded = recorded
        self._open: dict[str, Provider] = {}
        self._keys: dict[str, str] = {}
        self._listed: dict[str, tuple[ModelInfo, ...]] = {}
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

    async def get(self, ref: ModelRef) -> Provider:
        """The provider of this ref, open. Raises `NotSent` where it lacks a key, or is not local with `--offline`."""
        name = ref.provider
        if name in self._open:
            return self._open[name]
        spec, entry = self.spec(name), self._entry(name)
        if entry.api_key_command and not entry.api_key and name not in self._keys:
            self._keys[name] = await asyncio.to_thread(_run_key_command, name, entry.api_key_command)
            self.secrets.learn(self._keys[name])
        settings = self.settings(name)
        if spec.needs_key and not settings.api_key and _same(settings.base_url, spec.base_url):
            variable = spec.key_variables[0] if spec.key_variables else "api_key"
            raise NotSent(Kind.NO_KEY, f"{name} has no key: set {variable}, or providers.{name}.api_key in the config")
        provider = spec.open(settings)
        if self._offline and not provider.traits.local:
            await provider.aclose()
            raise NotSent(Kind.OFFLINE, f"{name} is not on this machine and --offline was given; choose a local model")
        self._open[name] = provider
        return provider

    async def models(self, name: str) -> tuple[ModelInfo, ...]:
        """What the provider lists, asked for now and remembered. Raises `Failure`."""
        provider = await self.get(ModelRef(name, ""))
        try:
            listed = self.secrets.hide_in(await provider.models())
        except Failure:
            raise
        except Exception as error:  # border: a provider of another package may let anything through
            raise ProviderFailure(Kind.PROTOCOL, f"{name} sent a list that could not be read: {error!r}") from error
        self._listed[name] = listed
        return listed

    def listed(self, name: str) -> tuple[ModelInfo, ...]:
        """What the provider listed last; nothing, where it was not asked yet."""
        return self._listed.get(name, ())

    def forget(self, name: str) -> None:
        """The last list is out of date: a model of it is gone."""
        self._listed.pop(name, None)

    async def aclose(self) -> None:
        """Close every connection."""
        providers, self._open = list(self._open.values()), {}
        for provider in providers:
            await provider.aclose()


def _run_key_command(name: str, command: tuple[str, ...]) -> str:
    """The key that a program prints; nothing of its output goes into any message."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=KEY_COMMAND_S, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = type(error).__name__
        raise ConfigFailure(f"providers.{name}.api_key_command: '{command[0]}' gave no key ({reason})") from None
    wide = done.stdout[:2] in (b"\xff\xfe", b"\xfe\xff")  # as some shells of Windows print
    key = bare_key(done.stdout.decode("utf-16" if wide else "utf-8", "replace"))
    if not key:
        raise ConfigFailure(f"providers.{name}.api_key_command: '{command[0]}' printed no key")
    return key


def _same(url: str, vendors: str) -> bool:
    return url.rstrip("/").lower() == vendors.rstrip("/").lower()
