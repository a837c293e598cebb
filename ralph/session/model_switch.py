"""The effects of another model on a conversation: whether it fits, what it loses, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ralph import counting, pricing
from ralph.core.data import Data, frozen
from ralph.core.formatting import plural
from ralph.core.llm.messages import CallPart, Message
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request, ToolSpec
from ralph.core.llm.usage import Usage
from ralph.core.ports.rows import Switch
from ralph.core.timeline.history import conversation, for_model
from ralph.core.timeline.turns import Turn


@frozen
class Newcomer(Data):
    """The model that would continue, and the known facts about it; None means unknown."""

    ref: ModelRef
    window: int | None = None
    tools: bool | None = None
    price: PriceRow | None = None


def switch(
    turns: Sequence[Turn],
    roles: Mapping[str, str],
    newcomer: Newcomer,
    *,
    system: str = "",
    specs: Sequence[ToolSpec] = (),
    room: int = 0,
) -> Switch:
    """Return the report. Pure: token counts are high estimates, and an unknown fact is no objection."""
    ref, messages = newcomer.ref, conversation(turns)
    calls = any(isinstance(part, CallPart) for m in messages for part in m.parts)
    carried = for_model(messages, ref.provider, ref.model)
    request = Request(ref.model, carried, system=system, tools=tuple(specs) if calls else ())
    tokens = counting.estimate_request(request) if turns else 0
    lost = []
    if left := _describe_loss(messages, roles, ref):
        lost.append(left)
    if newcomer.tools is False and (specs or calls):
        lost.append("It cannot call tools: a question that needs one will fail, or be answered without.")
    cost = pricing.cost(newcomer.price, Usage(tokens, source="estimated"))
    return Switch(str(ref), tokens, newcomer.window, room, tuple(lost), cost)


def _describe_loss(messages: Sequence[Message], roles: Mapping[str, str], ref: ModelRef) -> str:
    """Describe opaque content that only its maker can read, if a model in use now would lose it."""
    in_use = {roles.get(role, "") for role in ("tool", "format")}
    makers = [f"{m.opaque.provider}:{m.opaque.model}" for m in messages if m.opaque]
    lost = [maker for maker in makers if maker in in_use and maker != str(ref)]
    if not lost:
        return ""
    count = plural(len(lost), "message")
    return f"The thinking in {count} is not sent: only {lost[-1]} can read it. It returns if you switch back."
