"""The requests and costs since the program started, for the line that the program prints at its end."""

from __future__ import annotations

from ralph.core.llm.request import Channel
from ralph.core.llm.usage import Cost, dollars, total_cost
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope


class SessionCost:
    """A sum of the costs of every opened conversation. The requests that a fork inherited do not count."""

    def __init__(self) -> None:
        self._costs: list[Cost] = []
        self._asked = ""

    def event(self, envelope: Envelope) -> None:
        if isinstance(envelope.event, ev.TurnStarted):
            self._asked = envelope.timeline
        elif isinstance(envelope.event, ev.AttemptFinished):
            self._costs.append(envelope.event.cost)

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Ignore the live text: only whole events count."""

    def farewell(self, here: str, *, saved: bool) -> str:
        """Return how to resume and what the session cost, or "" if nothing was asked.

        `here` is the id of the open timeline, or "" if that timeline has no turns.
        """
        if not self._asked:
            return ""
        spent = self._describe_cost()
        if not saved:
            return spent[0].upper() + spent[1:]
        return f"Resume: ralph -r {here or self._asked} · {spent}"

    def _describe_cost(self) -> str:
        cost = total_cost(self._costs)
        if not self._costs or (cost.status == "free" and not cost.nano_usd):
            return "this session was free"
        return f"this session cost {dollars(cost)}" if cost.nano_usd is not None else "this session's cost is unknown"
