"""Keys that a person enters: checked by a free request, stored, and used from the next request on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ralph.config.kept_keys import FILE, KEYRING, KeptKeys
from ralph.core.errors import Failure, Kind, NotFound, did_you_mean
from ralph.core.keys import bare_key, impossible_in
from ralph.core.ports.keys import ApiKey
from ralph.gateway.provider_pool import ProviderPool

# How many characters of a key are shown, if the key has at least three times as many.
SHOWN = 4


class LocalKeys:
    """The entered keys. `reconsider` informs the sessions of a change. With `save` off a key holds for this run."""

    def __init__(self, pool: ProviderPool, kept: KeptKeys, reconsider: Callable[[], None], *, save: bool) -> None:
        self._pool = pool
        self._kept = kept
        self._reconsider = reconsider
        self._save = save

    async def rows(self) -> tuple[ApiKey, ...]:
        known = self._pool.known
        names = dict.fromkeys((*known.names, *self._kept.names))
        made = []
        for name in names:
            made += [ApiKey(name, source, _mask(key)) for source, key in known.keys(name)]
            if self._kept.source(name) == KEYRING:
                made.append(ApiKey(name, "keyring", _mask(await self._fetch(name))))
        return tuple(made)

    async def _fetch(self, name: str) -> str:
        try:
            return await asyncio.to_thread(self._kept.fetch, name)
        except Failure:
            return ""

    def hide(self, text: str) -> None:
        self._pool.secrets.learn(text)

    async def check(self, provider: str, key: str) -> int:
        return len(await self._pool.try_key(provider, self._usable(provider, key)))

    async def keep(self, provider: str, key: str) -> str:
        key = self._usable(provider, key)
        if not self._save:
            self._pool.known.learn_key(provider, key)
            place = ""
        else:
            source = await asyncio.to_thread(self._kept.keep, provider, key)
            place = self._place(source)
        self._reload(provider)
        return place

    async def remove(self, provider: str) -> str:
        self._kept.reload()
        source = await asyncio.to_thread(self._kept.remove, provider)
        if not source:
            there = self._kept.names
            hint = did_you_mean(provider, there) or (f"; there are keys for {', '.join(there)}" if there else "")
            raise NotFound(f"no key was entered for '{provider}'{hint}")
        self._reload(provider)
        return self._place(source)

    def _place(self, source: str) -> str:
        return str(self._kept.path) if source == FILE else "the keyring of your system"

    def _reload(self, provider: str) -> None:
        self._pool.reopen(provider)
        self._reconsider()

    def _usable(self, provider: str, key: str) -> str:
        """Return the bare key. Raises `Failure` for an unknown provider, or for text that cannot be a key."""
        self._pool.secrets.learn(key)
        if provider not in (*self._pool.known.names, *self._pool.known.plugins):
            hint = did_you_mean(provider, self._pool.known.names)
            raise NotFound(f"there is no provider '{provider}'{hint or '; `ralph providers` lists them'}")
        bare = bare_key(key)
        if not bare:
            raise Failure(Kind.USAGE, "the entered text contains no key")
        if what := impossible_in(bare):
            raise Failure(
                Kind.USAGE, f"the key contains {what} in the middle, which no key may contain; enter it again"
            )
        return bare


def _mask(key: str) -> str | None:
    if not key:
        return None
    return f"***{key[-SHOWN:]}" if len(key) >= 3 * SHOWN else "***"
