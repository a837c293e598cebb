"""What answers a turn: the way to a provider and the choice of models, put together when the first turn needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ralph.config.model import Config
from ralph.core.accounts import CapRow
from ralph.core.clock import Clock, stamp
from ralph.core.face import Asker
from ralph.core.prices import PriceRow
from ralph.core.provider import Request
from ralph.core.recording import Gateway
from ralph.core.refs import ModelRef, parse_ref
from ralph.gateway.budget import Budget
from ralph.gateway.open_providers import OpenProviders
from ralph.pipeline.plan import Models, Plan
from ralph.pricing import Prices
from ralph.store.store import Store

if TYPE_CHECKING:
    from ralph.gateway.compose import Composed
    from ralph.session.choosing import Choosing


class Answering:
    """A start does not wait for it: its rooms, and those of the pipeline, are imported here and not before."""

    def __init__(
        self,
        config: Config,
        offer: OpenProviders,
        prices: Prices,
        budget: Budget,
        store: Store,
        clock: Clock,
        asker: Callable[[], Asker | None],
    ) -> None:
        self._config = config
        self._offer = offer
        self._prices = prices
        self._budget = budget
        self._store = store
        self._clock = clock
        self._asker = asker

    def load(self) -> None:
        """All that the first turn would have to wait for."""
        from ralph.pipeline import turn  # noqa: F401 - loaded for the session

        _ = self._composed, self._choosing

    def gateway(self) -> Gateway:
        """What stands between a step and a provider."""
        return self._composed.gateway

    def states(self) -> Mapping[ModelRef, str]:
        """Circuits that are not closed."""
        return self._composed.states()

    async def quote(self, ref: ModelRef, request: Request) -> int | None:
        """What a request that is thrown away would cost, in nano-dollars; None: not known."""
        return await self._composed.sending.quote(ref, request)

    async def choose(self, plan: Plan, timeline: str) -> Models:
        """The models of this turn, with those chosen that were left to us."""
        return await self._choosing.models(plan, timeline)

    @cached_property
    def _composed(self) -> Composed:
        from ralph.gateway.compose import compose

        return compose(
            self._config, self._offer, self._prices, self._budget, self._clock,
            self._chain, self._store.answers, self._asker,
        )  # fmt: skip

    @cached_property
    def _choosing(self) -> Choosing:
        from ralph.session.choosing import Choosing, Known

        async def price(provider: str, model: str) -> PriceRow | None:
            return await self._prices.at_hand(provider, model, self._clock.now())

        async def caps(timeline: str) -> Sequence[CapRow]:
            lasting = replace(self._budget.caps, turn=None)  # of a turn that has not begun nothing is used
            if not lasting.any:
                return ()
            return await self._store.funds.used(timeline, 0, stamp(self._clock.now()), lasting)

        offer, pace = self._offer, self._store.paces.pace
        known = Known(offer.spec, offer.listed, self._prices.window, price, pace, caps)
        return Choosing(known, self._config.context.reserve_tokens, self._config.budget.alert_at)

    def _chain(self, role: str) -> list[ModelRef]:
        """The fallbacks of a role, in order."""
        chain = self._config.routing.chain(role)
        known = (*self._offer.names, *self._offer.plugins) if chain else ()
        return [parse_ref(text, known, self._config.aliases) for text in chain]
