"""One open timeline, as faces and commands use it."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ralph.core.log.listener import EventListener
from ralph.core.ports.overrides import TurnOverrides
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.steps import Step
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Turn


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

    @property
    def overrides(self) -> TurnOverrides:
        """What the person has chosen for the turns to come."""
        ...

    @property
    def system(self) -> str:
        """The system prompt of the next turn."""
        ...

    @property
    def tools(self) -> Sequence[str]:
        """The names of the tools that are offered."""
        ...

    def timeline(self) -> Timeline:
        """What has been recorded so far, folded; of a long one just opened, its last turns until `whole`."""
        ...

    @property
    def partial(self) -> bool:
        """Its earlier turns have not been read yet."""
        ...

    async def whole(self) -> Timeline:
        """Read the earlier turns too, once; a second for ten thousand blocks. Raises `StoreFailure`."""
        ...

    async def flush(self) -> None:
        """Wait until all that was recorded is in the database. Raises `StoreFailure`."""
        ...

    def attach(self, view: EventListener) -> None: ...

    def detach(self, view: EventListener) -> None: ...

    def submit(self, asked: UserInput) -> Task[None]:
        """Start a turn. Its failures are blocks, never exceptions of the task. One turn at a time."""
        ...

    def once(self, ref: str, asked: UserInput) -> Task[None]:
        """The same, with this model for tool and format in this turn only. Raises `Failure` for a ref that is none."""
        ...

    def rerun(self, turn: Turn, from_: Step = "route", ref: str = "") -> Task[None]:
        """Run this turn again as the next one, from this step on: what came before it is kept as it was.

        With a `ref` that model does tool and format in this turn only. The turn may be another timeline's: a re-run
        goes into a fork. Raises `Failure` where a step that would be kept did not end well.
        """
        ...

    def override(self, overrides: TurnOverrides, *, quiet: bool = False, copied: bool = False) -> None:
        """From the next turn on. Raises `Failure`. What changes for the models is recorded, unless `quiet`: for
        one answer beside this conversation. `copied`: from the conversation that this one was forked from; models that
        were in use at the fork are no change."""
        ...

    def update_timeline(
        self, *, title: str | None = None, pins: Sequence[str] | None = None, system: str | None = None
    ) -> None:
        """Record another title, other pins, another system prompt (empty: none); None changes nothing."""
        ...

    async def record(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        """Keep this in the timeline between its turns, as a block of kind `note`; after a turn that runs. A timeline
        that has no events yet begins with it, and takes the title. Raises `Failure` where nothing can be recorded."""
        ...

    async def stop(self) -> None:
        """Cancel the running turn and wait until everything open is finished. A second call changes nothing."""
        ...

    def use_model(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Mapping[str, str]:
        """Use this model for these roles from the next turn on; returns the new map. Raises `Failure`."""
        ...

    async def close(self) -> None: ...
