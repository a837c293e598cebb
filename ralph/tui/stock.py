"""What the top line tells of money and of the window, read when a turn ends and never for a frame."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace

from ralph.core.accounts import CapRow
from ralph.core.errors import Failure
from ralph.core.face import Conversation, Workspace
from ralph.core.usage import Cost, dollars

log = logging.getLogger("ralph.tui")

# A provider that does not say its windows within this time leaves them out.
PATIENCE_S = 8.0


@dataclass(frozen=True, slots=True)
class Stock:
    """`filled` is the share of the window, measured for one timeline and model: the `place`."""

    today: str = ""
    place: str = ""
    filled: float | None = None

    async def anew(self, workspace: Workspace, conversation: Conversation, *, filled: bool) -> Stock:
        """Read again; the window only if asked for, because a provider may have to be asked for it."""
        made = self
        try:
            rows = await workspace.budget(conversation.id, conversation.timeline().last_turn)
            made = replace(made, today=today(rows))
            if filled:
                made = replace(made, place=_place(conversation), filled=None)
                async with asyncio.timeout(PATIENCE_S):
                    made = replace(made, filled=await workspace.filled(conversation))
        except (Failure, TimeoutError) as failure:
            log.warning("the top line is not all there: %s", failure)
        return made

    def context(self, conversation: Conversation) -> str:
        """`ctx 4%`; nothing where the window is not known, or is another model's or timeline's."""
        if self.filled is None or self.place != _place(conversation):
            return ""
        return "ctx <1%" if self.filled < 0.005 else f"ctx {self.filled:.0%}"


def today(rows: tuple[CapRow, ...]) -> str:
    """`today $1.20/$5`; nothing on a day without a request or a cap."""
    row = next((r for r in rows if r.name == "day"), None)
    if row is None or (row.cap is None and row.used.nano_usd == 0):
        return ""
    used = "$0" if row.used.nano_usd == 0 else dollars(row.used)
    return f"today {used}" + ("" if row.cap is None else f"/{_round(row.cap)}")


def _round(cap: int) -> str:
    """`$5`, not `$5.00`."""
    return dollars(Cost(cap, "computed")).removesuffix(".00")


def _place(conversation: Conversation) -> str:
    return f"{conversation.id} {conversation.roles.get('format', '')}"
