"""The loop of every layer that asks again after a failure: retry, load balancing, resuming and fallback."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import NamedTuple, Protocol

from ralph.core.errors import Failure
from ralph.core.llm.request import Answer, Item, Piece, Restart
from ralph.core.log.events import Event
from ralph.core.log.recording import ModelCall

Open = Callable[[ModelCall], AsyncGenerator[Item, None]]


class NextTry(NamedTuple):
    """The next request after a failure.

    `event` is recorded and `prepare` is awaited before the request, after the earlier items are declared void.
    `goes_on`: the earlier items stay, because the next try continues them.
    """

    call: ModelCall
    event: Event | None = None
    prepare: Callable[[], Awaitable[None]] | None = None
    goes_on: bool = False


class Policy(Protocol):
    """Decides what follows the failures of one call. It lives as long as the call."""

    def observe(self, item: Item) -> None:
        """Note an item of the answer. The item is passed on only after this returns, so this must be fast."""
        ...

    async def after(self, failure: Failure, shown: bool) -> NextTry:
        """Return the next try; raise, mostly this failure, if there is none.

        `shown`: a person has read some of the items, so they cannot be taken back.
        """
        ...


async def reattempt(open_: Open, call: ModelCall, policy: Policy) -> AsyncGenerator[Item, None]:
    """Yield the items of the call, and after a failure the items of the policy's next try."""
    while True:
        came = False
        try:
            async with aclosing(open_(call)) as items:
                async for item in items:
                    came = came or isinstance(item, Piece | Answer)
                    policy.observe(item)
                    yield item
            return
        except Failure as failure:
            following = await policy.after(failure, came and call.request.visible)
        if came and not following.goes_on:
            yield Restart()
        call = following.call
        if following.event:
            call.recorder.emit(following.event)
        if following.prepare:
            await following.prepare()
