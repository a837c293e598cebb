"""The rows of lists: providers, models, tools, checks, and the effects of another model."""

from __future__ import annotations

from typing import Literal

from ralph.core.data import Data, frozen
from ralph.core.llm.consent import Scope
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.speed import ModelSpeed
from ralph.core.llm.tool import Effect
from ralph.core.llm.usage import Cost


@frozen
class ProviderRow(Data):
    """A provider in a list. `configured`: it has what it needs; `why` says how, or what is missing.

    `breakers`: its models that are left alone after failures, as `model (open)`.
    """

    name: str
    kind: str
    summary: str
    configured: bool
    local: bool
    why: str
    base_url: str = ""
    roles: tuple[str, ...] = ()
    breakers: tuple[str, ...] = ()


@frozen
class Switch(Data):
    """The effects on a conversation if this model answered its next turn.

    `tokens` is the conversation and `window` the model's, None if unknown; `room` is kept free for the answer. `lost`
    has one sentence per part that the model cannot receive. `cost` is the one-time cost of reading the conversation,
    because the new model has none of it in its cache.
    """

    ref: str
    tokens: int = 0
    window: int | None = None
    room: int = 0
    lost: tuple[str, ...] = ()
    cost: Cost = Cost()

    @property
    def fits(self) -> bool:
        """Return whether the conversation fits the window, or the window is unknown."""
        return self.window is None or self.tokens + self.room <= self.window


@frozen
class Check(Data):
    """A checked item, whether it is well, and the finding."""

    name: str
    ok: bool
    detail: str


@frozen
class ToolRow(Data):
    """A tool in a list: `verdict` is the decision on its calls, `by` the rule or effect behind it in words.

    `source`: `ralph`, `package`, or the source that brought it. `rule` and `scope` are as in `Decision`.
    """

    name: str
    summary: str
    effect: Effect
    verdict: Literal["allowed", "denied", "ask"]
    by: str
    source: str = "ralph"
    rule: str = ""
    scope: Scope = ""


Rule = Literal["allow", "ask", "deny"]


@frozen
class ModelRow(Data):
    """A listed model; `price` and `window` are None if unknown, and `pace` was measured here."""

    ref: str
    window: int | None = None
    price: PriceRow | None = None
    pace: ModelSpeed = ModelSpeed()
    retires: str | None = None
