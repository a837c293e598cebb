"""A conversation and a workspace in memory, made of real events: what a test scripts is what the screen gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ralph.core.clock import SystemClock, stamp
from ralph.core.errors import ErrorInfo, Failure, Kind, StoreFailure
from ralph.core.llm.request import Channel
from ralph.core.llm.usage import Cost, Usage, total_cost, total_usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.log.listener import EventListener
from ralph.core.masking import Secrets
from ralph.core.ports.overrides import TurnOverrides
from ralph.core.ports.side_work import SideWork
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.timeline import Fold, Timeline
from ralph.core.timeline.turns import Turn
from ralph.session.work_block import record_work

START = datetime.fromisoformat("2026-11-20T14:02:11.123456+00:00")
ROLES = {
    "route": "anthropic:claude-haiku-4-5",
    "tool": "anthropic:claude-sonnet-5-5",
    "format": "anthropic:claude-sonnet-5-5",
}
ANSWER = "17 % of 2,340 is **397.8**. `README.md` has 212 lines."


class _Desk:
    """The part of a recorder that work between turns needs."""

    secrets = Secrets()

    def __init__(self, play: Play) -> None:
        self._play = play

    def emit(self, event: ev.Event) -> None:
        self._play.emit(0, 0, event, self._play.timeline().last_turn + 0.5)

    def delta(self, block: str, channel: Channel, ms: float, text: str, *, restart: bool = False) -> None:
        self.emit(ev.BlockDelta(block, channel, ((int(ms), text),), restart=restart))
        for view in self._play._views:
            view.chunk(block, channel, ms, text)


@dataclass(frozen=True)
class Say:
    """A live piece."""

    block: str
    text: str
    channel: Channel = "text"


@dataclass(frozen=True)
class Gate:
    """The turn waits here until the test opens it."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)


Step = tuple[float, ev.Event | Say | Gate]
Script = Callable[[int, str, str], Iterable[Step]]


class HandClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at


def usage(given: int, made: int, cached: int = 0) -> Usage:
    return Usage(input=given, cache_read=cached, output=made, source="reported")


def attempt(block: str, ref: str, start: float, end: float, used: Usage, nano: int, **more: object) -> list[Step]:
    """A request and its finish."""
    provider, _, model = ref.partition(":")
    done = ev.AttemptFinished(
        f"{block}a1",
        "ok",
        provider=provider,
        model=model,
        usage=used,
        cost=Cost(nano, "computed"),
        stop_reason="stop",
        ttft_ms=min(520.0, end - start),
        duration_ms=end - start,
    )
    return [(start, ev.AttemptStarted(f"{block}a1", block, ref)), (end, replace(done, **more))]


def finish(block: str, steps: Sequence[Step], start: float, end: float, **more: object) -> Step:
    """A block's finish, with the sums of its attempts."""
    ends = [s for _, s in steps if isinstance(s, ev.AttemptFinished)]
    made = ev.BlockFinished(
        block,
        "ok",
        usage=total_usage(a.usage for a in ends),
        cost=total_cost(a.cost for a in ends),
        duration_ms=end - start,
    )
    return end, replace(made, **more)


