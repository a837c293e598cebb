"""One running conversation: a person submits, a turn runs and is recorded, and the person may stop it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ralph.core import background
from ralph.core.errors import Failure, Kind
from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.envelope import Envelope
from ralph.core.log.listener import EventListener
from ralph.core.ports.overrides import TurnOverrides
from ralph.core.ports.side_work import SideWork
from ralph.core.ports.store import TimelineLock
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.steps import Step
from ralph.core.timeline.timeline import Fold, Timeline
from ralph.core.timeline.turns import Turn
from ralph.pipeline.plan import Models, RerunPlan, TurnPlan
from ralph.session.choices import Choices
from ralph.session.fold_view import FoldView
from ralph.session.recorder import Append, TimelineRecorder
from ralph.session.settings import Settings
from ralph.session.titles import is_borrowed, make_title

Earlier = Callable[[], Awaitable[Timeline]]


class Session:
    """An open timeline. Nothing is written before the first turn, so that looking leaves no trace.

    `past` may hold only the last turns; `earlier` then reads those before. `changes` are all changes of models in it.
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
        *,
        read_only: bool = False,
    ) -> None:
        self._settings = settings
        self._lock = lock
        self._earlier = earlier
        self._reading = asyncio.Lock()
        self._fold = Fold(timeline)
        for envelope in past:
            self._fold.add(envelope)
        last = past[-1].seq if past else 0
        self._recorder = TimelineRecorder(
            timeline, append, settings.clock, last_seq=last, run=settings.run, views=[FoldView(self._fold)],
            secrets=settings.secrets,
        )  # fmt: skip
        turns = self._fold.timeline().turns
        sampling = turns[-1].started.settings if turns else {}
        self._choices = Choices(settings.models, changes, sampling, settings.system)
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._read_only = read_only
        self._listening = False
        self._title_is_borrowed = is_borrowed(past)

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
        return self._choices.models.roles()

    @property
    def overrides(self) -> TurnOverrides:
        return self._choices.overrides

    @property
    def system(self) -> str:
        return self._choices.system(self._fold.timeline())

    @property
    def tools(self) -> Sequence[str]:
        return sorted(self._settings.tools().offered)

    def timeline(self) -> Timeline:
        """Return the timeline, including the changes made before its first event."""
        return self._choices.apply(self._fold.timeline())

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

    def use_model(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Mapping[str, str]:
        """Use this model from the next turn on. An `auto` route asks the cheap model of the format's provider."""
        overrides = self.overrides
        self.override(replace(overrides, routing=overrides.routing.with_model(ref, roles)))
        return self.roles

    def override(self, overrides: TurnOverrides, *, quiet: bool = False, copied: bool = False) -> None:
        """Change models, settings or tools from the next turn on. Safe while a turn runs, which is not changed."""
        self._must_be_open()
        offered = self._settings.tools().offered if overrides.tools else {}
        recorded = self._recorded
        self._emit(self._choices.override(overrides, offered, recorded=recorded, quiet=quiet, copied=copied))

    def update_timeline(
        self, *, title: str | None = None, pins: Sequence[str] | None = None, system: str | None = None
    ) -> None:
        """Change title, pins or system prompt. Before the first turn the change is recorded with it."""
        self._must_be_open()
        self._title_is_borrowed = self._title_is_borrowed and title is None
        changed = ev.TimelineChanged(title, None, None if pins is None else tuple(pins), system)
        self._emit(self._choices.change(changed, recorded=self._recorded))

    @property
    def _recorded(self) -> bool:
        """Return whether the timeline has events."""
        return self._fold.last_seq > 0

    def _emit(self, event: ev.Event | None) -> None:
        if event:
            self._listen()
            self._recorder.emit(event)

    def _listen(self) -> None:
        """Load the listeners at the first event, so that looking at a timeline does not."""
        if not self._listening:
            self._listening = True
            self._recorder.listen(self._settings.listeners())

    def reconsider(self) -> None:
        """Resolve `auto` again, since providers may have changed. Records nothing: the next turn names its models."""
        self._choices.reconsider()

    def submit(self, asked: UserInput) -> asyncio.Task[None]:
        """Start a turn; its failures are blocks. Raises `Failure(BUSY)` while a turn runs."""
        return self._start(asked, self._choices.models)

    def once(self, ref: str, asked: UserInput) -> asyncio.Task[None]:
        """Start a turn that this model answers; later turns use the models from before."""
        return self._start(asked, self._for_once(ref))

    def rerun(self, turn: Turn, from_: Step = "route", ref: str = "") -> asyncio.Task[None]:
        """Run this turn again with the same input; `ref` as in `once`."""
        from ralph.session import rerun

        models = self._for_once(ref) if ref else self._choices.models
        return self._start(UserInput.of(turn.started), models, rerun.again(turn, from_))

    def _for_once(self, ref: str) -> Models:
        return self._choices.models_with(self.overrides.routing.with_model(ref, ("tool", "format")))

    def _start(self, asked: UserInput, models: Models, again: RerunPlan | None = None) -> asyncio.Task[None]:
        self._must_be_open()
        if self.busy:
            raise Failure(Kind.BUSY, "a turn is running; wait for it, or stop it first")
        self._begin(asked.written or asked.context, again=again is not None)
        number, overrides = self._fold.timeline().last_turn + 1, self.overrides
        plan = partial(
            TurnPlan,
            models=models,
            speculation=self._settings.speculation,
            system=self.system,
            settings=overrides.settings,
            again=again,
        )
        self._task = background.start(self._run(number, asked, plan, overrides.tools, again is not None), "a turn")
        return self._task

    def _begin(self, title: str, *, again: bool = False) -> None:
        """Open a timeline without events, with this title. A fork with a borrowed title takes it too, but for the same
        question `again`."""
        self._listen()
        if not self._recorded:
            for event in self._choices.opening(make_title(title), self._settings.versions):
                self._recorder.emit(event)
        elif self._title_is_borrowed and not again:
            self._recorder.emit(ev.TimelineChanged(title=make_title(title)))
        self._title_is_borrowed = False

    def _must_be_open(self) -> None:
        if self._closed:
            raise Failure(Kind.BUSY, "another timeline was opened in its place; open this one again to continue it")
        if self._read_only:
            raise Failure(
                Kind.BUSY, "this timeline is open in another window and read-only here; /fork continues in a copy"
            )

    async def _run(
        self, number: int, asked: UserInput, plan: Callable[..., TurnPlan], pinned: tuple[str, ...] | None, again: bool
    ) -> None:
        """Run a turn. `plan` lacks the slow parts: the tools, whose sources may have to be opened, and history."""
        # Loads every step, which a start does not need.
        from ralph.pipeline.turn import TurnRun
        from ralph.session.plan_turn import complete_plan

        settings = self._settings
        notes: tuple[ev.Note, ...] = ()
        if settings.ready:
            asked, notes = await settings.ready(asked, again)
        begun = plan(input=asked, tools=settings.tools().pin(pinned))
        timeline = self.timeline()
        if self.partial and settings.context.reaches_back(timeline):
            timeline = await self.whole()
        whole = await complete_plan(begun, timeline, notes, settings, self.id, self._fold, self.whole)
        self._recorder.begin_turn(number)
        try:
            await TurnRun(number, whole, settings.gateway(), self._recorder).run()
        finally:
            self._recorder.end_turn()

    async def record(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        """Record a finished block `0.n`."""
        if self._task:
            await asyncio.wait([self._task])
        self._must_be_open()
        self._begin(title)
        block = self._next_work()
        self._emit(ev.BlockStarted(block, "note", title))
        self._emit(ev.BlockFinished(block, "ok", text=text, data=data))

    def perform(self, title: str, work: SideWork) -> asyncio.Task[None]:
        """Start work of the person as a block `0.n`, which streams; `stop` stops it."""
        from ralph.session.work_block import record_work  # only a person's own command needs it

        self._must_be_open()
        if self.busy:
            raise Failure(Kind.BUSY, "a turn is running; wait for it, or stop it first")
        self._begin(title)
        doing = record_work(self._next_work(), title, work, self._recorder, self._settings.clock)
        self._task = background.start(doing, "work between turns")
        return self._task

    def _next_work(self) -> str:
        """Return the id of the next block between turns."""
        numbers = [ids.number_of(block.id) for block in self._fold.timeline().work]
        return ids.block_id(0, max(numbers, default=0) + 1)

    async def stop(self) -> None:
        """Cancel the running turn and wait until it is finished; a second call only waits."""
        task = self._task
        if task is None or task.done():
            return
        if not task.cancelling():
            task.cancel()
        await asyncio.wait([task])

    async def close(self) -> None:
        """Stop, store what is left, and release the lock. Raises `StoreFailure` if an event could not be stored."""
        if self._closed:
            return
        self._closed = True
        try:
            await self.stop()
            await self._recorder.close()
        finally:
            self._lock.release()

    async def flush(self) -> None:
        """Wait until all recorded events are in the database. Raises `StoreFailure`."""
        await self._recorder.commit()
