"""The format request that runs in parallel with route: its text is held until the decision wants no tool."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import replace
from types import TracebackType
from typing import Any

from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.errors import Failure, Kind
from ralph.core.llm.request import Answer, Piece, Request, Restart
from ralph.pipeline.ask import ask
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.plan import Run, TurnPlan

# `tools` comes first in the decision, so it is known after some four tokens.
_EARLY = re.compile(r'^\s*\{\s*"tools"\s*:\s*\[\s*(\]|")')
# Failures that the gateway retries.
MAY_PASS = frozenset((
    Kind.RATE_LIMIT, Kind.OVERLOADED, Kind.SERVER, Kind.NETWORK, Kind.TRUNCATED, Kind.TIMEOUT
))  # fmt: skip
# Failures of a key or an account, which no parallel request to the provider avoids.
OF_ACCOUNT = frozenset((Kind.AUTH, Kind.BILLING, Kind.QUOTA))
# The most expected waste of a guess, in nano-dollars: a tenth of a cent.
MAX_WASTE = 1_000_000


async def should_speculate(plan: TurnPlan, request: Request) -> bool:
    """Return whether to start the answer while a model decides: not if the expected waste is too high."""
    if plan.speculation.mode != "auto" or plan.speculation.quote is None:
        return plan.speculation.mode == "on"
    waste = await plan.speculation.quote(plan.models.format, request)
    return waste is not None and waste < MAX_WASTE


class Speculation:
    """A running guess, as an async context manager: at its end the request has ended in any case."""

    def __init__(self, block: OpenBlock, run: Run, request: Request) -> None:
        self._block = block
        self._run = run
        self._request = request
        self._held: list[Piece | Restart] = []
        self._shown = False
        self._heard = ""
        self._task: asyncio.Task[Answer] | None = None
        self._refused = False

    async def __aenter__(self) -> Speculation:
        asking = ask(self._run.plan.models.format, self._request, self._block, self._run, self._take)
        self._task = background.start(asking, "speculation")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            await cancel_and_wait([self._task])

    def on_text(self, text: str) -> None:
        """Take a piece of the decision; as soon as the decision wants no tool, the held text is shown."""
        if self._shown:
            return
        self._heard += text
        found = _EARLY.match(self._heard)
        if found and found[1] == "]":
            self._show()

    def on_restart(self) -> None:
        """Forget the decision so far, because it begins again."""
        self._heard = ""

    async def beside(self, asking: Coroutine[Any, Any, Answer], block: OpenBlock) -> Answer:
        """Await the request of the decision, which runs in `block`. Raises its `Failure`.

        If the provider refuses the key or the account in one of the two requests, the other one ends with it.
        """
        models = self._run.plan.models
        same = {one.provider for one in models.route.each} == {one.provider for one in models.format.each}
        guess, deciding = self._task, background.start(asking, "a decision")
        try:
            if guess and same:
                await asyncio.wait([guess, deciding], return_when=asyncio.FIRST_COMPLETED)
                if not deciding.done() and (refusal := _find_refusal(guess)):
                    await _end(deciding, block, refusal)
                    raise refusal
                if not guess.done() and not self._held and (refusal := _find_refusal(deciding)):
                    self._refused = True
                    await _end(guess, self._block, refusal)
            return await deciding
        finally:
            await cancel_and_wait([deciding])

    async def finish(self) -> None:
        """Finish the answer, because the decision wants no tool. Raises the guess's `Failure`.

        A guess is tried once. If it failed temporarily and before any text, the request is sent again. After a refusal
        of the decision's request only a fallback is asked.
        """
        self._show()
        try:
            if self._task and not self._refused:
                await self._task
                return
        except Failure as failure:
            if failure.kind not in MAY_PASS or self._block.text or self._block.thinking:
                raise
        again = replace(self._request, speculative=False)
        await ask(self._run.plan.models.format, again, self._block, self._run)

    async def discard(self) -> None:
        """Stop the request, because the decision wants tools; it is billed to its block, and its text is dropped."""
        self._block.discarding = True
        try:
            if self._task:
                await cancel_and_wait([self._task])
        finally:
            self._block.discarding = False
        if self._shown:  # the decision began with no tools but ended with some
            self._block.restart()

    def _show(self) -> None:
        if self._shown:
            return
        self._shown = True
        self._block.release()
        held, self._held = self._held, []
        for item in held:
            self._put(item)

    def _take(self, item: Piece | Restart) -> None:
        if self._shown:
            self._put(item)
        else:
            self._held.append(item)

    def _put(self, item: Piece | Restart) -> None:
        if isinstance(item, Piece):
            self._block.put(item.channel, item.text)
        else:
            self._block.restart()


def _find_refusal(task: asyncio.Task[Answer]) -> Failure | None:
    """Return the failure of an ended request if the key or the account was refused."""
    error = task.exception() if task.done() and not task.cancelled() else None
    return error if isinstance(error, Failure) and error.kind in OF_ACCOUNT and error.rejected else None


async def _end(task: asyncio.Task[Answer], block: OpenBlock, refusal: Failure) -> None:
    """Cancel a request. If its provider has not responded yet, the same failure is recorded for it."""
    block.refusal = refusal
    try:
        await cancel_and_wait([task])
    finally:
        block.refusal = None
