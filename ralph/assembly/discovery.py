"""Discovery on this machine: found servers become providers, and if no model is named, one is chosen."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from ralph.config import stored_choice as file
from ralph.config.settings import Config
from ralph.core.clock import Clock, local, stamp
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.discovery import NEIGHBOURS, Discovery, FoundModel, LocalServer, StoredChoice, Suggestion, suggest
from ralph.gateway.provider_settings import KnownProviders

log = logging.getLogger("ralph.assembly")


class LocalDiscovery:
    """Uses the stored choice from the start, without any request; `around` looks again."""

    def __init__(
        self,
        config: Config,
        offer: KnownProviders,
        clock: Clock,
        path: Path,
        neighbours: Sequence[LocalServer] = NEIGHBOURS,
    ) -> None:
        self._config = config
        self._offer = offer
        self._clock = clock
        self._path = path
        self._neighbours = neighbours
        stored = file.read(path)
        known = stored and any((n.name, n.kind) == (stored.provider, stored.kind) for n in neighbours)
        self.choice = stored if known else None
        if self.choice and self._free(self.choice.provider):
            self._take(self.choice)

    async def around(self) -> Discovery:
        """Probe the local servers that nobody configured, and choose a model if none was named."""
        from ralph.gateway.local_servers import probe  # late: a start probes nothing

        offer, before = self._offer, self.choice
        connected = tuple(n for n in offer.names if n != "builtin" and offer.is_configured(n))
        taken = {_place(offer.settings(n).base_url) for n in connected}
        asked = [n for n in self._neighbours if self._free(n.name) and _place(n.base_url) not in taken]
        found = await probe(asked)
        self._replace(asked, found)
        if self.is_named():
            return Discovery(connected, found, named=True)
        chosen = suggest(found, before)
        gone = before if before and not (chosen and _same(chosen, before)) else None
        if chosen is None:
            offer.chosen = None
            return Discovery(connected, found, gone=gone)
        return Discovery(connected, found, choice=self._keep(chosen), reason=chosen.reason, gone=gone)

    def describe(self) -> str:
        """Return the stored choice in words; empty if there is none."""
        it = self.choice
        if it is None:
            return ""
        used = (
            "not used, since something else was named" if self.is_named() else "answers, since nothing else was named"
        )
        return f"{it.ref} at {it.base_url}, found {_day(it.at)}; {used}"

    def is_named(self) -> bool:
        """Return whether a model was named: by a flag, a configured role, or a provider with a key or address."""
        routing, offer = self._config.routing, self._offer
        if routing.tool != "auto" or routing.format != "auto":
            return True
        return any(offer.is_configured(n) for n in offer.names if n != "builtin")

    def _free(self, name: str) -> bool:
        """Return whether no provider of this name is configured."""
        offer = self._offer
        return name not in offer.names or not offer.is_configured(name)

    def _replace(self, asked: Sequence[LocalServer], found: Sequence[FoundModel]) -> None:
        """Update the found servers. An earlier choice stays known even if it is gone: a flag may have named it."""
        for neighbour in asked:
            if not self.choice or neighbour.name != self.choice.provider:
                self._offer.lose(neighbour.name)
        for one in found:
            it = one.neighbour
            self._offer.find(it.name, it.kind, it.base_url, _day(stamp(self._clock.now())))

    def _keep(self, chosen: Suggestion) -> StoredChoice:
        """Use this choice from now on; store it if it differs from the one before."""
        it = chosen.found.neighbour
        made = StoredChoice(it.name, chosen.model, it.kind, it.base_url, stamp(self._clock.now()))
        before = self.choice
        if before and _same(chosen, before) and before.base_url == made.base_url:
            made = before
        else:
            try:
                file.write(self._path, made)
            except OSError as error:
                log.warning("the choice could not be stored: %s", error)
        self.choice = made
        self._take(made)
        return made

    def _take(self, choice: StoredChoice) -> None:
        self._offer.find(choice.provider, choice.kind, choice.base_url, _day(choice.at))
        self._offer.chosen = ModelRef(choice.provider, choice.model)


def _same(chosen: Suggestion, before: StoredChoice) -> bool:
    return (chosen.found.neighbour.name, chosen.model) == (before.provider, before.model)


def _place(url: str) -> str:
    """Return host and port, which two addresses of one server have in common."""
    authority = (url.partition("://")[2] or url).partition("/")[0]
    return authority.rpartition("@")[2].replace("localhost", "127.0.0.1")


def _day(at: str) -> str:
    try:
        return local(at)[:10]
    except ValueError:
        return at
