"""The providers of a run: opened by name on first use, closed together."""

from __future__ import annotations

import asyncio

from ralph.core.errors import Failure, Kind, NotSent, ProviderFailure
from ralph.core.llm.provider import ModelInfo, Provider
from ralph.core.llm.refs import ModelRef
from ralph.core.masking import Secrets
from ralph.gateway.key_command import run_key_command
from ralph.gateway.provider_settings import KnownProviders


class ProviderPool:
    """Opens a provider by what is `known` of it. `secrets` learns the keys that programs print."""

    def __init__(self, known: KnownProviders, *, offline: bool = False, secrets: Secrets | None = None) -> None:
        self.known = known
        self.secrets = secrets if secrets is not None else Secrets()
        self._offline = offline
        self._open: dict[str, Provider] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._listed: dict[str, tuple[ModelInfo, ...]] = {}

    async def get(self, ref: ModelRef) -> Provider:
        """The provider of this ref, open. Raises `NotSent` where it lacks a key, or is not local with `--offline`."""
        name = ref.provider
        if name in self._open:
            return self._open[name]
        async with self._opening.setdefault(name, asyncio.Lock()):  # a second one would be lost, and never closed
            if name not in self._open:
                self._open[name] = await self._made(name)
        return self._open[name]

    async def _made(self, name: str) -> Provider:
        spec = self.known.spec(name)
        if command := self.known.key_command(name):
            key = await asyncio.to_thread(run_key_command, name, command)
            self.known.learn_key(name, key)
            self.secrets.learn(key)
        if variable := self.known.lacks_key(name):
            raise NotSent(Kind.NO_KEY, f"{name} has no key: set {variable}, or providers.{name}.api_key in the config")
        provider = spec.open(self.known.settings(name))
        if self._offline and not provider.traits.local:
            await provider.aclose()
            raise NotSent(Kind.OFFLINE, f"{name} is not on this machine and --offline was given; choose a local model")
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
