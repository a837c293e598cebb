"""The costs and the share of the context window, for the top line."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Protocol

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.llm.usage import Cost, dollars
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.usage_report import BudgetRow
from ralph.core.ports.workspace import Workspace
from ralph.tui.controllers.ports import Work
from ralph.tui.formatting import is_known

log = logging.getLogger("ralph.tui")

# Seconds to wait for a provider to tell the sizes of its windows. Then they are left out.
PATIENCE_S = 8.0
UNKNOWN = "?"
# The text for an amount of which no part is known.
NOTHING_KNOWN = "cost ? · /usage"


@frozen
class SpendingSnapshot(Data):
    """The costs and the share of the window at one moment.

    `filled` is the share of the window (0 to 1), measured for the timeline and model in `place`. `today` and `spent`
    are sums of the ledger; `spent` is the sum of the timeline `timeline`.
    """

    today: str = ""
    timeline: str = ""
    spent: str = ""
    place: str = ""
    filled: float | None = None

    def context(self, conversation: Conversation) -> str:
        """Return `ctx 4%`, or "" if the window is unknown or was measured for another model or timeline."""
        if self.filled is None or self.place != place(conversation):
            return ""
        return "ctx <1%" if self.filled < 0.005 else f"ctx {self.filled:.0%}"

    def count(self, timeline: str, rows: tuple[BudgetRow, ...]) -> SpendingSnapshot:
        """Return a snapshot with the costs of the day and of the timeline."""
        spent = next((r.spent for r in rows if r.name == "timeline"), None)
        return replace(self, today=today(rows), timeline=timeline, spent=_of_timeline(spent) if spent else "")

    def of(self, timeline: str) -> str:
        """Return `timeline $1.20`, or "" if no request of the timeline has used anything."""
        return self.spent if self.timeline == timeline else ""

    def figures(self, conversation: Conversation) -> tuple[str, ...]:
        """Return the share of the window, the costs of the timeline and of the day. Unknown costs are said once."""
        spent = self.of(conversation.id)
        today = "" if spent == NOTHING_KNOWN and self.today == f"today {UNKNOWN}" else self.today
        return (self.context(conversation), spent, today)


class SpendingState(Protocol):
    """The holder of the latest snapshot and its conversation."""

    @property
    def conversation(self) -> Conversation: ...

    @property
    def spending(self) -> SpendingSnapshot: ...

    def set_spending(self, spending: SpendingSnapshot) -> None: ...


class SpendingReader:
    """A reader of the ledger. It reads after a request, turn, command or foreign write, and never for a frame."""

    def __init__(self, workspace: Workspace, state: SpendingState, work: Work) -> None:
        self._workspace = workspace
        self._state = state
        self._work = work
        self._version: int | None = None
        self._reading = self._again = False

    async def read(self) -> None:
        """Read the costs of the day and of the open timeline."""
        conversation = self._state.conversation
        rows = await self._money(conversation)
        if conversation is self._state.conversation:
            self._state.set_spending(self._state.spending.count(conversation.id, rows))

    def refresh(self) -> None:
        """Read the costs in the background. Calls during a read cause one more read at its end."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._work(self._refresh)

    async def _refresh(self) -> None:
        try:
            await self.read()
        finally:
            self._reading = False
        if self._again:
            self._again = False
            self.refresh()

    def look(self) -> None:
        """Read the costs if another process has written to the database since the last look."""
        if not self._reading:
            self._reading = True
            self._work(self._look)

    async def _look(self) -> None:
        version = self._version
        try:
            version = await self._workspace.usage.version()
        except Failure as failure:  # the reader that needs the ledger reports the failure
            log.debug("the ledger's version could not be read: %s", failure)
        finally:
            self._reading = False
        if version != self._version or self._again:
            self._version, self._again = version, False
            self.refresh()

    async def read_all(self) -> None:
        """Read the costs and the share of the window."""
        await self.read()
        await self._measure()

    async def read_more(self) -> None:
        """Read the costs, and the share of the window if the timeline or the model is another one than measured."""
        await self.read()
        await self.measure_again()

    async def measure_again(self) -> None:
        """Measure the share of the window if it was measured for another timeline or model. No turn fills nothing."""
        conversation = self._state.conversation
        if conversation.timeline().turns and place(conversation) != self._state.spending.place:
            await self._measure()

    async def _measure(self) -> None:
        conversation = self._state.conversation
        measured, share = place(conversation), await self._measure_fill(conversation)
        if measured == place(self._state.conversation):
            self._state.set_spending(replace(self._state.spending, place=measured, filled=share))

    async def _money(self, conversation: Conversation) -> tuple[BudgetRow, ...]:
        """Return the rows of the budgets, or nothing if they cannot be read."""
        try:
            return await self._workspace.usage.budgets(conversation.id, conversation.timeline().last_turn)
        except Failure as failure:
            log.warning("the costs could not be read: %s", failure)
            return ()

    async def _measure_fill(self, conversation: Conversation) -> float | None:
        """Return the share of the window that is full, or None if the provider does not tell in time."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._workspace.models.estimate_fill(conversation)
        except (Failure, TimeoutError) as failure:
            log.warning("the size of the window could not be read: %s", failure)
            return None


def _of_timeline(spent: Cost) -> str:
    return f"timeline {dollars(spent)}" if is_known(spent) else NOTHING_KNOWN


def today(rows: tuple[BudgetRow, ...]) -> str:
    """Return `today $1.20/$5`, or "" on a day without a request or a cap."""
    row = next((r for r in rows if r.name == "day"), None)
    if row is None or (row.cap is None and (row.spent is None or row.spent == Cost())):
        return ""
    spent = "$0" if row.spent is None or row.spent == Cost() else dollars(row.spent) if is_known(row.spent) else UNKNOWN
    return f"today {spent}" + ("" if row.cap is None else f"/{_round(row.cap)}")


def _round(cap: int) -> str:
    """Return the cap as `$5`, not `$5.00`."""
    return dollars(Cost(cap, "computed")).removesuffix(".00")


def place(conversation: Conversation) -> str:
    """Return the timeline and the model for which a measurement of the window is valid."""
    return f"{conversation.id} {conversation.roles.get('format', '')}"
