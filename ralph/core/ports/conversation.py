"""One open timeline, for faces and commands."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ralph.core.log.listener import EventListener
from ralph.core.ports.overrides import TurnOverrides
from ralph.core.ports.side_work import SideWork
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.steps import Step
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Turn


class Conversation(Protocol):
    """One open timeline to talk to."""

    @property
    def id(self) -> str: ...

    @property
    def busy(self) -> bool:
        """Return whether a turn is running."""
        ...

    @property
    def roles(self) -> Mapping[str, str]:
        """Return the model ref of each role in the next turn (`auto` resolved; `rules` for the route's rules)."""
        ...

    @property
    def overrides(self) -> TurnOverrides:
        """Return the person's choices for the next turns."""
        ...

    @property
    def system(self) -> str:
        """Return the system prompt of the next turn."""
        ...

    @property
    def tools(self) -> Sequence[str]:
        """Return the names of the offered tools."""
        ...

    def timeline(self) -> Timeline:
        """Return the folded timeline so far; right after opening a long one, only its last turns until `whole`."""
        ...

    @property
    def partial(self) -> bool:
        """Return whether earlier turns have not been read yet."""
        ...

    async def whole(self) -> Timeline:
        """Read the earlier turns too, once; takes a second for ten thousand blocks. Raises `StoreFailure`."""
        ...

    async def flush(self) -> None:
        """Wait until all recorded events are in the database. Raises `StoreFailure`."""
        ...

    def attach(self, view: EventListener) -> None: ...

    def detach(self, view: EventListener) -> None: ...

    def submit(self, asked: UserInput) -> Task[None]:
        """Start a turn. Its failures are blocks, never exceptions of the task. Only one turn runs at a time."""
        ...

    def once(self, ref: str, asked: UserInput) -> Task[None]:
        """Start a turn with this model for tool and format, in this turn only. Raises `Failure` for an invalid ref."""
        ...

    def rerun(self, turn: Turn, from_: Step = "route", ref: str = "") -> Task[None]:
        """Run this turn again as the next one, from this step on; the steps before it are kept unchanged.

        With a `ref`, its model calls tools and formats in this turn only. The turn may belong to another timeline: a
        re-run goes into a fork. Raises `Failure` if a step to keep did not end well.
        """
        ...

    def override(self, overrides: TurnOverrides, *, quiet: bool = False, copied: bool = False) -> None:
        """Apply overrides from the next turn on. Raises `Failure`. Changes of models are recorded, unless `quiet`: for
        one answer beside this conversation. `copied`: the overrides come from the conversation that this one was forked
        from, so models that were in use at the fork are no change."""
        ...

    def update_timeline(
        self, *, title: str | None = None, pins: Sequence[str] | None = None, system: str | None = None
    ) -> None:
        """Record another title, other pins, or another system prompt (empty: none); None changes nothing."""
        ...

    async def record(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        """Record a block of kind `note` between turns, after a running turn. A timeline without events begins with it
        and takes the title. Raises `Failure` if nothing can be recorded."""
        ...

    def perform(self, title: str, work: SideWork) -> Task[None]:
        """Start work of the person as a block of kind `note` between turns; the conversation is busy until its end, and
        `stop` cancels it. Raises `Failure` while a turn runs, and if nothing can be recorded."""
        ...

    async def stop(self) -> None:
        """Cancel the running turn and wait until everything open is finished. A second call changes nothing."""
        ...

    def use_model(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Mapping[str, str]:
        """Use this model for these roles from the next turn on; return the new map. Raises `Failure`."""
        ...

    async def close(self) -> None: ...
