"""Providers and models for a face: lists, the effects of a switch, and the size of a request."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from ralph import counting
from ralph.assembly.choices import LocalChoices
from ralph.assembly.context_windows import ContextWindows
from ralph.assembly.model_names import LIST_S, with_lists
from ralph.assembly.provider_rows import provider_row
from ralph.config.settings import Config
from ralph.core.clock import Clock
from ralph.core.errors import Failure, Kind
from ralph.core.llm.provider import ModelInfo, PullsModels
from ralph.core.llm.refs import ModelRef, UnknownName
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.routing import Routing
from ralph.core.ports.context import ContextPolicy, ContextReport
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.rows import ModelRow, ProviderRow, Switch
from ralph.core.ports.store import TimelineStore
from ralph.core.timeline.history import conversation as messages_of
from ralph.gateway.provider_pool import ProviderPool
from ralph.pricing import Prices
from ralph.session.models.directory import ModelDirectory


class LocalModels:
    """Asks the provider pool, the price table and the ledger. `specs` are the tools that a request declares."""

    def __init__(
        self,
        config: Config,
        pool: ProviderPool,
        directory: ModelDirectory,
        prices: Prices,
        store: TimelineStore,
        policy: ContextPolicy,
        clock: Clock,
        choices: LocalChoices,
        *,
        specs: Callable[[], Awaitable[Sequence[ToolSpec]]],
        states: Callable[[], Mapping[ModelRef, str]],
        flush: Callable[[], Awaitable[None]],
    ) -> None:
        self._config = config
        self._pool = pool
        self._directory = directory
        self._prices = prices
        self._store = store
        self._policy = policy
        self._clock = clock
        self._choices = choices
        self._specs = specs
        self._states = states
        self._flush = flush
        self._windows = ContextWindows(pool, prices, clock.now)

    def ref(self, text: str) -> str:
        found = self._directory.ref(text)
        if found.model and found.each == (found,):
            return str(found)
        return text.strip()  # the server's list is checked when the ref is used

    async def find_ref(self, text: str) -> str:
        return await with_lists(lambda: self.ref(text), self._pool)

    async def learn_names(self) -> None:
        with contextlib.suppress(UnknownName):
            await with_lists(self._directory.resolve, self._pool)

    async def keep(self, ref: str, roles: Sequence[str]) -> str | None:
        if not self._choices.lasting:
            return None
        self._directory.keep(ref, roles)
        return await self._choices.keep({f"routing.{role}": ref for role in roles})

    async def reset(self, roles: Sequence[str]) -> str:
        self._directory.forget(roles)
        return await self._choices.forget(*(f"routing.{role}" for role in roles))

    def routing(self) -> Routing:
        return self._directory.routing

    async def check(self, conversation: Conversation, ref: str) -> Switch:
        """Return the effects of a switch, from the conversation, the model's provider and the price table."""
        from ralph.session.model_switch import Newcomer, switch

        found = self._directory.ref(ref)
        turns = self._policy.turns(conversation.timeline())
        blocked = await self._list_obstacles(found)
        if not turns:
            return Switch(str(found), lost=blocked)
        info = await self._info(found)
        price = await asyncio.to_thread(self._prices.row, found.provider, found.model, self._clock.now())
        window = (info.window if info else None) or self._prices.window(found.provider, found.model)
        newcomer = Newcomer(found, window, info.tools if info else None, price)
        room = self._config.context.reserve_tokens
        specs = await self._specs()
        report = switch(turns, conversation.roles, newcomer, system=conversation.system, specs=specs, room=room)
        return replace(report, lost=(*blocked, *report.lost))

    async def _list_obstacles(self, ref: ModelRef) -> tuple[str, ...]:
        """Return why the model cannot be asked at all: it has no key, or is not on this machine."""
        try:
            for one in ref.each:
                await self._pool.get(one)
        except Failure as failure:
            return (f"It cannot answer yet: {failure.message}.",)
        return ()

    async def _info(self, ref: ModelRef) -> ModelInfo | None:
        """Return the provider's entry of this model; None if the provider is slow, unreachable or does not know it."""
        try:
            async with asyncio.timeout(LIST_S):
                listed = self._pool.recall_models(ref.provider) or await self.list_models(ref.provider)
        except (Failure, TimeoutError):
            return None
        return next((m for m in listed if m.name == ref.model), None)

    def providers(self) -> tuple[ProviderRow, ...]:
        models = self._directory.resolve()
        known = self._pool.known
        names = sorted(known.names, key=lambda n: (known.spec(n).order, n))
        return tuple(provider_row(known, name, models, self._states()) for name in names)

    async def list_models(self, provider: str) -> tuple[ModelInfo, ...]:
        return await self._pool.models(provider)

    async def find_puller(self, ref: str) -> tuple[PullsModels, ModelRef]:
        found = self._directory.ref(ref)
        provider = await self._pool.get(found)
        if not isinstance(provider, PullsModels):
            raise Failure(Kind.USAGE, f"{found.provider} downloads no models; local and ollama do")
        if not found.model:
            raise Failure(Kind.USAGE, f"name a model: {found.provider}:MODEL")
        return provider, found

    async def list_rows(self, provider: str) -> tuple[ModelRow, ...]:
        from ralph.assembly.model_rows import model_rows

        return await model_rows(self._pool, self._prices, self._store.speeds, provider, self._clock.now())

    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        return {k: (v,) if isinstance(v, str) else v for k, v in self._config.aliases.items()}

    async def recent(self) -> tuple[str, ...]:
        await self._flush()
        return await self._store.catalog.recent()

    async def context(self, conversation: Conversation) -> ContextReport:
        from ralph.context.report import weigh

        ref, config = conversation.roles.get("format", ""), self._config.context
        window, source = await self._windows.find_window(ref)
        return weigh(
            conversation.timeline(),
            model=ref,
            window=window,
            source=source,
            system=conversation.system,
            specs=await self._specs(),
            reserve=config.reserve_tokens,
            max_turns=config.max_turns,
            policy=self._policy,
        )

    async def estimate_fill(self, conversation: Conversation) -> float | None:
        window, _ = await self._windows.find_window(conversation.roles.get("format", ""))
        turns = self._policy.turns(conversation.timeline())
        return counting.estimate_messages(messages_of(turns)) / window if window else None
