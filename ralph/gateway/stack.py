"""Builds the whole stack before a provider, and explains the order of its layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ralph.config.settings import Config
from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.llm.refs import ModelRef
from ralph.core.log.recording import Gateway
from ralph.core.ports.answer_cache import AnswerCache
from ralph.core.ports.face import Asker
from ralph.gateway.breaker import CircuitBreaker, State
from ralph.gateway.budget import BudgetGuard
from ralph.gateway.cache import ResponseCache
from ralph.gateway.dispatch import Dispatch
from ralph.gateway.fallback import Fallback
from ralph.gateway.limits import RateLimit
from ralph.gateway.load_balance import LoadBalancer
from ralph.gateway.patience import Patiences
from ralph.gateway.provider_pool import ProviderPool
from ralph.gateway.resume import Resume
from ralph.gateway.retry import Retry
from ralph.pricing import Prices


@frozen
class Composed(Data):
    """The gateway, and the states that a face may ask for."""

    gateway: Gateway
    breaker: CircuitBreaker

    def states(self) -> dict[ModelRef, State]:
        """Return the circuits that are not closed."""
        return self.breaker.states()


def compose(
    config: Config,
    providers: ProviderPool,
    prices: Prices,
    budget: BudgetGuard,
    clock: Clock,
    chain: Callable[[str], Sequence[ModelRef]],
    answers: AnswerCache,
    asker: Callable[[], Asker | None],
) -> Composed:
    """Return the stack: optional cache, fallback, resume, retry, load balancing, breaker, limits, and dispatch.

    A try may go to any member of its pool (`load_balance` explains why balancing is inside retry). A retry checks the
    breaker each time, so the try that opens the circuit is the last. A retry also waits for room each time, because it
    is a request. The budget is innermost: a wait reserves nothing.
    """
    sending = Dispatch(providers, prices, budget, clock)
    patiences = Patiences(clock, config.retry.deadline_s)
    limited = RateLimit(sending, config.limits, clock, patiences)
    breaker = CircuitBreaker(limited, clock)
    retrying = Retry(LoadBalancer(breaker, breaker.admits, limited.waits), config.retry, clock, patiences=patiences)

    async def window(ref: ModelRef) -> int | None:
        """Return the window of a ref. A pool has its smallest window, because any member may be asked."""
        known = [await one_window(one) for one in ref.each]
        return min((w for w in known if w), default=None)

    async def one_window(ref: ModelRef) -> int | None:
        try:
            listed = await providers.models(ref.provider)
        except Failure:
            return None
        return next((m.window for m in listed if m.name == ref.model), None)

    resuming = Resume(retrying, config.retry.after_output, asker, clock)
    refusals = config.routing.refusal_falls_back
    gateway: Gateway = Fallback(resuming, chain, window, on_refusal=refusals)
    if config.cache.enabled:
        gateway = ResponseCache(gateway, config.cache, answers, clock, providers.known.list_additions)
    return Composed(gateway, breaker)
