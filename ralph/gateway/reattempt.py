"""The loop of every gateway that asks again after a failure: retry, load balancing, resuming and fallback."""

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
    """What is asked after a failure.

    `event` is recorded and `prepare` awaited before the request, once what came is void. `goes_on`: what came stays,
    because the next try adds to it.
    """

    call: ModelCall
    event: Event | None = None
    prepare: Callable[[], Awaitable[None]] | None = None
    goes_on: bool = False


class Policy(Protocol):
    """What is done about the failures of one call. It lives as long as the call."""

    def observe(self, item: Item) -> None:
        """An item of the answer came. It goes on only after this, so this must be quick."""
        ...

    async def after(self, failure: Failure, shown: bool) -> NextTry:
        """What to ask next; raises, mostly this failure, where nothing is to be asked.

        `shown`: a person has read some of what came, so that it cannot be taken back.
        """
        ...


async def reattempt(open_: Open, call: ModelCall, policy: Policy) -> AsyncGenerator[Item, None]:
    """The items of the call, and after a failure those of whatever the policy asks next."""
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
