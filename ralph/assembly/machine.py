"""This machine and this installation: local model servers, checks, and loading ahead."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from ralph.assembly.discovery import LocalDiscovery
from ralph.assembly.program_sandbox import ProgramSandbox
from ralph.core import background
from ralph.core.errors import Failure
from ralph.core.llm.refs import ModelRef
from ralph.core.ports.discovery import Discovery
from ralph.core.ports.rows import Check
from ralph.core.ports.store import TimelineStore
from ralph.core.ports.workspace import ModelService
from ralph.gateway.provider_pool import ProviderPool
from ralph.session.models.directory import ModelDirectory


class LocalMachine:
    """Serves the machine. `load` imports what the next turn needs; `reconsider` informs sessions of a new choice.

    `start_tools` starts the servers of tools, and waits for none.
    """

    def __init__(
        self,
        store: TimelineStore,
        discovery: LocalDiscovery,
        pool: ProviderPool,
        directory: ModelDirectory,
        models: ModelService,
        config_file: Path,
        *,
        load: Callable[[], Awaitable[None]],
        reconsider: Callable[[], None],
        flush: Callable[[], Awaitable[None]],
        sandbox: ProgramSandbox,
        start_tools: Callable[[], None],
    ) -> None:
        self._store = store
        self._discovery = discovery
        self._pool = pool
        self._directory = directory
        self._models = models
        self._config_file = config_file
        self._load = load
        self._reconsider = reconsider
        self._flush = flush
        self._sandbox = sandbox
        self._start_tools = start_tools
        self.last_look: Discovery | None = None

    async def look_around(self) -> Discovery:
        findings = self.last_look = await self._discovery.around()
        self._reconsider()
        if findings.choice:
            await self._warm(connect=True)
        return findings

    async def checks(self, *, live: bool = False) -> tuple[Check, ...]:
        from ralph.assembly.checks import checks

        await self._flush()
        boxes = await asyncio.to_thread(self._sandbox.check)
        found = await checks(self._store, self._models, self._config_file, self._discovery.describe(), live=live)
        return (*found, *boxes)

    def warm(self, *, connect: bool = True) -> asyncio.Task[None]:
        """Load what the next request needs; with `connect`, open its connection, which a single turn does itself."""
        return background.start(self._warm(connect), "loading ahead")

    async def _warm(self, connect: bool) -> None:
        """Warm up without side effects: an error appears when the part is used."""
        await self._load()
        if connect:
            self._start_tools()
        refs: list[ModelRef] = []
        with contextlib.suppress(Failure):
            models = self._directory.resolve()
            refs = [*models.format.each, *models.tool.each, *models.route.each]
        for ref in dict.fromkeys(refs):
            with contextlib.suppress(Failure):
                provider = await self._pool.get(ref)
                if connect or not provider.traits.one_slot:  # warming up a private server would be a request to it
                    await provider.warm()
                if connect:  # the list is free, has the windows, and leaves an open connection in the pool
                    await self._pool.models(ref.provider)
