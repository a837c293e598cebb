"""The providers of a run: opened by name on first use, closed together."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ralph.core.errors import Failure, Kind, NotSent, ProviderFailure
from ralph.core.llm.provider import ModelInfo, Provider
from ralph.core.llm.refs import ModelRef
from ralph.core.masking import Secrets
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.gateway.provider_settings import KnownProviders


class ProviderPool:
    """Opens providers by the settings in `known`. `secrets` learns the keys that programs print."""

    def __init__(self, known: KnownProviders, *, offline: bool = False, secrets: Secrets | None = None) -> None:
        self.known = known
        self.secrets = secrets if secrets is not None else Secrets()
        self._offline = offline
        self._open: dict[str, Provider] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._replaced: list[Provider] = []
        self._listed: dict[str, tuple[ModelInfo, ...]] = {}
        self._unknown: set[ModelRef] = set()

    async def get(self, ref: ModelRef) -> Provider:
        """Return the open provider of this ref. Raises `NotSent` without a key, or if `--offline` forbids it."""
        name = ref.provider
        if name in self._open and not self.known.key_fetch(name):
            return self._open[name]
        async with self._opening.setdefault(name, asyncio.Lock()):  # a second provider would be lost and never closed
            if name not in self._open or self.known.key_fetch(name):
                before = self.known.settings(name).api_key
                await self._fetch_key(name)
                if name in self._open and self.known.settings(name).api_key != before:
                    self.reopen(name)
            if name not in self._open:
                self._open[name] = await self._open_provider(name, self.known.settings(name))
        return self._open[name]

    async def _fetch_key(self, name: str) -> None:
        """Read the key from a program, a vault, Entra ID or the keyring, if it is there. Raises `ConfigFailure`."""
        if fetch := self.known.key_fetch(name):
            key, lifetime_s = await asyncio.to_thread(fetch)
            self.known.learn_key(name, key, lifetime_s)
            self.secrets.learn(key)
        elif self.known.needs_keyring(name):
            await asyncio.to_thread(self.known.fetch_key, name)
        if variable := self.known.lacks_key(name):
            raise NotSent(
                Kind.NO_KEY,
                f"{name} has no key: enter one with /connect {name} or `ralph keys set {name}`, set {variable}, "
                f"or write providers.{name}.api_key in the config",
            )

    async def _open_provider(self, name: str, settings: ProviderSettings) -> Provider:
        provider = self.known.spec(name).open(settings)
        if self._offline and not provider.traits.local:
            await provider.aclose()
            raise NotSent(Kind.OFFLINE, f"{name} is not on this machine and --offline was given; choose a local model")
        return provider

    async def try_key(self, name: str, key: str) -> tuple[ModelInfo, ...]:
        """Return the provider's models with this key, which nothing else uses. Raises `Failure`."""
        self.secrets.learn(key)
        settings = replace(self.known.settings(name), api_key=key, key_from="this key")
        provider = await self._open_provider(name, settings)
        try:
            return await self._list(name, provider)
        finally:
            await provider.aclose()

    def reopen(self, name: str) -> None:
        """Use a new key from the next request on; running requests keep the old key."""
        self._listed.pop(name, None)
        if (provider := self._open.pop(name, None)) is not None:
            self._replaced.append(provider)

    async def models(self, name: str) -> tuple[ModelInfo, ...]:
        """Ask the provider for its models now, and remember them. Raises `Failure`."""
        listed = await self._list(name, await self.get(ModelRef(name, "")))
        self._listed[name] = listed
        return listed

    async def _list(self, name: str, provider: Provider) -> tuple[ModelInfo, ...]:
        try:
            return self.secrets.hide_in(await provider.models())
        except Failure:
            raise
        except Exception as error:  # border: a provider of another package may raise anything
            raise ProviderFailure(Kind.PROTOCOL, f"{name} sent a list that could not be read: {error!r}") from error

    def recall_models(self, name: str) -> tuple[ModelInfo, ...]:
        """Return the models that the provider listed last; none if it was not asked yet."""
        return self._listed.get(name, ())

    def forget(self, ref: ModelRef) -> None:
        """Drop the provider's last list, because the provider does not know this model."""
        self._listed.pop(ref.provider, None)
        self._unknown.add(ref)

    def is_unknown(self, ref: ModelRef) -> bool:
        """Return whether the provider said in this run that it does not know this model."""
        return ref in self._unknown

    async def aclose(self) -> None:
        """Close every connection."""
        providers, self._open, self._replaced = [*self._open.values(), *self._replaced], {}, []
        for provider in providers:
            await provider.aclose()
