"""The ledger's account says what the attempts say: to the token, to the nano-dollar, however it is grouped."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ralph.core.clock import stamp
from ralph.core.errors import ErrorInfo, Kind
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Role
from ralph.core.llm.usage import Cost, Usage, total_cost, total_usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.ports.budget import BudgetCaps, ReservationRequest
from ralph.core.ports.usage_report import BYS, GroupBy, UsageReport, price_hint, routing
from ralph.store.sqlite.store import SqliteStore
from ralph.store.sqlite.usage_report import HITS
from tests.frozen import FrozenClock
from tests.store.plain_sum import percentile, spending

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TIMELINES = ("k3f9w2m7qd", "saved00000")


@pytest.fixture(autouse=True, scope="module")
def utc() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@dataclass(frozen=True)
class Made:
    """An attempt as a test wants it."""

    timeline: str = TIMELINES[0]
    days: int = 0
    ref: str = "anthropic:m"
    role: Role = "format"
    outcome: ev.Outcome = "ok"
    usage: Usage = Usage(900, 100, 50, 68, 8, "reported")
    cost: Cost = Cost(2_315_000, "computed")
    ttft_ms: float | None = 100.0
    duration_ms: float = 600.0
    again: bool = False

    @property
    def at(self) -> datetime:
        return NOON - timedelta(days=self.days)

    def group(self, by: GroupBy) -> str:
        provider, _, _ = self.ref.partition(":")
        day = self.at.date().isoformat()
        return {
            "day": day, "month": day[:7], "model": self.ref, "provider": provider, "timeline": self.timeline,
            "step": self.role,
        }[by]  # fmt: skip


def log(timeline: str, made: Sequence[Made]) -> list[Envelope]:
    """A turn for each attempt; one that was made again follows the one before in its block."""
    events: list[tuple[int, datetime, ev.Event]] = [(0, NOON, ev.TimelineOpened("words"))]
    number = 0
    for n, a in enumerate(made, start=1):
        number = number + 1 if a.again and n > 1 else 1
        block, name = f"{n - number + 1}.4", f"{n - number + 1}.4a{number}"
        provider, _, model = a.ref.partition(":")
        error = ErrorInfo(Kind.SERVER, "it broke") if a.outcome == "failed" else None
        done = ev.AttemptFinished(
            name, a.outcome, speculated=a.outcome == "discarded", provider=provider, model=model, error=error,
            usage=a.usage, cost=a.cost, ttft_ms=a.ttft_ms, duration_ms=a.duration_ms,
        )  # fmt: skip
        turn = n - number + 1
        if number == 1:
            events += [(turn, a.at, ev.TurnStarted("words")), (turn, a.at, ev.BlockStarted(block, "format"))]
        events += [(turn, a.at, ev.AttemptStarted(name, block, a.ref, a.role)), (turn, a.at, done)]
        if n == len(made) or not made[n].again:
            events += [(turn, a.at, ev.BlockFinished(block, "ok")), (turn, a.at, ev.TurnFinished("ok"))]
    return [Envelope(timeline, s, turn, stamp(at), 1.0, event) for s, (turn, at, event) in enumerate(events, start=1)]


async def account(store: SqliteStore, made: Sequence[Made], by: GroupBy = "day") -> UsageReport:
    for timeline in TIMELINES:
        if kept := [a for a in made if a.timeline == timeline]:
            await store.log.append(log(timeline, kept))
    return await store.usage.report(by)


usages = st.builds(
    lambda fresh, read, write, output, reasoning, source: Usage(
        fresh + read + write, read, write, output + reasoning, reasoning, source
    ),
    *[st.integers(0, 10**7)] * 5,
    st.sampled_from(["reported", "counted", "estimated", "none"]),
)
costs = st.one_of(
    st.builds(Cost, st.integers(0, 10**13), st.sampled_from(["reported", "computed", "estimated"])),
    st.just(Cost()),
    st.just(Cost(None, "unknown")),
)
logs = st.lists(
    st.builds(
        Made,
        timeline=st.sampled_from(TIMELINES),
        days=st.integers(0, 40),
        ref=st.sampled_from(["anthropic:m", "anthropic:n", "openai:m", "ollama:llama3.2:3b"]),
        role=st.sampled_from(["route", "tool", "format", "summarise"]),
        outcome=st.sampled_from(["ok", "failed", "cancelled", "interrupted", "discarded"]),
        usage=usages,
        cost=costs,
        ttft_ms=st.one_of(st.none(), st.integers(0, 500_000).map(lambda us: us / 1000)),
        duration_ms=st.integers(500_000, 10_000_000).map(lambda us: us / 1000),
        again=st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(logs)
def test_every_grouping_adds_up_to_the_attempts(made: list[Made]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_adds_up(Path(folder), made))


async def _adds_up(folder: Path, made: list[Made]) -> None:
    store = await SqliteStore.open(folder / "ralph.db", FrozenClock())
    try:
        await account(store, made)
        for by in BYS:
            got = await store.usage.report(by)
            groups = {a.group(by): [b for b in made if b.group(by) == a.group(by)] for a in made}
            assert {r.name: (r.attempts, r.usage, r.cost) for r in got.rows} == {
                name: (len(g), total_usage(a.usage for a in g), total_cost(a.cost for a in g))
                for name, g in groups.items()
            }
            assert got.by == by
            with contextlib.closing(sqlite3.connect(store.path)) as other:
                other.row_factory = sqlite3.Row
                sql = "SELECT *, provider || ':' || model AS name FROM attempts"
                ledger = [dict(row) for row in other.execute(f"{sql} WHERE outcome IS NOT NULL ORDER BY started_at")]
            assert got.total == spending("total", ledger)
            if by == "model":
                names = dict.fromkeys(row["name"] for row in ledger)
                assert got.rows == tuple(spending(n, [r for r in ledger if r["name"] == n], ledger) for n in names)
            assert got.total.usage == total_usage(a.usage for a in made)
            assert got.total.cost == total_cost(a.cost for a in made)
            assert got.total.attempts == len(made)
            assert got.wasted == total_cost(a.cost for a in made if a.outcome == "discarded")
            assert got.route_cost == total_cost(a.cost for a in made if a.role == "route")
    finally:
        await store.close()


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_nearest_rank(values: list[float], share: int) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(v <= found for v in values) * 100 >= len(values) * share
    assert sum(v < found for v in values) * 100 < len(values) * share


def test_there_is_no_percentile_of_nothing() -> None:
    assert percentile([], 95) is None


async def test_an_answer_that_came_at_once_has_no_speed(store: SqliteStore) -> None:
    assert (await account(store, [Made(ttft_ms=20.0, duration_ms=20.1)])).total.tokens_per_second is None


async def test_waiting_speed_and_failures(store: SqliteStore) -> None:
    made = [Made(ttft_ms=float(n), duration_ms=1000.0 + n) for n in range(1, 21)]
    made += [Made(outcome="failed", ttft_ms=None, duration_ms=9e9), Made(outcome="interrupted", ttft_ms=None)]
    made += [Made(outcome="failed", ttft_ms=None), Made(again=True, ttft_ms=None)]
    made += [Made(outcome="discarded", ttft_ms=None), Made(outcome="cancelled", again=True, ttft_ms=None)]
    total = (await account(store, made)).total
    assert (total.ttft_p50_ms, total.ttft_p95_ms) == (10.0, 19.0)
    assert (total.duration_p50_ms, total.duration_p95_ms) == (1010.0, 1019.0)
    assert total.tokens_per_second == 68.0
    assert (total.error_rate, total.retry_rate) == (round(3 / 26, 4), round(1 / 26, 4)), "a guess is no try"


async def test_what_nobody_knows_is_said_and_never_nothing(store: SqliteStore) -> None:
    free, unknown = Made(ref="ollama:m", cost=Cost()), Made(ref="mine:m", cost=Cost(None, "unknown"))
    got = await account(store, [free, unknown, Made()], "model")
    assert {r.name: r.cost for r in got.rows} == {
        "ollama:m": Cost(0, "free"), "mine:m": Cost(None, "unknown"), "anthropic:m": Cost(2_315_000, "computed")
    }  # fmt: skip
    assert got.total.cost == Cost(2_315_000, "unknown")


async def test_cache_hits_and_what_they_saved(store: SqliteStore) -> None:
    lines = log(TIMELINES[0], [Made()])
    for n, nano in enumerate((4_000_000, None), start=len(lines) + 1):
        note = ev.Note("cache", "from the cache", "1.4", {"cost": {"nano_usd": nano, "status": "computed"}})
        lines.append(Envelope(TIMELINES[0], n, 1, stamp(NOON), 1.0, note))
    await store.log.append(lines)
    got = await store.usage.report("day")
    assert (got.cache_hits, got.cache_saved, got.total.attempts) == (2, 4_000_000, 1)


async def test_a_deleted_timeline_stays_in_the_account(store: SqliteStore) -> None:
    before = await account(store, [Made(), Made(timeline=TIMELINES[1])], "timeline")
    await store.remove(TIMELINES[1])
    assert await store.usage.report("timeline") == before


async def test_a_running_attempt_is_in_no_account_but_in_the_budgets_that_it_holds(store: SqliteStore) -> None:
    await account(store, [Made(), Made(days=1), Made(days=30), Made(timeline=TIMELINES[1], cost=Cost(None, "unknown"))])
    caps = BudgetCaps(turn=10**9, day=5 * 10**9)
    claim = ReservationRequest(TIMELINES[0], 9, "9.4a1", "9.4", "format", ModelRef("anthropic", "m"), stamp(NOON))
    await store.budgets.reserve(claim, 7_000_000, caps)
    assert (await store.usage.report("day")).total.attempts == 4
    rows = {row.name: row for row in await store.budgets.read_budgets(TIMELINES[0], 9, stamp(NOON), caps)}
    assert rows["turn"].used == Cost(7_000_000, "estimated")
    assert rows["turn"].share == 0.007
    assert {name: (row.spent, row.held) for name, row in rows.items()} == {
        "turn": (None, 7_000_000),
        "timeline": (Cost(3 * 2_315_000, "computed"), 7_000_000),
        "day": (Cost(2_315_000, "unknown"), 7_000_000),
        "month": (Cost(2 * 2_315_000, "unknown"), 7_000_000),
    }
    (row,) = [row for row in await store.catalog.timelines() if row.id == TIMELINES[0]]
    assert row.cost == Cost(3 * 2_315_000, "computed"), "what is held is in no sum"
    assert rows["timeline"].used == Cost(3 * 2_315_000 + 7_000_000, "estimated")
    assert rows["day"].used == Cost(2_315_000 + 7_000_000, "unknown")
    assert rows["month"].used == Cost(2 * 2_315_000 + 7_000_000, "unknown")
    assert (rows["day"].cap, rows["month"].cap, rows["month"].share) == (5 * 10**9, None, None)


def dear(model: str, price: str, nano: int, role: Role, block: str, *, ok: bool = True) -> list[ev.Event]:
    """An attempt of this model at this price, in US dollars per million tokens."""
    row = PriceRow("yours", "1", f"anthropic:{model}", price, price, price, price)
    done = ev.AttemptFinished(
        f"{block}a1", "ok" if ok else "failed", provider="anthropic", model=model, usage=Usage(9, source="reported"),
        cost=Cost(nano, "computed"), price=row,
    )  # fmt: skip
    return [ev.AttemptStarted(f"{block}a1", block, f"anthropic:{model}", role), done]


def stepped(n: int, *, tool: int, model: str = "m", price: str = "1", route: int = 0, status: ev.Status = "ok") -> Any:
    """A turn whose route and tool steps cost so many nano-dollars; 0: the rules routed it, no tool was needed."""
    made: list[ev.Event] = [ev.TurnStarted("words"), ev.BlockStarted(f"{n}.2", "route")]
    made += dear("r", "1", route, "route", f"{n}.2") if route else []
    made += [ev.BlockFinished(f"{n}.2", "ok"), ev.BlockStarted(f"{n}.3", "tool")]
    made += dear(model, price, tool, "tool", f"{n}.3") if tool else []
    made += [ev.BlockFinished(f"{n}.3", "ok" if tool else "skipped"), ev.BlockStarted(f"{n}.4", "format")]
    made += [*dear(model, price, 5, "format", f"{n}.4"), ev.BlockFinished(f"{n}.4", status), ev.TurnFinished(status)]
    return [(n, event) for event in made]


async def saved(store: SqliteStore, *turns: Any) -> int | None:
    steps = [(0, ev.TimelineOpened("words")), *(step for turn in turns for step in turn)]
    at = stamp(NOON)
    await store.log.append([Envelope(TIMELINES[0], s, n, at, 1.0, e) for s, (n, e) in enumerate(steps, start=1)])
    return (await store.usage.report("day")).route_saved


async def test_a_skipped_step_is_compared_with_the_same_model_at_the_same_price_alone(store: SqliteStore) -> None:
    turns = [
        stepped(1, tool=400), stepped(2, tool=600), stepped(3, tool=0), stepped(4, tool=0, status="failed"),
        stepped(5, tool=0, model="other"), stepped(6, tool=0, price="2"), stepped(7, tool=90_000, status="cancelled"),
    ]  # fmt: skip
    assert await saved(store, *turns) == 500, "one skipped step, at the mean of two"


async def test_a_turn_that_no_model_routed_is_compared_with_those_of_its_timeline(store: SqliteStore) -> None:
    turns = [stepped(1, tool=0, route=30), stepped(2, tool=0, route=50), stepped(3, tool=0), stepped(4, tool=0)]
    assert await saved(store, *turns) == 80


async def test_nothing_is_said_to_be_saved_where_nothing_can_be_compared(store: SqliteStore) -> None:
    turns = [stepped(1, tool=400, status="failed"), stepped(2, tool=0), stepped(3, tool=0, model="other")]
    assert await saved(store, *turns) is None
    assert routing(await store.usage.report("day")) == ""


async def test_a_model_without_a_price_is_named_until_it_has_one(store: SqliteStore) -> None:
    made = [Made(days=2, ref="mine:m", cost=Cost(None, "unknown")), Made(days=1, ref="anthropic:m")]
    made += [Made(days=1, ref="other:m", cost=Cost(None, "unknown")), Made(ref="other:m", cost=Cost())]
    got = await account(store, made)
    assert got.unpriced == ("mine:m",)
    assert "no price is known for mine:m: for a server of your own write `free: true`" in price_hint(got)


async def test_an_empty_ledger_has_an_account_too(store: SqliteStore) -> None:
    got = await store.usage.report("model")
    assert (got.rows, got.total.attempts, got.total.cost, got.wasted) == ((), 0, Cost(), Cost())
    assert all(row.used == Cost() for row in await store.budgets.read_budgets("", 0, stamp(NOON), BudgetCaps()))


async def test_cache_hits_are_counted_without_reading_all_events(store: SqliteStore) -> None:
    steps: list[int] = []
    for count in (10, 200):
        await store.log.append(log(TIMELINES[len(steps)], [Made()] * count))
        with contextlib.closing(sqlite3.connect(store.path)) as other:
            taken = [0]
            other.set_progress_handler(lambda taken=taken: taken.append(0), 10)
            other.execute(HITS).fetchall()
            steps.append(len(taken))
    assert steps[1] == steps[0]


async def test_a_damaged_note_keeps_nobody_from_the_account(store: SqliteStore) -> None:
    lines = log(TIMELINES[0], [Made()])
    await store.log.append(lines)
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        row = (TIMELINES[0], len(lines) + 1, 1, "", 0.0, "note", 1, '{"kind": "cac')
        other.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        other.commit()
    got = await store.usage.report("day")
    assert (got.cache_hits, got.total.attempts) == (0, 1)
