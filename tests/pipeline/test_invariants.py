"""Every start has exactly one finish, whatever a provider does and whenever a person stops it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
from collections import defaultdict
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ralph.config.settings import Config
from ralph.context.last_turns import LastTurns
from ralph.core.errors import Failure, Kind, ProviderFailure, StoreFailure
from ralph.core.llm.consent import Decision
from ralph.core.llm.messages import CallPart, Content, TextPart, ThinkingPart
from ralph.core.llm.provider import Traits
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Report, Request, ToolSpec
from ralph.core.llm.routing import Routing
from ralph.core.llm.tool import Effect, Surroundings, ToolCall, ToolFailure
from ralph.core.llm.usage import Usage, total_cost, total_usage
from ralph.core.log import events as ev
from ralph.core.log.codec import from_json, to_json
from ralph.core.log.envelope import Envelope
from ralph.core.masking import Secrets
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.timeline import failure_of, fold
from ralph.gateway.budget import BudgetGuard
from ralph.gateway.dispatch import Dispatch
from ralph.gateway.provider_settings import KnownProviders
from ralph.headless.doctor import invariants
from ralph.pipeline.plan import Models, SpeculationPolicy, ToolPolicy
from ralph.pricing import Prices
from ralph.session.models.directory import ModelDirectory
from ralph.session.session import Session
from ralph.session.settings import Settings
from tests.frozen import FrozenClock
from tests.session.test_recorder import Seen, Shelf

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

REF = ModelRef("wild", "m")
DECISIONS = [
    '{"tools": ["poke"], "rounds": 2, "intent": "other", "difficulty": "low", "reason": "r"}',
    '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "r"}',
    '{"tools": [] , "tools": ["poke"], "rounds": 1}',  # it changes its mind
]
ENDS: list[Any] = [
    "ok", "ok", "ok", "raise", "lie", "silence", "length", "refusal", "empty", *(k for k in Kind if k is not Kind.USAGE)
]  # fmt: skip


class Wild:
    """A provider that does anything a real one has ever done, by a seed."""

    name = "wild"
    traits = Traits()

    def __init__(self, seed: int, *, lies: bool = False) -> None:
        self.random = random.Random(seed)
        self.lies = lies
        self.open = 0
        self.requests = 0

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        self.requests += 1
        self.open += 1
        try:
            async for item in self._items(request):
                yield item
        finally:
            self.open -= 1
            for _ in range(self.random.choice([0, 0, 1, 3])):
                await asyncio.sleep(0)

    async def _items(self, request: Request) -> AsyncGenerator[Item, None]:
        rng, end = self.random, self.random.choice(ENDS)
        await self._pause()
        if rng.random() < 0.7:
            yield Report(Usage(input=9, output=1, source="reported"), {"in": 9})
        text = rng.choice(DECISIONS) if request.role == "route" else "" if end == "empty" else "some words of an answer"
        for n in range(0, len(text), 7):
            if rng.random() < 0.2:
                yield Piece("thinking", "hm ")
            yield Piece("text", text[n : n + 7])
            await self._pause()
            if rng.random() < 0.1 and end not in ("ok", "length", "refusal", "empty"):
                break
        if self.lies:
            yield Piece(rng.choice(["text", "thinking"]), rng.choice(["\ud83d", "\ude00", "a\x00b"]))
            yield Report(Usage(input=rng.choice([2**70, -1, 9]), output=2**70, source="reported"), {"in": 2**70})
        self._fail(end)
        if end == "silence":
            return
        yield Report(Usage(input=9, output=5, source="reported"), {"in": 9, "out": 5})
        stop: Any = end if end in ("length", "refusal") else "stop"
        calls = request.role == "tool" and rng.random() < 0.7
        parts: Any = (ThinkingPart("hm"), TextPart(text))
        if calls and stop == "stop":
            stop, parts = "tool_calls", tuple(CallPart(f"v{n}", rng.choice(["poke", "nosuch"])) for n in range(2))
        yield Answer(stop, Content(parts))

    def _fail(self, end: str) -> None:
        if end == "raise":
            raise RuntimeError("this adapter has a mistake")
        if end == "lie":
            raise KeyError("choices")
        if isinstance(end, Kind):
            raise ProviderFailure(end, f"it ended as {end}", rejected=self.random.random() < 0.5)

    async def _pause(self) -> None:
        for _ in range(self.random.choice([0, 0, 1, 2])):
            await asyncio.sleep(0)

    async def models(self) -> tuple[Any, ...]:
        return ()

    async def ready(self) -> None: ...

    async def warm(self) -> None: ...

    async def aclose(self) -> None: ...


class Poke:
    """A tool that works, fails, raises what it should not, or takes its time."""

    spec = ToolSpec("poke", "Pokes.", {"type": "object", "properties": {}})
    effect: Effect = "none"

    def __init__(self, rng: random.Random) -> None:
        self.random = rng

    async def run(self, arguments: Any, call: ToolCall) -> str:
        for _ in range(self.random.choice([0, 1, 5])):
            await asyncio.sleep(0)
            call.emit_output("poking ")
        kind = self.random.choice(["ok", "ok", "fail", "raise", "long"])
        if kind == "fail":
            raise ToolFailure("it would not move")
        if kind == "raise":
            raise ZeroDivisionError("oops")
        return "x" * (70_000 if kind == "long" else 3)


class One:
    """The only provider there is."""

    def __init__(self, wild: Wild) -> None:
        self.wild = wild
        self.known = KnownProviders(Config(), {})
        self.secrets = Secrets()

    async def get(self, ref: ModelRef) -> Wild:
        return self.wild

    def forget(self, name: str) -> None:
        """It lists nothing."""


class Free:
    def release(self) -> None: ...


class Fixed(ModelDirectory):
    """One model for everything."""

    def resolve(self, routing: Routing | None = None) -> Models:
        return Models(REF, REF, REF, "model")


def session_on(wild: Wild, shelf: Shelf) -> Session:
    clock = FrozenClock()
    verdicts = ["allowed", "allowed", "denied", "ask"]
    made = Settings(
        models=Fixed(Routing(), None, {}),  # type: ignore[arg-type]
        gateway=lambda: Dispatch(One(wild), Prices(Config().prices, [].__contains__), BudgetGuard(), clock),  # type: ignore[arg-type]
        tools=lambda: ToolPolicy(
            {"poke": Poke(wild.random)},
            lambda *_: Decision(wild.random.choice(verdicts), "chance"),  # type: ignore[arg-type]
            Surroundings(Path(), clock),
        ),
        context=LastTurns(50),
        clock=clock,
        versions={},
        speculation=SpeculationPolicy(wild.random.choice(["on", "off"])),  # type: ignore[arg-type]
    )
    return Session("wildtime00", made, shelf.append, Free())


PATIENCE_S = 30.0


async def play(seed: int, cuts: list[int], *, again: bool = False) -> tuple[list[Envelope], Wild]:
    """Two turns, each stopped (perhaps twice) after so many steps of the loop. With `again` the second one runs the
    first again, from the last step from which it can."""
    wild, shelf = Wild(seed), Shelf()
    session = session_on(wild, shelf)
    before = asyncio.all_tasks()
    for turn in range(2):
        task = repeat(session) if again and turn else session.submit(UserInput(f"question {turn}"))
        stops: list[asyncio.Task[None]] = []
        for step in range(4000):
            if task.done():
                break
            if step in cuts[turn::2]:
                stops.append(asyncio.ensure_future(session.stop()))
            await asyncio.sleep(0)
        await asyncio.wait([task], timeout=PATIENCE_S)  # the price table is loaded in a thread, whatever the loop does
        assert task.done(), "the turn hangs"
        await asyncio.gather(*stops)
        assert not session.busy
    await session.close()
    left = [t for t in asyncio.all_tasks() - before if not t.done()]
    assert left == []
    return shelf.events, wild


DEATHS = [
    OverflowError("Python int too large to convert to SQLite INTEGER"),
    TypeError("no JSON for set"),
    UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed"),
    MemoryError(),
    RuntimeError("what was this?"),
    StoreFailure("the disk is full"),
]


@given(st.integers(0, 2**32), st.lists(st.integers(0, 120), max_size=2), st.integers(0, 40), st.sampled_from(DEATHS))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_a_store_that_raises_anything_at_any_call_ends_the_turn_with_a_sentence(
    seed: int, cuts: list[int], lives: int, death: Exception
) -> None:
    asyncio.run(play_on_a_dying_store(seed, cuts, lives, death))


async def play_on_a_dying_store(seed: int, cuts: list[int], lives: int, death: Exception) -> None:
    """No hang, one finish for all that is shown, and where it could not be kept a kind and a sentence."""
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    wild, shelf, shown = Wild(seed, lies=True), Shelf(), Seen()
    shelf.death, shelf.lives = death, lives
    session = session_on(wild, shelf)
    session.attach(shown)
    before = asyncio.all_tasks()
    for turn in range(2):
        dead = shelf.lives < 0
        task = session.submit(UserInput(f"question {turn}"))
        stops: list[asyncio.Task[None]] = []
        for step in range(4000):
            if task.done():
                break
            if step in cuts[turn::2]:
                stops.append(asyncio.ensure_future(session.stop()))
            await asyncio.sleep(0)
        await asyncio.wait([task], timeout=PATIENCE_S)
        assert task.done(), "the turn hangs"
        await asyncio.gather(*stops)
        assert task.cancelled() or task.exception() is None
        if dead:  # from its first moment on
            last = session.timeline().turns[-1]
            failed = failure_of(last)
            assert failed is not None
            assert last.status in ("failed", "cancelled")
            assert failed[0].kind in (Kind.STORE, Kind.CANCELLED)
            assert failed[0].kind is Kind.CANCELLED or str(death) in failed[0].message
    told: list[StoreFailure] = []
    try:
        await session.close()
    except StoreFailure as failure:
        told.append(failure)
    assert bool(told) == (shelf.lives < 0)
    gc.collect()
    await asyncio.sleep(0)
    assert complaints == []
    assert [t for t in asyncio.all_tasks() - before if not t.done()] == []
    assert all(c.ok for c in invariants(shown.events)), invariants(shown.events)
    assert wild.open == 0


def repeat(session: Session) -> asyncio.Task[None]:
    """The first turn again, keeping as much of it as can be kept."""
    for step in ("format", "tool"):
        with contextlib.suppress(Failure):
            return session.rerun(session.timeline().turns[0], step)  # type: ignore[arg-type]
    return session.rerun(session.timeline().turns[0])


@given(st.integers(0, 2**32), st.lists(st.integers(0, 120), max_size=4))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_a_turn_run_again_keeps_the_invariants(seed: int, cuts: list[int]) -> None:
    events, _ = asyncio.run(play(seed, cuts, again=True))
    assert all(c.ok for c in invariants(events)), invariants(events)
    check_texts(events)
    check_sums(events)
    timeline = fold("wildtime00", events)
    assert fold("wildtime00", [e for e in events if not isinstance(e.event, ev.BlockDelta)]) == timeline
    assert fold("wildtime00", [from_json(to_json(e)) for e in events]) == timeline
    first, second = timeline.turns
    kept = [b for b in second.blocks if b.copied_from]
    assert all(not b.attempts and b.cost.nano_usd == 0 and b.usage == Usage() for b in kept)
    for block in kept:
        was = first.step(block.kind)
        assert was is not None
        assert (block.copied_from, block.status) == (f"wildtime00/{was.id}", was.status)
        assert (block.text, block.thinking, block.data) == (was.text, was.thinking, was.data)
        assert [(c.name, c.status, c.output, c.sent, c.blob) for c in block.calls] == [
            (c.name, c.status, c.output, c.sent, c.blob) for c in was.calls
        ]
    rerun_of = second.started.rerun_of
    assert rerun_of is not None
    assert len(kept) == ["route", "tool", "format"].index(rerun_of.from_)


@given(st.integers(0, 2**32), st.lists(st.integers(0, 120), max_size=4))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_every_start_has_one_finish(seed: int, cuts: list[int]) -> None:
    events, wild = asyncio.run(play(seed, cuts))
    assert all(c.ok for c in invariants(events)), invariants(events)
    assert wild.open == 0
    started = sum(isinstance(e.event, ev.AttemptStarted) for e in events)
    assert wild.requests <= started <= wild.requests + stopped_before_a_token(events)
    check_texts(events)
    check_sums(events)
    timeline = fold("wildtime00", events)
    assert fold("wildtime00", [e for e in events if not isinstance(e.event, ev.BlockDelta)]) == timeline
    assert fold("wildtime00", [from_json(to_json(e)) for e in events]) == timeline
    for turn in timeline.turns:
        assert [b.kind for b in turn.blocks] == ["user", "route", "tool", "format"]
        answer = turn.step("format")
        assert answer is not None
        assert turn.text == answer.text


def stopped_before_a_token(events: list[Envelope]) -> int:
    """A stop may land between the start of an attempt, which is committed first, and its request."""
    finishes = [e.event for e in events if isinstance(e.event, ev.AttemptFinished)]
    return sum(f.outcome in ("cancelled", "discarded") and f.ttft_ms is None for f in finishes)


def check_texts(events: list[Envelope]) -> None:
    """What was streamed is what the finish repeats."""
    streamed: dict[tuple[str, str], str] = defaultdict(str)
    kinds: dict[str, str] = {}
    for envelope in events:
        event = envelope.event
        if isinstance(event, ev.BlockStarted):
            kinds[event.block] = event.kind
        if isinstance(event, ev.BlockDelta):
            if event.restart:
                streamed[event.block, event.channel] = ""
            streamed[event.block, event.channel] += "".join(text for _, text in event.chunks)
        if isinstance(event, ev.BlockFinished) and kinds[event.block] != "user":
            assert streamed[event.block, "text"] == event.text
            assert streamed[event.block, "thinking"] == event.thinking


def check_sums(events: list[Envelope]) -> None:
    """attempts = blocks = turn."""
    timeline = fold("wildtime00", events)
    finished = {e.event.block: e.event for e in events if isinstance(e.event, ev.BlockFinished)}
    turns = {e.turn: e.event for e in events if isinstance(e.event, ev.TurnFinished)}
    for turn in timeline.turns:
        for block in turn.blocks:
            assert finished[block.id].usage == block.usage == total_usage(a.usage for a in block.attempts)
            assert finished[block.id].cost == block.cost == total_cost(a.cost for a in block.attempts)
        assert (turns[turn.number].usage, turns[turn.number].cost) == (turn.usage, turn.cost)
    assert timeline.usage == total_usage(t.usage for t in timeline.turns)


def test_a_reader_of_a_newer_log_goes_on() -> None:
    events, _ = asyncio.run(play(1, []))
    strange = replace(events[-1], seq=events[-1].seq + 1, event=ev.Unknown("moon.rose", {}))
    assert fold("wildtime00", [*events, strange]).unknown_types == {"moon.rose"}
