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
from ralph.tui.controllers.ports import Work
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

    `today` and `spent` are as the ledger has them, `spent` for the timeline `timeline`.
    """

    today: str = ""
    timeline: str = ""
    spent: str = ""
    place: str = ""
    filled: float | None = None

    def context(self, conversation: Conversation) -> str:
        """`ctx 4%`; nothing where the window is not known, or is another model's or timeline's."""
        if self.filled is None or self.place != place(conversation):
            return ""
        return "ctx <1%" if self.filled < 0.005 else f"ctx {self.filled:.0%}"

    def count(self, timeline: str, rows: tuple[BudgetRow, ...]) -> SpendingSnapshot:
        """With what was spent today, and on this timeline."""
        spent = next((r.spent for r in rows if r.name == "timeline"), None)
        return replace(self, today=today(rows), timeline=timeline, spent=_of_timeline(spent) if spent else "")

    def of(self, timeline: str) -> str:
        """`timeline $1.20`; nothing where its requests used nothing yet."""
        return self.spent if self.timeline == timeline else ""

    def figures(self, conversation: Conversation) -> tuple[str, ...]:
        """Window, cost of the timeline, cost of the day. Where nothing is known of the costs, that is said once."""
        spent = self.of(conversation.id)
        today = "" if spent == NOTHING_KNOWN and self.today == f"today {UNKNOWN}" else self.today
        return (self.context(conversation), spent, today)


class SpendingState(Protocol):
    """Where the latest snapshot is kept, and for which conversation."""

    @property
    def conversation(self) -> Conversation: ...

    @property
    def spending(self) -> SpendingSnapshot: ...

    def set_spending(self, spending: SpendingSnapshot) -> None: ...


class SpendingReader:
    """Reads the ledger when a request, a turn or a command has ended, and when another process wrote to it; never for
    a frame."""

    def __init__(self, workspace: Workspace, state: SpendingState, work: Work) -> None:
        self._workspace = workspace
        self._state = state
        self._work = work
        self._version: int | None = None
        self._reading = self._again = False

    async def read(self) -> None:
        """Read what was spent today, and on the open timeline."""
        conversation = self._state.conversation
        rows = await self._money(conversation)
        if conversation is self._state.conversation:
            self._state.set_spending(self._state.spending.count(conversation.id, rows))

    def refresh(self) -> None:
        """Read beside what goes on; what is asked for meanwhile is read once more at its end."""
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
        """Read if another process has written to the database since the last look."""
        if not self._reading:
            self._reading = True
            self._work(self._look)

    async def _look(self) -> None:
        version = self._version
        try:
            version = await self._workspace.usage.version()
        except Failure as failure:  # what is wrong shows where it is used
            log.debug("the ledger's version could not be read: %s", failure)
        finally:
            self._reading = False
        if version != self._version or self._again:
            self._version, self._again = version, False
            self.refresh()

    async def read_all(self) -> None:
        """Read also how full the window is."""
        conversation = self._state.conversation
        await self.read()
        measured, share = place(conversation), await self._measure_fill(conversation)
        self._state.set_spending(replace(self._state.spending, place=measured, filled=share))

    async def _money(self, conversation: Conversation) -> tuple[BudgetRow, ...]:
        """Nothing where it cannot be read."""
        try:
            return await self._workspace.usage.budgets(conversation.id, conversation.timeline().last_turn)
        except Failure as failure:
            log.warning("the costs could not be read: %s", failure)
            return ()

    async def _measure_fill(self, conversation: Conversation) -> float | None:
        """The share of the window that is full; None where nobody tells in time."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._workspace.models.estimate_fill(conversation)
        except (Failure, TimeoutError) as failure:
            log.warning("the size of the window could not be read: %s", failure)
            return None


def _of_timeline(spent: Cost) -> str:
    return f"timeline {dollars(spent)}" if is_known(spent) else NOTHING_KNOWN


def today(rows: tuple[BudgetRow, ...]) -> str:
    """`today $1.20/$5`; nothing on a day without a request or a cap."""
    row = next((r for r in rows if r.name == "day"), None)
    if row is None or (row.cap is None and (row.spent is None or row.spent == Cost())):
        return ""
    spent = "$0" if row.spent is None or row.spent == Cost() else dollars(row.spent) if is_known(row.spent) else UNKNOWN
    return f"today {spent}" + ("" if row.cap is None else f"/{_round(row.cap)}")


def _round(cap: int) -> str:
    """`$5`, not `$5.00`."""
    return dollars(Cost(cap, "computed")).removesuffix(".00")


def place(conversation: Conversation) -> str:
    """What a measurement of the window holds for."""
    return f"{conversation.id} {conversation.roles.get('format', '')}"