def turn(
    number: int,
    prompt: str,
    answer: str = ANSWER,
    *,
    context: str = "",
    tools: bool = True,
    pieces: Sequence[str] | None = None,
    gate: Gate | None = None,
    thinking: str = "",
    output: str = "397.8",
) -> list[Step]:
    """A whole turn as the pipeline tells it: route, tool (two calls, or skipped), format. `gate` holds it up after
    the first half of the answer's pieces."""
    user, route, tool, form = (f"{number}.{n}" for n in (1, 2, 3, 4))
    steps: list[Step] = [
        (0, ev.TurnStarted(prompt, context=context, roles=ROLES)),
        (0, ev.BlockStarted(user, "user")),
        (0, ev.BlockFinished(user, "ok", text=prompt)),
    ]
    asked = attempt(route, ROLES["route"], 1, 410, usage(212, 31), 370_000)
    names = ["calculate", "read_file"] if tools else []
    reason = "arithmetic and a file" if tools else "small talk"
    decision = {
        "tools": names,
        "rounds": 1,
        "intent": "compute",
        "difficulty": "low",
        "reason": reason,
        "by": ROLES["route"],
    }
    steps += [(1, ev.BlockStarted(route, "route")), *asked]
    steps.append(finish(route, asked, 1, 411, data=decision))
    steps.append((412, ev.BlockStarted(tool, "tool")))
    if tools:
        calls = attempt(tool, ROLES["tool"], 412, 1900, usage(640, 88), 2_100_000)
        steps += calls
        steps += _call(f"{tool}c1", f"{tool}a1", "calculate", {"expression": "0.17*2340"}, output, 1901)
        steps += _call(
            f"{tool}c2", f"{tool}a1", "read_file", {"path": "README.md", "lines": 3}, "# ralph\n\nA REPL.", 1903
        )
        steps.append(finish(tool, calls, 412, 2332))
    else:
        steps.append((412, ev.BlockFinished(tool, "skipped", reason="no tool is needed")))
    begun = 2333.0 if tools else 413.0
    parts = list(pieces) if pieces is not None else [answer[n : n + 7] for n in range(0, len(answer), 7)]
    wrote = attempt(form, ROLES["format"], begun, begun + 800, usage(900, 68, 900), 1_700_000)
    steps += [(begun, ev.BlockStarted(form, "format")), wrote[0]]
    if thinking:
        steps.append((begun + 300, Say(form, thinking, "thinking")))
    for n, text in enumerate(parts):
        if gate and n == len(parts) // 2:
            steps.append((begun + 520 + n, gate))
        steps.append((begun + 520 + n, Say(form, text)))
    steps += [wrote[1], finish(form, wrote, begun, begun + 800, text="".join(parts), thinking=thinking, ttft_ms=520.0)]
    return [*steps, total(steps, "ok", "".join(parts), begun + 801)]


def total(steps: Sequence[Step], status: ev.Status, text: str, ms: float) -> Step:
    ends = [s for _, s in steps if isinstance(s, ev.AttemptFinished)]
    used, cost = total_usage(a.usage for a in ends), total_cost(a.cost for a in ends)
    return ms, ev.TurnFinished(status, text, used, cost, ms)


def failing_turn(number: int, prompt: str, kind: Kind = Kind.AUTH, message: str = "") -> list[Step]:
    """A turn whose format step fails without a word."""
    steps = turn(number, prompt, tools=False)[:-1]
    form = f"{number}.4"
    error = ErrorInfo(
        kind, message or "anthropic refused the key; set ANTHROPIC_API_KEY, or choose another with /model"
    )
    kept = [s for s in steps if not (isinstance(s[1], Say) or getattr(s[1], "block", "") == form)]
    kept = [s for s in kept if getattr(s[1], "attempt", "") != f"{form}a1"]
    tries = attempt(form, ROLES["format"], 413, 600, Usage(), 0, outcome="failed", error=error, ttft_ms=None)
    kept += [(413, ev.BlockStarted(form, "format")), *tries]
    kept.append(finish(form, tries, 413, 600, status="failed", error=error))
    return [*kept, total(kept, "failed", "", 601)]


def _call(call: str, att: str, name: str, arguments: Mapping[str, object], output: str, ms: float) -> list[Step]:
    return [
        (ms, ev.ToolRequested(call, att, name, arguments, "read")),
        (ms, ev.ToolDecided(call, "allowed", "its effect")),
        (ms + 12, ev.ToolFinished(call, "ok", output, duration_ms=12.0)),
    ]


