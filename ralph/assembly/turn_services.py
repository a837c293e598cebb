"""The gateway and the choice of models, built when the first turn needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ralph.config.settings import Config
from ralph.core.clock import Clock, stamp
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.provider import CountsSlots, Traits
from ralph.core.llm.refs import ModelNames, ModelRef, parse_ref
from ralph.core.llm.request import Request
from ralph.core.log.recording import Gateway
from ralph.core.ports.face import Asker
from ralph.core.ports.store import TimelineStore
from ralph.core.ports.usage_report import BudgetRow
from ralph.gateway.budget import BudgetGuard
from ralph.gateway.provider_pool import ProviderPool
from ralph.pricing import Prices

if TYPE_CHECKING:
    from ralph.gateway.stack import Composed
    from ralph.gateway.waste import ExpectedWaste
    from ralph.session.models.candidates import ModelChooser


class TurnServices:
    """The services of a turn. A start does not wait for them: their modules are imported here and not before."""

    def __init__(
        self,
        config: Config,
        offer: ProviderPool,
        prices: Prices,
        budget: BudgetGuard,
        store: TimelineStore,
        clock: Clock,
        asker: Callable[[], Asker | None],
        names: ModelNames | None = None,
    ) -> None:
        self._config = config
        self._offer = offer
        self._prices = prices
        self._budget = budget
        self._store = store
        self._clock = clock
        self._asker = asker
        self._names = names

    def load(self) -> None:
        """Load everything that the first turn would wait for."""
        from ralph.pipeline import turn  # noqa: F401 - loaded for the session

        _ = self._composed, self.chooser

    def gateway(self) -> Gateway:
        """Return the layers between a step and a provider."""
        return self._composed.gateway

    def states(self) -> Mapping[ModelRef, str]:
        """Return the circuits that are not closed."""
        return self._composed.states()

    async def quote(self, ref: ModelRef, request: Request) -> int | None:
        """Return the expected waste of guessing this answer, in nano-dollars; None if the guess would only wait."""
        return await self._waste.quote(ref, request)

    @cached_property
    def _waste(self) -> ExpectedWaste:
        from ralph.gateway.waste import ExpectedWaste

        return ExpectedWaste(self._offer, self._prices, self._store.speeds.guesses)

    @cached_property
    def _composed(self) -> Composed:
        from ralph.gateway.stack import compose

        return compose(
            self._config, self._offer, self._prices, self._budget, self._clock,
            self._chain, self._store.answers, self._asker,
        )  # fmt: skip

    @cached_property
    def chooser(self) -> ModelChooser:
        """Return the chooser of models that were left to ralph."""
        from ralph.gateway.waste import count_slots
        from ralph.session.models.candidates import KnownModel, ModelChooser
        from ralph.session.models.route_model import ServerFacts

        async def price(provider: str, model: str) -> PriceRow | None:
            return await self._prices.at_hand(provider, model, self._clock.now())

        async def caps(timeline: str) -> Sequence[BudgetRow]:
            lasting = replace(self._budget.caps, turn=None)  # a turn that has not begun has used nothing
            if not lasting.any:
                return ()
            return await self._store.budgets.read_budgets(timeline, 0, stamp(self._clock.now()), lasting)

        offer, pace = self._offer, self._store.speeds.pace
        known = KnownModel(offer.known.spec, offer.recall_models, self._prices.window, price, pace, caps)

        async def traits(ref: ModelRef) -> Traits:
            provider = await offer.get(ref)
            if not isinstance(provider, CountsSlots):
                return provider.traits
            return replace(provider.traits, one_slot=await count_slots(provider) == 1)

        async def table_price(provider: str, model: str) -> PriceRow | None:
            return await asyncio.to_thread(self._prices.row, provider, model, self._clock.now())

        servers = ServerFacts(offer.recall_models, offer.is_unknown, traits, table_price)
        return ModelChooser(known, self._config.context.reserve_tokens, self._config.budget.alert_at, servers)

    def _chain(self, role: str) -> list[ModelRef]:
        """Return the fallbacks of a role, in order."""
        chain = self._config.routing.chain(role)
        known = (*self._offer.known.names, *self._offer.known.plugins) if chain else ()
        return [parse_ref(text, known, self._config.aliases, self._names) for text in chain]
