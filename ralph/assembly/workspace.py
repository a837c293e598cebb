"""An open workspace on this machine's database: sessions, providers, prices and budgets, wired together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ralph import __version__, counting, registry
from ralph.assembly.context_windows import ContextWindows
from ralph.assembly.discovery import LocalDiscovery
from ralph.assembly.provider_rows import provider_row
from ralph.assembly.run_settings import Flags, caps, named, settings
from ralph.assembly.toolbox import Toolbox
from ralph.assembly.turn_services import TurnServices
from ralph.config import logs, paths
from ralph.config.settings import Config
from ralph.core import background
from ralph.core.clock import Clock, Ids, SystemClock, random_id, stamp
from ralph.core.errors import ConfigFailure, Failure, Kind, StoreFailure
from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.tool import Surroundings
from ralph.core.log.envelope import Envelope
from ralph.core.log.listener import NamedListener
from ralph.core.masking import Secrets
from ralph.core.ports.budget import nano
from ralph.core.ports.context import ContextReport
from ralph.core.ports.conversation import Conversation  # fmt: skip
from ralph.core.ports.discovery import NEIGHBOURS, Discovery, LocalServer
from ralph.core.ports.face import Asker
from ralph.core.ports.rows import Check, ModelRow, ProviderRow, Rule, Switch, ToolRow  # fmt: skip
from ralph.core.ports.usage_report import CAPS, BudgetRow, CapName, GroupBy, UsageReport
from ralph.core.sanitise import harmless
from ralph.core.timeline.history import conversation as messages_of
from ralph.core.timeline.rows import Glimpse, TimelineRow  # fmt: skip
from ralph.gateway.budget import BudgetGuard
from ralph.gateway.provider_pool import ProviderPool
from ralph.pricing import Prices
from ralph.session.forking import opening, renaming
from ralph.session.models.resume import resume_models
from ralph.session.models.roles import resolve
from ralph.session.session import Session, Settings
from ralph.store.log import Tail
from ralph.store.store import Store

# A provider that does not answer its list within this time is not known to list anything.
LIST_S = 5.0

# What only a command needs is imported where it is done: a start is shorter by it.

VERSIONS: Mapping[str, str] = {"ralph": __version__}


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
    """An open workspace, closed with all its sessions on every path. Raises `Failure`.

    `neighbours` are the servers that `look_around` looks for; `secrets` learns what this run must not tell.
    """
    environ = os.environ if environ is None else environ
    secrets = secrets or Secrets.of(environ)
    config, file = settings(flags, environ, secrets)
    clock = clock or SystemClock()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(logs.stop, logs.start(paths.log_file(environ), secrets, debug=config.debug))
        store = await Store.open(paths.database(environ), clock, secrets)
        stack.push_async_callback(store.close)
        root = root or paths.working_directory()
        made = LocalWorkspace(flags, config, store, clock, ids, environ, root, file, neighbours, secrets)
        stack.push_async_callback(made.aclose)
        await store.recover(made.prices)
        yield made


class LocalWorkspace:
    """Everything that a face may ask for, on this machine's database."""

    def __init__(
        self,
        flags: Flags,
        config: Config,
        store: Store,
        clock: Clock,
        ids: Ids,
        environ: Mapping[str, str],
        root: Path,
        config_file: Path,
        neighbours: Sequence[LocalServer] = NEIGHBOURS,
        secrets: Secrets | None = None,
    ) -> None:
        self.flags = flags
        self.config = config
        self.config_file = config_file
        self.store = store
        self.clock = clock
        self.asker: Asker | None = None
        self.offer = ProviderPool(config, environ, offline=flags.offline, recorded=self._stream_of, secrets=secrets)
        self.looking = LocalDiscovery(config, self.offer, clock, paths.choice_file(environ), neighbours)
        self.prices = Prices(config.prices, self._is_free, store.reading.last_price)
        self._ids = ids
        self._roles_named = named(flags, environ)
        self._toolbox = Toolbox(config.tools, yes=flags.yes)
        self.root = root
        self.prompts = store.prompts if flags.save else None
        self._budget = BudgetGuard(caps(config, flags), store.funds)
        self.answering = TurnServices(config, self.offer, self.prices, self._budget, store, clock, lambda: self.asker)
        self._sessions: list[Session] = []
        self._listening: tuple[NamedListener, ...] | None = None
        self._windows = ContextWindows(self.offer, self.prices, clock.now)

    def _is_free(self, provider: str) -> bool:
        """A name in an old log may be of a plugin that is gone."""
        try:
            return self.offer.free(provider)
        except ConfigFailure:
            return False

    async def open(self, timeline: str | None = None, *, turns: int | None = None) -> Session:
        """A new session (None), or one on a saved timeline by id, unique prefix or `last`."""
        if timeline is None:
            name = self._ids()
        else:
            name = await self.store.reading.resolve(timeline)
        if self.flags.save and self.store.read_only:
            raise StoreFailure(f"nothing can be saved: {self.store.read_only}; --no-save asks without saving")
        tail = Tail([], ())
        lock = self.store.lock(name)
        try:
            if timeline is not None:
                tail = await self.store.log.tail(name, turns or max(1, self.config.context.max_turns))
            earlier = partial(self.store.log.earlier, tail) if tail.before else None
            held = (self.store.log.append, lock, tail.envelopes, earlier, tail.changes)
            session = Session(name, self._settings(name), *held)
        except BaseException:
            lock.release()
            raise
        self._sessions = [*(s for s in self._sessions if not s.closed), session]
        return session

    def _settings(self, timeline: str) -> Settings:
        config, flags = self.config, self.flags
        around = Surroundings(self.root, self.clock, self.store.reading, timeline)
        models = partial(resolve, offer=self.offer, aliases=config.aliases)
        return Settings(
            routing=config.routing,
            resolve=models,
            gateway=self.answering.gateway,
            tools=self._toolbox.offered,
            decide=self._toolbox.decide,
            around=around,
            clock=self.clock,
            versions=VERSIONS,
            system=flags.system,
            max_rounds=config.pipeline.max_tool_rounds,
            max_turns=config.context.max_turns,
            secrets=self.offer.secrets,
            run="" if flags.save else self._ids(),
            asker=self.asker,
            speculate=config.pipeline.speculate,
            quote=self.answering.quote,
            choose=self.answering.choose,
            listeners=self._listeners,
            resume=partial(resume_models, resolve=models, providers=self.offer, named=self._roles_named),
        )

    def _listeners(self) -> tuple[NamedListener, ...]:
        """Of other packages; loaded for the first event that is recorded."""
        if self._listening is None:
            self._listening = tuple(NamedListener(name, one) for name, one in registry.offers_by_name("listeners"))
        return self._listening

    async def resolve(self, timeline: str) -> str:
        return await self.store.reading.resolve(timeline)

    @property
    def told(self) -> tuple[str, ...]:
        """What a person should know of the database before anything else."""
        return self.store.told

    async def timelines(self, search: str = "") -> tuple[TimelineRow, ...]:
        return await self.store.reading.timelines(search)

    async def recorded(self, timeline: str) -> Sequence[Envelope]:
        await self._stored()
        return await self._stream_of(timeline)

    async def _stream_of(self, timeline: str) -> Sequence[Envelope]:
        return await self.store.log.events(await self.store.reading.resolve(timeline))

    async def fork(self, timeline: str, turn: int | None = None, title: str = "") -> str:
        """A new timeline that shares this one's turns 1 to `turn`; returns its id."""
        if not self.flags.save:
            raise Failure(Kind.USAGE, "with --no-save nothing is kept, so there is nothing to fork")
        await self._stored()
        parent = await self.store.reading.resolve(timeline)
        past = await self.store.log.events(parent, deltas=False)
        first = opening(self._ids(), parent, past, turn, self.clock, VERSIONS, title)
        await self.store.log.append([first])
        return first.timeline

    def model(self, text: str) -> str:
        found = str(self._named(text))
        return found if found.partition(":")[2] else text.strip()  # the server's list is asked when it is used

    def _named(self, text: str) -> ModelRef:
        return resolve(replace(self.config.routing, format=text), self.offer, self.config.aliases).format

    async def check(self, conversation: Conversation, ref: str) -> Switch:
        """The conversation's own parts as they are; of the model what its provider and the price table tell."""
        from ralph.session.model_switch import Newcomer, switch

        found = self._named(ref)
        turns = conversation.timeline().sent(self.config.context.max_turns)
        blocked = await self._blocked(found)
        if not turns:
            return Switch(str(found), lost=blocked)
        info = await self._info(found)
        price = await asyncio.to_thread(self.prices.row, found.provider, found.model, self.clock.now())
        window = (info.window if info else None) or self.prices.window(found.provider, found.model)
        newcomer = Newcomer(found, window, info.tools if info else None, price)
        specs = [tool.spec for tool in self._toolbox.offered().values()]
        room = self.config.context.reserve_tokens
        report = switch(turns, conversation.roles, newcomer, system=conversation.system, specs=specs, room=room)
        return replace(report, lost=(*blocked, *report.lost))

    async def _blocked(self, ref: ModelRef) -> tuple[str, ...]:
        """Why it could not be asked at all: it has no key, or is not on this machine."""
        try:
            for one in ref.each:
                await self.offer.get(one)
        except Failure as failure:
            return (f"It cannot answer yet: {failure.message}.",)
        return ()

    async def _info(self, ref: ModelRef) -> ModelInfo | None:
        """What the provider lists of this model; None where it cannot be asked soon, or does not know it."""
        try:
            async with asyncio.timeout(LIST_S):
                listed = self.offer.listed(ref.provider) or await self.models(ref.provider)
        except (Failure, TimeoutError):
            return None
        return next((m for m in listed if m.name == ref.model), None)

    async def preview(self, timeline: str, last: int = 6) -> tuple[Glimpse, ...]:
        return await self.store.reading.preview(await self.store.reading.resolve(timeline), last)

    async def forks(self, timeline: str) -> tuple[str, ...]:
        return tuple(await self.store.reading.forks_of(timeline))

    async def rename(self, timeline: str, title: str) -> None:
        """An open one is renamed by its session, which alone may number its events."""
        name = await self.store.reading.resolve(timeline)
        here = next((s for s in self._sessions if s.id == name and not s.closed), None)
        if here:
            here.change(title=title)
            await here.stored()
            return
        lock = self.store.lock(name)
        try:
            await self.store.log.append([renaming(name, await self.store.log.events(name), title, self.clock)])
        finally:
            lock.release()

    async def delete(self, timeline: str, *, with_forks: bool = False) -> tuple[str, ...]:
        name = await self.store.reading.resolve(timeline)
        return tuple(await self.store.remove(name, with_forks=with_forks))

    async def offered(self, provider: str) -> tuple[ModelRow, ...]:
        from ralph.assembly.model_rows import model_rows

        return await model_rows(self.offer, self.prices, self.store.paces, provider, self.clock.now())

    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        return {k: (v,) if isinstance(v, str) else v for k, v in self.config.aliases.items()}

    def providers(self) -> tuple[ProviderRow, ...]:
        """Every provider that can be named, in the order in which `auto` looks at them."""
        models = resolve(self.config.routing, self.offer, self.config.aliases)
        names = sorted(self.offer.names, key=lambda n: (self.offer.spec(n).order, n))
        return tuple(provider_row(self.offer, name, models, self.answering.states()) for name in names)

    async def models(self, provider: str) -> tuple[ModelInfo, ...]:
        return await self.offer.models(provider)

    async def usage(self, by: GroupBy) -> UsageReport:
        await self._stored()
        return await self.store.ledger.account(by)

    async def budget(self, timeline: str = "", turn: int = 0) -> tuple[BudgetRow, ...]:
        await self._stored()
        return await self.store.funds.used(timeline, turn, stamp(self.clock.now()), self._budget.caps)

    async def _stored(self) -> None:
        """A turn that has just ended may still be on its way to the ledger."""
        for session in [s for s in self._sessions if not s.closed]:
            with contextlib.suppress(Failure):  # what could not be stored is told by the session itself
                await session.stored()

    def set_budget(self, name: CapName, usd: float | None) -> None:
        if name not in CAPS:
            raise Failure(Kind.USAGE, f"there is no budget '{name}'; there are {', '.join(CAPS)}")
        if usd is not None and not 0 <= usd < float("inf"):
            raise Failure(Kind.USAGE, f"a budget is an amount of US dollars from 0 on, not {usd}")
        self._budget.cap(name, nano(usd))

    def tools(self) -> tuple[ToolRow, ...]:
        return self._toolbox.rows()

    def rule(self, pattern: str, rule: Rule) -> None:
        self._toolbox.rule(pattern, rule)

    def clean(self, text: str) -> str:
        return harmless(self.offer.secrets.hide(text))

    async def recent(self) -> tuple[str, ...]:
        await self._stored()
        return await self.store.reading.recent()

    async def checks(self, *, live: bool = False) -> tuple[Check, ...]:
        from ralph.assembly.checks import checks

        await self._stored()
        return await checks(self.store, self, self.config_file, self.looking.told(), live=live)

    async def filled(self, conversation: Conversation) -> float | None:
        window = await self._windows.of(conversation.roles.get("format", ""))
        turns = conversation.timeline().sent(self.config.context.max_turns)
        return counting.estimate_messages(messages_of(turns)) / window if window else None

    async def context(self, conversation: Conversation) -> ContextReport:
        from ralph.session.context_report import weigh

        ref, config = conversation.roles.get("format", ""), self.config.context
        window, source = await self._windows.told(ref, table=True)
        offered = await asyncio.to_thread(self._toolbox.offered)
        return weigh(
            conversation.timeline(),
            model=ref,
            window=window,
            source=source,
            system=conversation.system,
            specs=[offered[name].spec for name in sorted(offered)],
            reserve=config.reserve_tokens,
            max_turns=config.max_turns,
        )

    async def look_around(self) -> Discovery:
        findings = await self.looking.around()
        for session in self._sessions:
            session.reconsider()
        if findings.choice:
            await self._warm(connect=True)
        return findings

    def warm(self, *, connect: bool = True) -> asyncio.Task[None]:
        """Load what the next request needs; with `connect` open its connection too, which a single turn does itself."""
        return background.start(self._warm(connect), "loading ahead")

    async def _warm(self, connect: bool) -> None:
        """Nothing of this may disturb: what is wrong shows when it is used."""
        await asyncio.to_thread(self.answering.load)
        await asyncio.to_thread(self._toolbox.offered)
        await asyncio.to_thread(self._listeners)
        refs: list[ModelRef] = []
        with contextlib.suppress(Failure):
            models = resolve(self.config.routing, self.offer, self.config.aliases)
            refs = [*models.format.each, *models.tool.each, *models.route.each]
        for ref in dict.fromkeys(refs):
            with contextlib.suppress(Failure):
                provider = await self.offer.get(ref)
                if connect or not provider.traits.one_slot:  # to warm a server of one's own is a request to it
                    await provider.warm()
                if connect:  # the list costs nothing, tells the windows, and leaves a connection open in the pool
                    await self.offer.models(ref.provider)

    async def aclose(self) -> None:
        """Close every session, then every connection."""
        try:
            for session in self._sessions:
                await session.close()
        finally:
            await self.offer.aclose()
