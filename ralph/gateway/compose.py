"""The whole way to a provider, put together: what wraps what, and why in this order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ralph.config.model import Config
from ralph.core.answers import Answers
from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.face import Asker
from ralph.core.recording import Gateway
from ralph.core.refs import ModelRef
from ralph.gateway.breaker import Breaking, State
from ralph.gateway.budget import Budget
from ralph.gateway.cache import Caching
from ralph.gateway.fallback import FallingBack
from ralph.gateway.limits import Limited
from ralph.gateway.open_providers import OpenProviders
from ralph.gateway.patience import Patiences
from ralph.gateway.resume import Resuming
from ralph.gateway.retry import Retrying
from ralph.gateway.rotate import Rotating
from ralph.gateway.sending import Sending
from ralph.pricing import Prices


@frozen
class Composed(Data):
    """The gateway, and what a face may ask of it."""

    gateway: Gateway
    breaker: Breaking
    sending: Sending

    def states(self) -> dict[ModelRef, State]:
        """Circuits that are not closed."""
        return self.breaker.states()


def compose(
    config: Config,
    providers: OpenProviders,
    prices: Prices,
    budget: Budget,
    clock: Clock,
    chain: Callable[[str], Sequence[ModelRef]],
    answers: Answers,
    asker: Callable[[], Asker | None],
) -> Composed:
    """The cache, if it is wanted, around fallback, resuming, retry, rotating, the breaker, the limits, and the sending.

    A try may go to any member of its pool (`rotate` says why rotating is inside retry). A retry looks at the breaker
    each time, so that the try that trips it is the last. It waits for room each time too: a try is a request. The
    budget is innermost: a wait reserves nothing.
    """
    sending = Sending(providers, prices, budget, clock)
    patiences = Patiences(clock, config.retry.deadline_s)
    limited = Limited(sending, config.limits, clock, patiences)
    breaker = Breaking(limited, clock)
    retrying = Retrying(Rotating(breaker, breaker.admits, limited.waits), config.retry, clock, patiences=patiences)

    async def window(ref: ModelRef) -> int | None:
        """That of a pool is its smallest: any member may be asked."""
        known = [await one_window(one) for one in ref.each]
        return min((w for w in known if w), default=None)

    async def one_window(ref: ModelRef) -> int | None:
        try:
            listed = await providers.models(ref.provider)
        except Failure:
            return None
        return next((m.window for m in listed if m.name == ref.model), None)

    resuming = Resuming(retrying, config.retry.after_output, asker)
    refusals = config.routing.refusal_falls_back
    gateway: Gateway = FallingBack(resuming, chain, window, on_refusal=refusals)
    if config.cache.enabled:
        gateway = Caching(gateway, config.cache, answers, clock, providers.added)
    return Composed(gateway, breaker, sending)
