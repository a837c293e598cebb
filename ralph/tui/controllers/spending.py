"""What the top line tells of money and of the window."""

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
from ralph.core.timeline.timeline import Timeline
from ralph.tui.formatting import is_known

log = logging.getLogger("ralph.tui")

# A provider that does not say its windows within this time leaves them out.
PATIENCE_S = 8.0
UNKNOWN = "?"
# In place of an amount of which no part is known.
NOTHING_KNOWN = "cost ? · /usage"


@frozen
class SpendingSnapshot(Data):
    """`filled` is the share of the window, measured for one timeline and model: the `place`.

    `ledger` is what the ledger says that the timeline cost.
    """

    today: str = ""
    timeline: str = ""
    ledger: Cost | None = None
    place: str = ""
    filled: float | None = None

    def context(self, conversation: Conversation) -> str:
        """`ctx 4%`; nothing where the window is not known, or is another model's or timeline's."""
        if self.filled is None or self.place != place(conversation):
            return ""
        return "ctx <1%" if self.filled < 0.005 else f"ctx {self.filled:.0%}"

    def counted(self, timeline: str, rows: tuple[BudgetRow, ...]) -> SpendingSnapshot:
        """With what was spent today, and on this timeline."""
        used = next((r.used for r in rows if r.name == "timeline"), None)
        return replace(self, today=today(rows), timeline=timeline, ledger=used)

    def figures(self, conversation: Conversation, timeline: Timeline) -> tuple[str, ...]:
        """Window, cost of the timeline, cost of the day. Where nothing is known of the costs, that is said once."""
        spent = self.spent(conversation, timeline)
        today = "" if spent == NOTHING_KNOWN and self.today == f"today {UNKNOWN}" else self.today
        return (self.context(conversation), spent, today)

    def spent(self, conversation: Conversation, timeline: Timeline) -> str:
        """`timeline $1.20`. Of a timeline that was read in part only the ledger knows what it cost."""
        if not any(a.finished for a in timeline.own_attempts):
            return ""
        cost: Cost | None = timeline.cost
        if conversation.partial:
            cost = self.ledger if self.timeline == conversation.id else None
        if cost is None:
            return ""
        return f"timeline {dollars(cost)}" if is_known(cost) else NOTHING_KNOWN


class SpendingState(Protocol):
    """Where the latest snapshot is kept, and for which conversation."""

    @property
    def conversation(self) -> Conversation: ...

    @property
    def spending(self) -> SpendingSnapshot: ...

    def set_spending(self, spending: SpendingSnapshot) -> None: ...


class SpendingReader:
    """Reads when a turn or a command has ended, never for a frame."""

    def __init__(self, workspace: Workspace, state: SpendingState) -> None:
        self._workspace = workspace
        self._state = state

    async def read(self) -> None:
        """Read what was spent today, and on the open timeline."""
        conversation = self._state.conversation
        rows = await self._money(conversation)
        self._state.set_spending(self._state.spending.counted(conversation.id, rows))

    async def read_all(self) -> None:
        """Read also how full the window is."""
        conversation = self._state.conversation
        await self.read()
        measured, share = place(conversation), await self._filled(conversation)
        self._state.set_spending(replace(self._state.spending, place=measured, filled=share))

    async def _money(self, conversation: Conversation) -> tuple[BudgetRow, ...]:
        """Nothing where it cannot be read."""
        try:
            return await self._workspace.usage.budgets(conversation.id, conversation.timeline().last_turn)
        except Failure as failure:
            log.warning("the costs could not be read: %s", failure)
            return ()

    async def _filled(self, conversation: Conversation) -> float | None:
        """The share of the window that is full; None where nobody tells in time."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._workspace.models.filled(conversation)
        except (Failure, TimeoutError) as failure:
            log.warning("the size of the window could not be read: %s", failure)
            return None


def today(rows: tuple[BudgetRow, ...]) -> str:
    """`today $1.20/$5`; nothing on a day without a request or a cap."""
    row = next((r for r in rows if r.name == "day"), None)
    if row is None or (row.cap is None and row.used.nano_usd == 0):
        return ""
    used = UNKNOWN if not is_known(row.used) else "$0" if row.used.nano_usd == 0 else dollars(row.used)
    return f"today {used}" + ("" if row.cap is None else f"/{_round(row.cap)}")


def _round(cap: int) -> str:
    """`$5`, not `$5.00`."""
    return dollars(Cost(cap, "computed")).removesuffix(".00")


def place(conversation: Conversation) -> str:
    """What a measurement of the window holds for."""
    return f"{conversation.id} {conversation.roles.get('format', '')}"
