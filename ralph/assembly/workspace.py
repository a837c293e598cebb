"""An open workspace on this machine's database: sessions, providers, prices and budgets, wired together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ralph import registry
from ralph.assembly.choices import LocalChoices
from ralph.assembly.discovery import LocalDiscovery
from ralph.assembly.grant_book import GrantBook
from ralph.assembly.keys import LocalKeys
from ralph.assembly.machine import LocalMachine
from ralph.assembly.model_names import list_connected
from ralph.assembly.models import LocalModels
from ralph.assembly.program_sandbox import ProgramSandbox
from ralph.assembly.run_settings import Flags, RunSettings, caps, find_named_roles, settings
from ralph.assembly.server_tools import ServerTools
from ralph.assembly.timelines import VERSIONS, LocalTimelines
from ralph.assembly.tool_sources import ToolSources
from ralph.assembly.toolbox import Toolbox
from ralph.assembly.turn_services import TurnServices
from ralph.assembly.usage import LocalUsage
from ralph.config import logs, paths
from ralph.config.kept_keys import KeptKeys
from ralph.context.last_turns import LastTurns
from ralph.core.clock import Clock, Ids, SystemClock, random_id
from ralph.core.errors import ConfigFailure
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Surroundings
from ralph.core.log.events import Note
from ralph.core.log.listener import NamedListener
from ralph.core.masking import Secrets
from ralph.core.ports.discovery import NEIGHBOURS, LocalServer
from ralph.core.ports.face import Asker
from ralph.core.ports.store import TimelineStore
from ralph.core.ports.tool_source import SourceEnvironment
from ralph.core.ports.user_input import UserInput
from ralph.core.sanitise import harmless
from ralph.gateway.budget import BudgetGuard
from ralph.gateway.provider_pool import ProviderPool
from ralph.gateway.provider_settings import KnownProviders
from ralph.pipeline.plan import SpeculationPolicy, ToolPolicy
from ralph.pricing import Prices
from ralph.session.models.directory import ModelDirectory
from ralph.session.models.roles import WrittenNames
from ralph.session.settings import Settings
from ralph.store.sqlite.store import SqliteStore

if TYPE_CHECKING:
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
    """All services for a face, on this machine's store."""

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
        self._listening: tuple[NamedListener, ...] | None = None
        self.timelines = LocalTimelines(store, clock, ids, self._settings, self._learn_names, save=flags.save)
        secrets = secrets or Secrets()
        self._kept_keys = KeptKeys(paths.keys_file(environ), secrets)
        self.known = KnownProviders(config, environ, self.timelines.events, self._kept_keys, clock.monotonic)
        self.offer = ProviderPool(self.known, offline=flags.offline, secrets=secrets)
        self.keys = LocalKeys(self.offer, self._kept_keys, self.timelines.reconsider, save=flags.save)
        self.prices = Prices(config.prices, self._is_free, store.catalog.last_price, self.known.translate_price)
        self.used_models: list[ModelRef] = []  # filled from the ledger before a session is opened
        names = list_connected(self.offer, self.prices, self.used_models)
        guard = BudgetGuard(caps(config.budget), store.budgets)
        self.answering = TurnServices(config, self.offer, self.prices, guard, store, clock, lambda: self.asker, names)
        env = SourceEnvironment(root, clock, environ)
        self._servers = ServerTools(config.mcp, env, store.mcp, lambda: self.asker, save=flags.save)
        self._tool_sources = ToolSources(env, self._servers.source)
        self.sandbox = ProgramSandbox(config.tools.sandbox, root)
        self._own_files = paths.list_own(environ, run.file)
        self._grants = GrantBook(paths.grants_file(run.file), clock, save=flags.save)
        self.tools = Toolbox(
            run.configured.tools, self._tool_sources, run=flags.tools, chosen=run.chosen.rules, root=root,
            book=self._grants, clock=clock, find_rung=self.sandbox.find_rung,
        )  # fmt: skip
        self._policy = LastTurns(config.context.max_turns)
        self._directory = ModelDirectory(
            run.configured.routing.roles,
            self.known,
            WrittenNames(config.aliases, names),
            named=find_named_roles(run),
            route_calls=config.pipeline.route_calls,
            chosen=run.chosen.models,
            chooser=lambda: self.answering.chooser,
        )
        self.choices = LocalChoices(paths.state_file(environ), run, save=flags.save)
        self.usage = LocalUsage(store, guard, clock, self.timelines.flush)
        self.models = self._make_models()
        self.discovery = LocalDiscovery(run.configured, self.known, clock, paths.choice_file(environ), neighbours)
        self.machine = self._make_machine()

    def _make_models(self) -> LocalModels:
        return LocalModels(
            self.config, self.offer, self._directory, self.prices, self.store, self._policy, self.clock, self.choices,
            specs=self._specs, states=self.answering.states, flush=self.timelines.flush,
        )  # fmt: skip

    def _make_machine(self) -> LocalMachine:
        return LocalMachine(
            self.store, self.discovery, self.offer, self._directory, self.models, self.config_file,
            load=self._load, reconsider=self.timelines.reconsider, flush=self.timelines.flush, sandbox=self.sandbox,
            start_tools=self._servers.start,
        )  # fmt: skip

    def _is_free(self, provider: str) -> bool:
        """Return whether a provider is free. A name in an old log may belong to a plugin that is gone."""
        try:
            return self.known.free(provider)
        except ConfigFailure:
            return False

    async def _learn_names(self) -> None:
        await self.models.learn_names()

    async def _specs(self) -> Sequence[ToolSpec]:
        """Return the tools as a request declares them, always in the same order."""
        await self._tool_sources.open()
        offered = self.tools.list_offered()
        return [offered[name].spec for name in sorted(offered)]

    async def _load(self) -> None:
        """Import what the next turn needs, in threads."""
        await asyncio.to_thread(self.answering.load)
        await self._tool_sources.open()
        await asyncio.to_thread(self._listeners)

    def _settings(self, timeline: str) -> Settings:
        config, flags = self.config, self.flags
        return Settings(
            models=self._directory,
            gateway=self.answering.gateway,
            tools=partial(self._tool_policy, timeline),
            context=self._policy,
            clock=self.clock,
            versions=VERSIONS,
            system=flags.system,
            secrets=self.offer.secrets,
            run="" if flags.save else self._ids(),
            speculation=SpeculationPolicy(config.pipeline.speculate, self.answering.quote),
            listeners=self._listeners,
            ready=self._get_ready,
        )

    def _tool_policy(self, timeline: str) -> ToolPolicy:
        decide, grants = self.tools.for_turn(timeline)
        return ToolPolicy(
            offered=self.tools.list_offered(),
            decide=decide,
            grant=grants.keep,
            around=Surroundings(
                self.root,
                self.clock,
                self.store.catalog,
                timeline,
                self.config.tools.timeout_s,
                self.config.tools.sandbox,
                self._own_files,
            ),
            asker=self.asker,
            news=partial(self.tools.news, timeline),
            max_rounds=self.config.pipeline.max_tool_rounds,
        )

    @property
    def mcp(self) -> McpServers:
        return self._servers.service

    async def _get_ready(self, asked: UserInput, again: bool) -> tuple[UserInput, tuple[Note, ...]]:
        await self._tool_sources.open()
        await self._servers.get_ready(asked.text, self._may_route_to_servers)
        return (asked, ()) if again else await self._servers.gather(asked)

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
        files = filter(None, (self._run.chosen.notice, self._kept_keys.notice, self._grants.notice))
        return (*self.store.notices, *files, *(told if gone else ()))

    async def aclose(self) -> None:
        """Close every session, then the sources of tools, then every connection."""
        try:
            await self.timelines.aclose()
        finally:
            await self._tool_sources.aclose()
            await self.offer.aclose()
