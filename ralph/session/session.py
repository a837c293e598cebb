"""One running conversation: a person submits, a turn runs and is recorded, the person may stop it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from ralph.config.model import Routing
from ralph.core import events as ev
from ralph.core.clock import Clock
from ralph.core.envelope import Envelope
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.face import Asker
from ralph.core.history import conversation
from ralph.core.recording import Gateway
from ralph.core.timeline import Fold, Timeline
from ralph.core.tool import Surroundings, Tool
from ralph.core.view import View
from ralph.pipeline.plan import Consenting, Models, Plan, Quote
from ralph.pipeline.turn import Turn
from ralph.session.recorder import Append, TimelineRecorder

TITLE_CHARACTERS = 60


class Held(Protocol):
    """The lock of the timeline, let go when the session ends."""

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What a session is run with."""

    routing: Routing
    resolve: Callable[[Routing], Models]
    gateway: Gateway
    tools: Callable[[], Mapping[str, Tool]]
    decide: Consenting
    around: Surroundings
    clock: Clock
    versions: Mapping[str, str]
    system: str = ""
    max_rounds: int = 8
    max_turns: int = 50
    saved: bool = True
    asker: Asker | None = None
    speculate: Literal["off", "auto", "on"] = "off"
    quote: Quote | None = None
    choose: Callable[[Plan, str], Awaitable[Models]] | None = None


class Session:
    """An open timeline. Nothing is written before the first turn, so that looking leaves no trace."""

    def __init__(
        self, timeline: str, settings: Settings, append: Append, lock: Held, past: Sequence[Envelope] = ()
    ) -> None:
        self._settings = settings
        self._routing = settings.routing
        self._models = settings.resolve(settings.routing)
        self._lock = lock
        self._fold = Fold(timeline)
        for envelope in past:
            self._fold.add(envelope)
        last = past[-1].seq if past else 0
        self._recorder = TimelineRecorder(
            timeline, append, settings.clock, last_seq=last, saved=settings.saved, views=[_Folding(self._fold)]
        )
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def id(self) -> str:
        return self._fold.id

    @property
    def busy(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def roles(self) -> Mapping[str, str]:
        return self._models.roles()

    def timeline(self) -> Timeline:
        return self._fold.timeline()

    def attach(self, view: View) -> None:
        self._recorder.attach(view)

    def detach(self, view: View) -> None:
        self._recorder.detach(view)

    def use(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Mapping[str, str]:
        """Use this model from the next turn on. An `auto` route asks the format's model."""
        routing = self._routing
        if "route" in roles:
            routing = replace(routing, route=ref)
        elif routing.route.partition(" ")[0] == "auto" and "format" in roles:
            routing = replace(routing, route=f"auto {ref}")
        if "tool" in roles:
            routing = replace(routing, tool=ref)
        if "format" in roles:
            routing = replace(routing, format=ref)
        models = self._settings.resolve(routing)
        before, after = self._models.roles(), models.roles()
        self._routing, self._models = routing, models
        if before != after and self.timeline().last_seq:
            self._recorder.emit(ev.RolesChanged(before, after))
        return after

    def rename(self, title: str) -> None:
        """Another title. Raises `Failure(NOT_FOUND)` before the first turn: nothing is saved yet."""
        if not self.timeline().last_seq:
            raise NotFound("this timeline is not saved yet; ask something first")
        self._recorder.emit(ev.TimelineChanged(title=title))

    def reconsider(self) -> None:
        """What `auto` means may have changed. Nothing is recorded: the next turn says who answers."""
        self._models = self._settings.resolve(self._routing)

    def submit(self, prompt: str, context: str = "") -> asyncio.Task[None]:
        """Start a turn; its failures are blocks. Raises `Failure(BUSY)` while one runs."""
        if self.busy or self._closed:
            raise Failure(Kind.BUSY, "a turn is running; wait for it, or stop it with Esc")
        timeline = self.timeline()
        if not timeline.last_seq:
            title = _title(prompt or context)
            self._recorder.emit(ev.TimelineOpened(title, versions=self._settings.versions))
        number = timeline.last_turn + 1
        self._task = asyncio.get_running_loop().create_task(self._run(number, prompt, context), name="turn")
        return self._task

    async def _run(self, number: int, prompt: str, context: str) -> None:
        settings, timeline = self._settings, self.timeline()
        plan = Plan(
            prompt=prompt,
            context=context,
            models=self._models,
            tools=settings.tools(),
            decide=settings.decide,
            around=settings.around,
            asker=settings.asker,
            system=timeline.system or settings.system,
            history=conversation(timeline.turns[-settings.max_turns :]),
            max_rounds=settings.max_rounds,
            speculate=settings.speculate,
            quote=settings.quote,
        )
        if settings.choose:
            plan = replace(plan, models=await settings.choose(plan, self.id))
        self._recorder.begin_turn(number)
        try:
            await Turn(number, plan, settings.gateway, self._recorder).run()
        finally:
            self._recorder.end_turn()

    async def stop(self) -> None:
        """Cancel the running turn and wait until all of it is finished; a second call only waits."""
        task = self._task
        if task is None or task.done():
            return
        if not task.cancelling():
            task.cancel()
        await asyncio.wait([task])

    async def close(self) -> None:
        """Stop, store what is left, let the lock go. Raises `StoreFailure` if something could not be stored."""
        if self._closed:
            return
        self._closed = True
        try:
            await self.stop()
            await self._recorder.close()
        finally:
            self._lock.release()

    async def stored(self) -> None:
        """Wait until all that was recorded is in the database. Raises `StoreFailure`."""
        await self._recorder.commit()


class _Folding:
    """The view that keeps the session's own fold."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold

    def event(self, envelope: Envelope) -> None:
        self._fold.add(envelope)

    def chunk(self, block: str, channel: ev.Channel, ms: float, text: str) -> None:
        """Live pieces come again as deltas."""


def _title(text: str) -> str:
    line = next((part for part in text.split("\n") if part.strip()), "").strip()
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"
