"""One running conversation: a person submits, a turn runs and is recorded, the person may stop it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol

from ralph.config.settings import RoutingSettings
from ralph.core import background
from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind, nearest
from ralph.core.llm.request import Channel
from ralph.core.llm.tool import Surroundings, Tool
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.log.listener import EventListener
from ralph.core.log.recording import Gateway
from ralph.core.masking import Secrets
from ralph.core.ports.face import Asker
from ralph.core.ports.overrides import TurnOverrides
from ralph.core.timeline.history import conversation
from ralph.core.timeline.steps import STEPS, Step
from ralph.core.timeline.timeline import Fold, Timeline
from ralph.core.timeline.turns import Turn
from ralph.pipeline.plan import Consenting, Models, Plan, Quote, RerunPlan
from ralph.session import rerun
from ralph.session.models.roles import with_ref
from ralph.session.recorder import Append, TimelineRecorder

TITLE_CHARACTERS = 60


Earlier = Callable[[], Awaitable[Timeline]]


class TimelineLock(Protocol):
    """The lock of the timeline, let go when the session ends."""

    def release(self) -> None: ...


@frozen
class Settings(Data):
    """What a session is run with."""

    routing: RoutingSettings
    resolve: Callable[[RoutingSettings], Models]
    gateway: Callable[[], Gateway]
    tools: Callable[[], Mapping[str, Tool]]
    decide: Consenting
    around: Surroundings
    clock: Clock
    versions: Mapping[str, str]
    system: str = ""
    max_rounds: int = 8
    max_turns: int = 50
    secrets: Secrets | None = None
    run: str = ""  # where nothing is saved: the id of the ledger's rows
    asker: Asker | None = None
    speculate: Literal["off", "auto", "on"] = "off"
    quote: Quote | None = None
    ready: Callable[[], Awaitable[None]] | None = None  # the tools that have to be opened first
    choose: Callable[[Plan, str], Awaitable[Models]] | None = None
    resume: Callable[[RoutingSettings, Sequence[ev.RolesChanged]], RoutingSettings] | None = None


class Session:
    """An open timeline. Nothing is written before the first turn, so that looking leaves no trace.

    `past` may be its end only; `earlier` then reads the turns before it. `changes` are all changes of models in it.
    """

    def __init__(
        self,
        timeline: str,
        settings: Settings,
        append: Append,
        lock: TimelineLock,
        past: Sequence[Envelope] = (),
        earlier: Earlier | None = None,
        changes: Sequence[ev.RolesChanged] = (),
    ) -> None:
        self._settings = settings
        self._changes = changes
        self._chosen = False
        self._unsaid_roles: ev.RolesChanged | None = None
        self._routing = self._resumed()
        self._models = settings.resolve(self._routing)
        self._lock = lock
        self._earlier = earlier
        self._reading = asyncio.Lock()
        self._fold = Fold(timeline)
        for envelope in past:
            self._fold.add(envelope)
        last = past[-1].seq if past else 0
        self._recorder = TimelineRecorder(
            timeline, append, settings.clock, last_seq=last, run=settings.run, views=[_Folding(self._fold)],
            secrets=settings.secrets,
        )  # fmt: skip
        turns = self._fold.timeline().turns
        self._sampling: Mapping[str, Any] = turns[-1].started.settings if turns else {}
        self._pinned: tuple[str, ...] | None = None
        self._system = settings.system
        self._unsaid = ev.TimelineChanged()
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

    @property
    def overrides(self) -> TurnOverrides:
        routing = self._routing
        models = {"route": routing.route, "tool": routing.tool, "format": routing.format}
        return TurnOverrides(models, self._sampling, self._pinned)

    @property
    def system(self) -> str:
        unsaid = self._unsaid.system
        return (self._fold.timeline().system or self._system) if unsaid is None else unsaid

    @property
    def tools(self) -> Sequence[str]:
        return sorted(self._settings.tools())

    def timeline(self) -> Timeline:
        """With what was changed before there was anything to record."""
        timeline, unsaid = self._fold.timeline(), self._unsaid
        if unsaid == ev.TimelineChanged():
            return timeline
        pins = timeline.pins if unsaid.pins is None else unsaid.pins
        return replace(timeline, title=unsaid.title or timeline.title, pins=pins, system=self.system)

    @property
    def partial(self) -> bool:
        return self._earlier is not None

    async def whole(self) -> Timeline:
        async with self._reading:
            if self._earlier is not None:
                self._fold.earlier(await self._earlier())
                self._earlier = None
        return self.timeline()

    def attach(self, view: EventListener) -> None:
        self._recorder.attach(view)

    def detach(self, view: EventListener) -> None:
        self._recorder.detach(view)

    def use(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Mapping[str, str]:
        """Use this model from the next turn on. An `auto` route asks the format's model."""
        self._route_by(with_ref(self._routing, ref, roles))
        return self.roles

    def override(self, overrides: TurnOverrides, *, quiet: bool = False) -> None:
        """Also of a turn that runs nothing changes."""
        offered = self._settings.tools() if overrides.tools else {}
        if missing := [name for name in overrides.tools or () if name not in offered]:
            close = nearest(missing[0], offered, 1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(offered))}"
            raise Failure(Kind.USAGE, f"there is no tool '{missing[0]}'; {hint}")
        routing = self._routing
        route, tool, format_ = (overrides.models.get(role, getattr(routing, role)) for role in STEPS)
        self._route_by(replace(routing, route=route, tool=tool, format=format_), quiet=quiet)
        self._sampling, self._pinned = dict(overrides.settings), overrides.tools

    def _route_by(self, routing: RoutingSettings, *, quiet: bool = False) -> None:
        self._must_be_open()
        models = self._settings.resolve(routing)
        before, after = self._models.roles(), models.roles()
        self._routing, self._models, self._chosen = routing, models, True
        if before == after or quiet:
            return
        if self._fold.last_seq:
            self._recorder.emit(ev.RolesChanged(before, after))
        else:
            first = self._unsaid_roles.from_ if self._unsaid_roles else before
            self._unsaid_roles = ev.RolesChanged(first, after) if first != after else None

    def change(self, *, title: str | None = None, pins: Sequence[str] | None = None, system: str | None = None) -> None:
        """On a timeline without events it waits for the first turn: looking leaves no trace."""
        self._must_be_open()
        changed = ev.TimelineChanged(title, None, None if pins is None else tuple(pins), system)
        if system is not None:
            self._system = ""  # what the command line said no longer holds
        if self._fold.last_seq:
            self._recorder.emit(changed)
            return
        said = {k: v for k in ("title", "pins", "system") if (v := getattr(changed, k)) is not None}
        self._unsaid = replace(self._unsaid, **said)

    def reconsider(self) -> None:
        """What `auto` means may have changed, and who is there. Nothing is recorded: the next turn says who answers."""
        if not self._chosen:
            self._routing = self._resumed()
        self._models = self._settings.resolve(self._routing)

    def _resumed(self) -> RoutingSettings:
        """What was chosen here when it was open before holds on."""
        settings = self._settings
        return settings.resume(settings.routing, self._changes) if settings.resume else settings.routing

    def submit(self, prompt: str, context: str = "") -> asyncio.Task[None]:
        """Start a turn; its failures are blocks. Raises `Failure(BUSY)` while one runs."""
        return self._start(prompt, context, self._models)

    def once(self, ref: str, prompt: str, context: str = "") -> asyncio.Task[None]:
        """Start a turn that this model answers; the next one is answered by those from before."""
        return self._start(prompt, context, self._for_once(ref))

    def rerun(self, turn: Turn, from_: Step = "route", ref: str = "") -> asyncio.Task[None]:
        """Start this turn again, as it was asked; `ref` as in `once`."""
        models = self._for_once(ref) if ref else self._models
        return self._start(turn.started.prompt, turn.started.context, models, rerun.again(turn, from_))

    def _for_once(self, ref: str) -> Models:
        return self._settings.resolve(with_ref(self._routing, ref, ("tool", "format")))

    def _start(self, prompt: str, context: str, models: Models, again: RerunPlan | None = None) -> asyncio.Task[None]:
        self._must_be_open()
        if self.busy:
            raise Failure(Kind.BUSY, "a turn is running; wait for it, or stop it first")
        if not self._fold.last_seq:
            self._open(prompt or context)
        number = self._fold.timeline().last_turn + 1
        running = self._run(number, self._plan(prompt, context, models, again))
        self._task = background.start(running, "a turn")
        return self._task

    def _must_be_open(self) -> None:
        if self._closed:
            raise Failure(Kind.BUSY, "this timeline was left for another; open it again to go on in it")

    def _open(self, asked: str) -> None:
        unsaid, self._unsaid = self._unsaid, ev.TimelineChanged()
        self._recorder.emit(ev.TimelineOpened(unsaid.title or _title(asked), versions=self._settings.versions))
        if replace(unsaid, title=None) != ev.TimelineChanged():
            self._recorder.emit(replace(unsaid, title=None))
        if self._unsaid_roles:
            self._recorder.emit(self._unsaid_roles)

    def _plan(self, prompt: str, context: str, models: Models, again: RerunPlan | None) -> Plan:
        settings = self._settings
        return Plan(
            prompt=prompt,
            context=context,
            models=models,
            tools={},
            decide=settings.decide,
            around=settings.around,
            asker=settings.asker,
            system=self.system,
            max_rounds=settings.max_rounds,
            settings=self._sampling,
            speculate=settings.speculate,
            quote=settings.quote,
            pinned=self._pinned,
            again=again,
        )

    async def _run(self, number: int, plan: Plan) -> None:
        settings = self._settings
        if settings.ready:
            await settings.ready()
        plan = replace(plan, tools=self._offered(plan.pinned))
        timeline = self.timeline()
        if self.partial and (timeline.pins or len(timeline.turns) < settings.max_turns):
            await self.whole()  # what is to be sent may not have been read yet
        plan = replace(plan, history=conversation(self.timeline().sent(settings.max_turns)))
        if settings.choose:
            plan = replace(plan, models=await settings.choose(plan, self.id))
        from ralph.pipeline.turn import TurnRun  # with all its steps: a start is shorter without them

        self._recorder.begin_turn(number)
        try:
            await TurnRun(number, plan, settings.gateway(), self._recorder).run()
        finally:
            self._recorder.end_turn()

    def _offered(self, pinned: tuple[str, ...] | None) -> Mapping[str, Tool]:
        """All tools that may run; of those that the person chose, these alone."""
        tools = self._settings.tools()
        return {name: tools[name] for name in pinned if name in tools} if pinned else tools

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

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Live pieces come again as deltas."""


def _title(text: str) -> str:
    line = next((part for part in text.split("\n") if part.strip()), "").strip()
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"
