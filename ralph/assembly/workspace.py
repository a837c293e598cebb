"""An open workspace on this machine's database: sessions, providers, prices and budgets, wired together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ralph import registry
from ralph.assembly.choices import LocalChoices
from ralph.assembly.discovery import LocalDiscovery
from ralph.assembly.model_names import list_connected, with_lists
from ralph.assembly.run_settings import Flags, RunSettings, caps, find_named_roles, settings
from ralph.assembly.timelines import VERSIONS, LocalTimelines
from ralph.assembly.usage import LocalUsage
from ralph.config import logs, paths
from ralph.config.kept_keys import KeptKeys
from ralph.context.last_turns import LastTurns
from ralph.core.clock import Clock, Ids, SystemClock, random_id
from ralph.core.errors import ConfigFailure
from ralph.core.llm.refs import ModelRef, UnknownName
from ralph.core.llm.request import Request, ToolSpec
from ralph.core.log.listener import NamedListener
from ralph.core.log.recording import Gateway
from ralph.core.masking import Secrets
from ralph.core.ports.discovery import NEIGHBOURS, LocalServer
from ralph.core.ports.face import Asker
from ralph.core.ports.store import TimelineStore
from ralph.core.sanitise import harmless
from ralph.gateway.budget import BudgetGuard
from ralph.gateway.provider_pool import ProviderPool
from ralph.gateway.provider_settings import KnownProviders
from ralph.pipeline.plan import SpeculationPolicy
from ralph.pricing import Prices
from ralph.session.models.directory import ModelDirectory
from ralph.session.models.roles import WrittenNames
from ralph.session.settings import Settings
from ralph.store.sqlite.store import SqliteStore

if TYPE_CHECKING:
    from ralph.assembly.keys import LocalKeys
    from ralph.assembly.machine import LocalMachine
    from ralph.assembly.models import LocalModels
    from ralph.assembly.toolbox import Toolbox
    from ralph.assembly.turn_services import TurnServices
    from ralph.assembly.turn_tools import TurnTools
    from ralph.core.log.events import Note
    from ralph.core.ports.user_input import UserInput
    from ralph.tools.mcp.servers import McpServers


@contextlib.asynccontextmanager
async def workspace(
    flags: Flags,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    ids: Ids = random_id,
    root: Path | None = None,
    neighbours: Sequence[LocalServer] = NEIGHBOURS,
    secrets: Secrets | None = None,
) -> AsyncIterator[LocalWorkspace]:
    """Yield an open workspace, and close it with all its sessions on every path. Raises `Failure`.

    `neighbours` are the servers that `look_around` probes; `secrets` learns the keys of this run.
    """
    environ = os.environ if environ is None else environ
    secrets = secrets or Secrets.of(environ)
    run = settings(flags, environ, secrets)
    clock = clock or SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(logs.stop, logs.start(paths.log_file(environ), secrets, debug=run.config.debug))
        store = await SqliteStore.open(paths.database(environ), clock, secrets)
        stack.push_async_callback(store.close)
        root = root or paths.working_directory()
        made = LocalWorkspace(flags, run, store, clock, ids, environ, root, neighbours, secrets)
        stack.push_async_callback(made.aclose)
        await store.recover(made.prices)
        made.used_models += await store.catalog.models()
        yield made


class LocalWorkspace:
    """All services for a face, on this machine's store.

    A screen is painted before its first turn, so the services that the paint does not need are loaded when a caller
    first reads their property.
    """

    def __init__(
        self,
        flags: Flags,
        run: RunSettings,
        store: TimelineStore,
        clock: Clock,
        ids: Ids,
        environ: Mapping[str, str],
        root: Path,
        neighbours: Sequence[LocalServer] = NEIGHBOURS,
        secrets: Secrets | None = None,
    ) -> None:
        self.flags = flags
        self.config = config = run.config
        self.config_file = run.file
        self._run = run
        self.store = store
        self.clock = clock
        self.root = root
        self.prompts = store.prompts if flags.save else None
        self.asker: Asker | None = None
        self._ids = ids
        self._environ = environ
        self._listening: tuple[NamedListener, ...] | None = None
        self.timelines = LocalTimelines(store, clock, ids, self._settings, self._learn_names, save=flags.save)
        secrets = secrets or Secrets()
        self._kept_keys = KeptKeys(paths.keys_file(environ), secrets)
        self.known = KnownProviders(config, environ, self.timelines.events, self._kept_keys, clock.monotonic)
        self.offer = ProviderPool(self.known, offline=flags.offline, secrets=secrets)
        self.prices = Prices(config.prices, self._is_free, store.prices, self.known.translate_price)
        self.used_models: list[ModelRef] = []  # filled from the ledger before a session is opened
        self._names = list_connected(self.offer, self.prices, self.used_models)
        self._guard = BudgetGuard(caps(config.budget), store.budgets)
        self._policy = LastTurns(config.context.max_turns)
        self._directory = ModelDirectory(
            run.configured.routing.roles,
            self.known,
            WrittenNames(config.aliases, self._names),
            named=find_named_roles(run),
            route_calls=config.pipeline.route_calls,
            chosen=run.chosen.models,
            chooser=lambda: self.answering.chooser,
        )
        self.choices = LocalChoices(paths.state_file(environ), run, save=flags.save)
        self.usage = LocalUsage(store, self._guard, clock, self.timelines.flush)
        self.discovery = LocalDiscovery(run.configured, self.known, clock, paths.choice_file(environ), neighbours)

    @cached_property
    def answering(self) -> TurnServices:
        from ralph.assembly.turn_services import TurnServices

        return TurnServices(
            self.config, self.offer, self.prices, self._guard, self.store, self.clock, lambda: self.asker, self._names
        )

    @cached_property
    def _turn_tools(self) -> TurnTools:
        from ralph.assembly.turn_tools import TurnTools

        run, flags, store, clock = self._run, self.flags, self.store, self.clock
        return TurnTools(run, flags, store.catalog, clock, self._environ, self.root, store.mcp, lambda: self.asker)

    @property
    def tools(self) -> Toolbox:
        return self._turn_tools.box

    @cached_property
    def keys(self) -> LocalKeys:
        from ralph.assembly.keys import LocalKeys

        return LocalKeys(self.offer, self._kept_keys, self.timelines.reconsider, save=self.flags.save)

    @cached_property
    def models(self) -> LocalModels:
        from ralph.assembly.models import LocalModels

        return LocalModels(
            self.config, self.offer, self._directory, self.prices, self.store, self._policy, self.clock, self.choices,
            specs=self._specs, states=self.answering.states, flush=self.timelines.flush,
        )  # fmt: skip

    @cached_property
    def machine(self) -> LocalMachine:
        from ralph.assembly.machine import LocalMachine

        return LocalMachine(
            self.store, self.discovery, self.offer, self._directory, self.models, self._run.file,
            load=self._load, reconsider=self.timelines.reconsider, flush=self.timelines.flush,
            sandbox=self._turn_tools.sandbox, start_tools=self._turn_tools.servers.start,
        )  # fmt: skip

    def _is_free(self, provider: str) -> bool:
        """Return whether a provider is free. A name in an old log may belong to a plugin that is gone."""
        try:
            return self.known.free(provider)
        except ConfigFailure:
            return False

    async def _specs(self) -> Sequence[ToolSpec]:
        return await self._turn_tools.specs()

    async def _learn_names(self) -> None:
        with contextlib.suppress(UnknownName):
            await with_lists(self._directory.resolve, self.offer)

    async def _open_tools(self) -> None:
        await self._turn_tools.sources.open()

    async def _load(self) -> None:
        """Import what the next turn needs, in threads."""
        await asyncio.to_thread(self.answering.load)
        await self._open_tools()
        await asyncio.to_thread(self._listeners)

    def _settings(self, timeline: str) -> Settings:
        config, flags = self.config, self.flags
        return Settings(
            models=self._directory,
            gateway=self._gateway,
            tools=lambda: self._turn_tools.policy(timeline, self.asker),
            context=self._policy,
            clock=self.clock,
            versions=VERSIONS,
            system=flags.system,
            secrets=self.offer.secrets,
            run="" if flags.save else self._ids(),
            speculation=SpeculationPolicy(config.pipeline.speculate, self._quote),
            listeners=self._listeners,
            ready=self._get_ready,
        )

    def _gateway(self) -> Gateway:
        return self.answering.gateway()

    async def _quote(self, ref: ModelRef, request: Request) -> int | None:
        return await self.answering.quote(ref, request)

    @property
    def mcp(self) -> McpServers:
        return self._turn_tools.servers.service

    async def _get_ready(self, asked: UserInput, again: bool) -> tuple[UserInput, tuple[Note, ...]]:
        return await self._turn_tools.get_ready(asked, again, self._may_route_to_servers)

    def _may_route_to_servers(self, question: str) -> bool:
        """Return whether a model may be asked for the route: the rules never choose a tool of a server."""
        mode = self._directory.resolve().route_mode
        if mode != "auto":
            return mode != "rules"
        from ralph import rules

        today = self.clock.now().astimezone().date()
        match = rules.match(question, self.tools.list_offered(), today, talking=False)
        return match is None or not match.complete

    def _listeners(self) -> tuple[NamedListener, ...]:
        """Return listeners of other packages; they are loaded for the first recorded event."""
        if self._listening is None:
            self._listening = tuple(NamedListener(name, one) for name, one in registry.offers_by_name("listeners"))
        return self._listening

    def clean(self, text: str) -> str:
        """Return the text without this run's secrets and without terminal control sequences."""
        return harmless(self.offer.secrets.hide(text))

    @property
    def notices(self) -> tuple[str, ...]:
        """Return notices for the person about the database and their choices."""
        gone = self._directory.list_gone()
        told = (f"your choice {', '.join(gone)} is not available; another model answers; /model reset forgets it",)
        grants = self._turn_tools.grants.notice if paths.grants_file(self._run.file).exists() else ""
        files = filter(None, (self._run.chosen.notice, self._kept_keys.notice, grants))
        return (*self.store.notices, *files, *(told if gone else ()))

    async def aclose(self) -> None:
        """Close every session, then the sources of tools, then every connection."""
        try:
            await self.timelines.aclose()
        finally:
            if "_turn_tools" in self.__dict__:  # else no turn has asked for tools
                await self._turn_tools.sources.aclose()
            await self.offer.aclose()
