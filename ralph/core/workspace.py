"""What a face and a command may ask of everything beside the screen: the open conversation, the workspace around it."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ralph.core.accounts import Account, By, CapName, CapRow
from ralph.core.envelope import Envelope
from ralph.core.provider import ModelInfo
from ralph.core.timeline import Timeline
from ralph.core.usage import Cost
from ralph.core.view import View


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A saved timeline in a list. `busy`: another process writes it. `excerpt`: where a search hit it."""

    id: str
    title: str
    opened_at: str
    updated_at: str
    turns: int
    cost: Cost
    forked_from: str | None = None
    busy: bool = False
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRow:
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


class Conversation(Protocol):
    """One open timeline that can be talked to."""

    @property
    def id(self) -> str: ...

    @property
    def busy(self) -> bool:
        """A turn is running."""
        ...

    @property
    def roles(self) -> Mapping[str, str]:
        """Role to model ref, as the next turn will use them (`auto` resolved; `rules` for route's rules)."""
        ...

    def timeline(self) -> Timeline:
        """What has been recorded so far, folded."""
        ...

    def attach(self, view: View) -> None: ...

    def detach(self, view: View) -> None: ...

    def submit(self, prompt: str, context: str = "") -> Task[None]:
        """Start a turn. Its failures are blocks, never exceptions of the task. One turn at a time."""
        ...

    async def stop(self) -> None:
        """Cancel the running turn and wait until everything open is finished. A second call changes nothing."""
        ...

    def use(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Mapping[str, str]:
        """Use this model for these roles from the next turn on; returns the new map. Raises `Failure`."""
        ...

    async def close(self) -> None: ...


class Workspace(Protocol):
    """Everything beside the open conversation that a face or a command may ask for."""

    async def open(self, timeline: str | None = None) -> Conversation:
        """A new timeline (None), or a saved one by id, unique prefix or `last`. Raises `NotFound`, `Failure(BUSY)`."""
        ...

    async def timelines(self, search: str = "") -> tuple[TimelineRow, ...]:
        """Saved timelines, latest first; with `search`, those whose contents hold it."""
        ...

    async def recorded(self, timeline: str) -> Sequence[Envelope]:
        """Every event of a saved timeline (id, unique prefix, `last`) with all its deltas, for a replay: inherited
        events first. Takes no lock and writes nothing. Raises `NotFound`."""
        ...

    def providers(self) -> tuple[ProviderRow, ...]: ...

    async def models(self, provider: str) -> tuple[ModelInfo, ...]:
        """What the provider lists. Raises `Failure`."""
        ...

    async def usage(self, by: By) -> Account:
        """The whole ledger, grouped."""
        ...

    async def budget(self, timeline: str = "", turn: int = 0) -> tuple[CapRow, ...]:
        """Every budget and how far it has gone; those of turn and timeline for this turn of this timeline."""
        ...

    def set_budget(self, name: CapName, usd: float | None) -> None:
        """Another cap (None: none) until this process ends, from the next request on. Raises `Failure(USAGE)`."""
        ...

    async def filled(self, conversation: Conversation) -> float | None:
        """The share of its format model's window that the conversation fills, estimated; None where none is known.

        May ask the provider for its models, once.
        """
        ...

    def warm(self) -> Task[None]:
        """Import and open, in the background, what the next request will need."""
        ...
