"""What lists show: providers, models, tools, checks, and what another model would change."""

from __future__ import annotations

from typing import Literal

from ralph.core.data import Data, frozen
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.speed import ModelSpeed
from ralph.core.llm.tool import Effect
from ralph.core.llm.usage import Cost


@frozen
class ProviderRow(Data):
    """A provider in a list. `configured`: it has what it needs; `why` says how, or what is missing.

    `breakers`: its models that are left alone after failures, `model (open)`.
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
    """What would become of a conversation if this model answered its next turn.

    `tokens` is the conversation and `window` the model's, None where it is not known; `room` is kept free for the
    answer. `lost` is what cannot go along, a sentence each. `cost` is what reading the conversation costs once, since
    the new model has none of it in its cache.
    """

    ref: str
    tokens: int = 0
    window: int | None = None
    room: int = 0
    lost: tuple[str, ...] = ()
    cost: Cost = Cost()

    @property
    def fits(self) -> bool:
        """The conversation fits the window, or the window is not known."""
        return self.window is None or self.tokens + self.room <= self.window


@frozen
class Check(Data):
    """Something that was looked at, whether it is well, and what was seen."""

    name: str
    ok: bool
    detail: str


@frozen
class ToolRow(Data):
    """A tool in a list: `verdict` is what becomes of a call of it, `by` what decides that."""

    name: str
    summary: str
    effect: Effect
    verdict: Literal["allowed", "denied", "ask"]
    by: str


Rule = Literal["allow", "ask", "deny"]


@frozen
class ModelRow(Data):
    """A model on offer in a list; `price` and `window` are None where nobody tells, `pace` was measured here."""

    ref: str
    window: int | None = None
    price: PriceRow | None = None
    pace: ModelSpeed = ModelSpeed()
    retires: str | None = None