class Play:
    """A `Conversation` that plays a script for each turn."""

    def __init__(self, name: str = "k3f9w2m7qd", script: Script | None = None, clock: HandClock | None = None) -> None:
        self.id = name
        self.roles: dict[str, str] = dict(ROLES)
        self.script: Script = script or (lambda number, prompt, context: turn(number, prompt, context=context))
        self.clock = clock or HandClock()
        self.submitted: list[tuple[str, str]] = []
        self.onces: list[tuple[str, str]] = []
        self.reruns: list[tuple[int, str, str]] = []
        self.overrides = TurnOverrides()
        self.system = ""
        self.tools: tuple[str, ...] = ("calculate", "convert", "files")
        self.forked_from: str | None = None
        self.fork_turn = 0
        self.first = 0  # turns before this one are read by `whole` only, once `reading` is set
        self.reading = asyncio.Event()
        self.reading.set()
        self.stops = 0
        self.unstored: StoreFailure | None = None
        self.closed = False
        self.events: list[Envelope] = []
        self._fold = Fold(name)
        self._views: list[EventListener] = []
        self._seq = 0
        self._pastes: tuple[tuple[int, int], ...] = ()
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        return self._task is not None and not self._task.done()

    def timeline(self) -> Timeline:
        whole = self._fold.timeline()
        return replace(whole, turns=tuple(t for t in whole.turns if t.number >= self.first)) if self.first else whole

    def attach(self, view: EventListener) -> None:
        self._views.append(view)

    def detach(self, view: EventListener) -> None:
        self._views.remove(view)

    def past(self, number: int, steps: Iterable[Step]) -> Play:
        """A turn that was there before."""
        if not self._seq:
            self.emit(0, 0, ev.TimelineOpened("README questions"))
        for ms, step in steps:
            if not isinstance(step, Say | Gate):
                self.emit(number, ms, step)
        return self

    @property
    def partial(self) -> bool:
        return self.first > 0

    async def whole(self) -> Timeline:
        await self.reading.wait()
        self.first = 0
        return self.timeline()

    def emit(self, number: int, ms: float, event: ev.Event, minute: float | None = None) -> None:
        """A turn begins at the minute of its number."""
        self._seq += 1
        at = START + timedelta(minutes=number if minute is None else minute)
        envelope = Envelope(self.id, self._seq, number, stamp(at), ms, event)
        self._fold.add(envelope)
        self.events.append(envelope)
        for view in self._views:
            view.event(envelope)

    def fork(self, name: str, keep: int, title: str) -> Play:
        """A conversation of its own that shares the turns up to `keep`."""
        made = Play(name, self.script, self.clock)
        made.forked_from, made.fork_turn = self.id, keep
        for envelope in self.events:
            if envelope.turn <= keep:
                made._fold.add(envelope)
                made.events.append(envelope)
                made._seq = envelope.seq
        point = ev.ForkPoint(self.id, made._seq, keep)
        made.emit(0, 0, ev.TimelineOpened(title or f"{self.timeline().title} (fork)", point))
        return made

    def once(self, ref: str, asked: UserInput) -> asyncio.Task[None]:
        self.onces.append((ref, asked.text))
        return self.submit(asked)

    def rerun(self, turn: Turn, from_: str = "route", ref: str = "") -> asyncio.Task[None]:
        self.reruns.append((turn.number, from_, ref))
        return self.submit(UserInput.of(turn.started))

    def override(self, overrides: TurnOverrides, *, quiet: bool = False, copied: bool = False) -> None:
        if missing := [name for name in overrides.tools or () if name not in self.tools]:
            raise Failure(Kind.USAGE, f"there is no tool '{missing[0]}'")
        self.overrides = overrides
        written = {role: overrides.routing.describe_role(role) for role in ("route", "tool", "format")}
        self.roles.update({role: ref for role, ref in written.items() if ":" in ref})

    def update_timeline(
        self, *, title: str | None = None, pins: Sequence[str] | None = None, system: str | None = None
    ) -> None:
        self.system = self.system if system is None else system
        self.emit(0, 0, ev.TimelineChanged(title, None, None if pins is None else tuple(pins), system))

    def submit(self, asked: UserInput) -> asyncio.Task[None]:
        if self.busy:
            raise Failure(Kind.BUSY, "a turn is running")
        prompt, context = asked.text, asked.context
        self.submitted.append((prompt, context))
        if not self._seq:
            self.emit(0, 0, ev.TimelineOpened(prompt[:60]))
        self._pastes = asked.pastes
        self._task = asyncio.get_running_loop().create_task(self._run(self.timeline().last_turn + 1, prompt, context))
        return self._task

    async def _run(self, number: int, prompt: str, context: str) -> None:
        done: list[Step] = []
        try:
            for ms, step in self.script(number, prompt, context):
                if isinstance(step, Gate):
                    await step.opened.wait()
                elif isinstance(step, Say):
                    await asyncio.sleep(0)
                    for view in self._views:
                        view.chunk(step.block, step.channel, ms, step.text)
                else:
                    begun = isinstance(step, ev.TurnStarted) and self._pastes
                    self.emit(number, ms, replace(step, pastes=self._pastes) if begun else step)
                done.append((ms, step))
        finally:
            if not any(isinstance(s, ev.TurnFinished) for _, s in done):
                self._cut_short(number, done)

    def _cut_short(self, number: int, done: Sequence[Step]) -> None:
        """Finish all that is open, as the pipeline does on a cancel."""
        ms = done[-1][0]
        events = [s for _, s in done]
        finished = {getattr(e, "attempt", "") for e in events if isinstance(e, ev.AttemptFinished)}
        closed = {e.block for e in events if isinstance(e, ev.BlockFinished)}
        for event in events:
            if isinstance(event, ev.AttemptStarted) and event.attempt not in finished:
                self.emit(number, ms, ev.AttemptFinished(event.attempt, "cancelled", duration_ms=ms))
        for event in events:
            if isinstance(event, ev.BlockStarted) and event.block not in closed:
                text = "".join(e.text for e in events if isinstance(e, Say) and e.block == event.block)
                error = ErrorInfo(Kind.CANCELLED, "stopped; what had arrived was kept")
                self.emit(number, ms, ev.BlockFinished(event.block, "cancelled", partial=True, text=text, error=error))
        _, end = total(done, "cancelled", "", ms)
        self.emit(number, ms, end)

    async def record(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        if not self._seq:
            self.emit(0, 0, ev.TimelineOpened(title[:60]))
        block = f"0.{len(self.timeline().work) + 1}"
        minute = self.timeline().last_turn + 0.5
        self.emit(0, 0, ev.BlockStarted(block, "note", title), minute)
        self.emit(0, 0, ev.BlockFinished(block, "ok", text=text, data=data), minute)

    def perform(self, title: str, work: SideWork) -> asyncio.Task[None]:
        """As a session does it, recorded here."""
        if self.busy:
            raise Failure(Kind.BUSY, "a turn is running; wait for it, or stop it first")
        if not self._seq:
            self.emit(0, 0, ev.TimelineOpened(title[:60]))
        block = f"0.{len(self.timeline().work) + 1}"
        doing = record_work(block, title, work, _Desk(self), SystemClock())  # type: ignore[arg-type]
        self._task = asyncio.get_running_loop().create_task(doing)
        return self._task

    async def stop(self) -> None:
        self.stops += 1
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    def use_model(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Mapping[str, str]:
        if ":" not in ref:
            raise Failure(Kind.UNKNOWN_MODEL, f"'{ref}' is not a model ref")
        before = dict(self.roles)
        self.roles.update(dict.fromkeys(roles, ref))
        if self._seq and before != self.roles:
            self.emit(0, 0, ev.RolesChanged(before, dict(self.roles)))
        return self.roles

    async def flush(self) -> None:
        if self.unstored:
            raise self.unstored

    async def close(self) -> None:
        await self.stop()
        self.closed = True
