"""The kept sums of the ledger and the plain sums over its rows agree, whatever was written in whatever order."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ralph.core.clock import stamp
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.ports.budget import BudgetCaps, ReservationRequest
from ralph.core.ports.usage_report import BYS
from ralph.pricing import Prices
from ralph.store.sqlite import sums
from ralph.store.sqlite.opening import migrations
from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock
from tests.store.plain_report import PlainLedger

SUMS = 10  # the migration
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PRICES = Prices({}, ["builtin"].__contains__)
REFS = ("anthropic:m", "anthropic:n", "openai:m")
ROWS = [PriceRow("yours", "1", "m", price, price, price, price) for price in ("1", "2")]


@pytest.fixture(autouse=True, scope="module")
def utc() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@dataclass
class Writer:
    """Writes random turns of one timeline; each in as many transactions as it likes."""

    store: SqliteStore
    chance: random.Random
    name: str
    seq: int = 0
    turn: int = 0
    at: datetime = NOON
    points: list[tuple[int, int]] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)

    async def write(self, *made: ev.Event, turn: int | None = None, run: str = "") -> None:
        lines = []
        for event in made:
            self.seq += not run
            number = self.turn if turn is None else turn
            lines.append(Envelope(self.name, self.seq, number, stamp(self.at), 1.0, event))
        await self.store.log.append(lines, run=run)

    def attempt(self, block: str, role: ev.Role, *, guess: bool = False) -> tuple[ev.Event, ev.Event]:
        """The two events of the next attempt of a block."""
        chance, number = self.chance, self.tries.get(block, 0) + 1
        self.tries[block] = number
        name, ref, price = f"{block}a{number}", chance.choice(REFS), chance.choice([*ROWS, None])
        provider, _, model = ref.partition(":")
        outcomes: list[ev.Outcome] = ["ok", "ok", "ok", "failed", "cancelled", "discarded" if guess else "ok"]
        cost = chance.choice(
            [
                Cost(),
                Cost(None, "unknown"),
                *(Cost(chance.randint(0, 1 << 40), s) for s in ("computed", "estimated", "reported")),
            ]
        )  # type: ignore[arg-type]
        ttft = chance.choice([None, chance.randint(0, 400_000) / 1000])
        took = (ttft or 0.0) + chance.choice([0.5, 250.25, chance.randint(100_000, 4_000_000) / 1000])
        source = chance.choice(["reported", "counted", "estimated", "none"])
        usage = Usage(chance.randint(0, 1 << 50), 3, 2, chance.randint(0, 9999), 1, source)  # type: ignore[arg-type]
        phases = chance.choice([{}, {"held": chance.randint(0, 500_000) / 1000}])
        done = ev.AttemptFinished(
            name, chance.choice(outcomes), speculated=guess, provider=provider, model=model, usage=usage, cost=cost,
            price=price, ttft_ms=ttft, duration_ms=took, phases=phases,
        )  # fmt: skip
        return ev.AttemptStarted(name, block, ref, role, Usage(input=9, source="estimated"), price), done

    async def play(self, run: str = "") -> None:
        """A turn whose attempts finish in any order, some of them after the turn, and some never."""
        chance = self.chance
        self.turn += not run
        self.at += timedelta(hours=chance.choice([0, 1, 20, 400]))
        number = self.turn + bool(run)
        steps: list[tuple[str, ev.Role]] = [
            (f"{number}.2", "route"),
            (f"{number}.3", "tool"),
            (f"{number}.4", "format"),
        ]
        pairs = []
        for block, role in steps:
            if role != "format" and chance.random() < 0.5:
                continue
            for _ in range(chance.choice([1, 1, 2, 3])):
                pairs.append(self.attempt(block, role, guess=role == "format" and chance.random() < 0.5))
        if run:
            for start, done in pairs:
                await self.write(start, *([done] if chance.random() < 0.8 else []), turn=number, run=run)
            self.tries = {}
            return
        kinds = {"route": "ok", "tool": chance.choice(["ok", "skipped"]), "format": "ok"}
        starts = [ev.BlockStarted(block, role) for block, role in steps]  # type: ignore[arg-type]
        await self.write(ev.TurnStarted("words"), *starts, *(start for start, _ in pairs))
        ends: list[ev.Event] = [done for _, done in pairs]
        chance.shuffle(ends)
        late = [ends.pop() for _ in range(chance.choice([0, 0, 1])) if ends]
        open_work = chance.random() < 0.2
        if open_work:
            await self.write(*ends[:1])
        else:
            blocks = [ev.BlockFinished(block, kinds[role]) for block, role in steps]  # type: ignore[arg-type]
            await self.write(*ends)
            await self.write(*blocks, ev.TurnFinished(chance.choice(["ok", "ok", "failed"])), *late)
        self.points.append((self.seq, self.turn))


async def agree(store: SqliteStore) -> None:
    """The report, the caps and the comparison of the rebuild say what the rows add up to."""
    plain = PlainLedger(store.path)
    for by in BYS:
        got = await store.usage.report(by)
        assert got.rows == plain.groups(by), by
        for limit in (1, 3):
            last = await store.usage.report(by, limit)
            assert (last.rows, last.total, last.left_out) == (
                got.rows[-limit:], got.total, max(0, len(got.rows) - limit)
            )  # fmt: skip
    assert got.total == plain.total or not plain.rows
    assert got.wasted == plain.wasted
    assert got.waiting_saved_ms == pytest.approx(plain.sooner_ms, abs=0.001 * (1 + len(plain.rows)))
    assert (got.route_saved is None) == (plain.route_saved is None)
    assert got.route_saved is None or abs(got.route_saved - (plain.route_saved or 0.0)) <= 1
    assert got.route_cost == plain.cost({"role": "route"})
    for row in plain.rows[-3:]:
        budgets = await store.budgets.read_budgets(row["timeline"], row["turn"], row["started_at"], BudgetCaps())
        spent = {budget.name: budget.spent for budget in budgets}
        assert spent["timeline"] == plain.spent({"timeline": row["timeline"]})
        turn = {"timeline": row["timeline"], "turn": row["turn"], "run": ""}
        assert spent["turn"] == plain.spent(turn)
    assert not await sums.differ(store._db)


async def scenario(folder: Path, seed: int, steps: list[str]) -> None:
    chance = random.Random(seed)
    store = await SqliteStore.open(folder / "ralph.db", FrozenClock())
    try:
        writers: list[Writer] = []
        for number, step in enumerate(steps):
            if step == "open" or not writers:
                one = Writer(store, chance, f"k3f9w2m{number:03}")
                await one.write(ev.TimelineOpened("words"))
                writers.append(one)
            chosen = chance.choice(writers)
            if step == "fork" and chosen.points:
                seq, turn = chance.choice(chosen.points)
                fork = Writer(store, chance, f"f3f9w2m{number:03}", seq, turn, chosen.at, [(seq, turn)])
                await fork.write(ev.TimelineOpened("fork", ev.ForkPoint(chosen.name, seq, turn)), turn=0)
                writers.append(fork)
            elif step == "delete":
                gone = await store.remove(chosen.name, with_forks=True)
                writers = [one for one in writers if one.name not in gone]
            elif step == "recover":
                for name in await store.recover(PRICES):
                    events = await store.log.own(name)
                    one = next(w for w in writers if w.name == name)
                    one.seq = max(events[-1].seq, one.seq)
            elif step == "rebuild":
                rebuilt = await store.rebuild()
                assert "sums of the ledger" not in rebuilt.made
            elif step == "unsaved":
                await chosen.play(run="r1")
            else:
                await chosen.play()
        await agree(store)
    finally:
        await store.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 1 << 32),
    st.lists(
        st.sampled_from(["turn"] * 6 + ["open", "fork", "delete", "recover", "rebuild", "unsaved"]),
        min_size=3,
        max_size=14,
    ),
)
def test_the_sums_agree_with_the_attempts(seed: int, steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(Path(folder), seed, steps))


async def filled(store: SqliteStore, turns: int = 6) -> None:
    one = Writer(store, random.Random(3), "k3f9w2m7qd")
    await one.write(ev.TimelineOpened("words"))
    for _ in range(turns):
        await one.play()


async def test_a_rebuild_makes_wrong_sums_again(store: SqliteStore) -> None:
    await filled(store)
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        other.execute("UPDATE sums_by_day SET attempts = attempts + 5")
        other.execute("DELETE FROM guesses")
        other.execute("DROP TABLE first_token_times")
        other.commit()
    assert await store.missing() == ["table first_token_times"]
    rebuilt = await store.rebuild()
    assert rebuilt.made == ("first_token_times", "sums of the ledger")
    await agree(store)


async def test_lost_triggers_are_noticed_and_what_they_missed_is_added(store: SqliteStore) -> None:
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        other.execute("DROP TRIGGER attempts_counted_after")
        other.commit()
    await filled(store)
    assert "trigger attempts_counted_after" in await store.missing()
    await store.rebuild()
    await agree(store)


async def test_an_older_database_gets_its_sums(tmp_path: Path) -> None:
    path = tmp_path / "ralph.db"
    first = await SqliteStore.open(path, FrozenClock())
    await filled(first)
    before = await first.usage.report("day")
    await first.close()
    with contextlib.closing(sqlite3.connect(path)) as database, contextlib.closing(sqlite3.connect(":memory:")) as old:
        for number, sql in migrations():
            if number < SUMS:
                old.executescript(sql)
        known = {row[0] for row in old.execute("SELECT name FROM sqlite_master")}
        parts = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type = 'table'"
        for kind, name in database.execute(parts).fetchall():
            if name not in known:
                database.execute(f"DROP {kind} IF EXISTS {name}")
        database.execute(f"PRAGMA user_version={SUMS - 1}")
        database.commit()
    store = await SqliteStore.open(path, FrozenClock())
    try:
        assert await store.missing() == []
        assert await store.usage.report("day") == before
        assert before.total.attempts > 0
        await agree(store)
    finally:
        await store.close()


async def test_a_cap_counts_what_is_held_and_what_is_spent_once(store: SqliteStore) -> None:
    await filled(store)
    plain = PlainLedger(store.path)
    row = plain.rows[-1]
    claim = ReservationRequest(
        row["timeline"], 99, "99.4a1", "99.4", "format", ModelRef("anthropic", "m"), row["started_at"]
    )
    day = plain.cost({"day": row["day"]}).nano_usd or 0
    (near,) = await store.budgets.reserve(claim, 10, BudgetCaps(day=day + 10, alert_at=0.0))
    assert near.used == day + 10
    (near,) = await store.budgets.reserve(claim, 5, BudgetCaps(day=day + 15, alert_at=0.0))
    assert near.used == day + 15


async def test_false_counts_of_a_server_do_not_stop_the_ledger(store: SqliteStore) -> None:
    one = Writer(store, random.Random(1), "k3f9w2m7qd")
    await one.write(ev.TimelineOpened("words"))
    for number in range(1, 5):
        one.turn = number
        start, _ = one.attempt(f"{number}.4", "format")
        most = (1 << 63) - 1
        done = ev.AttemptFinished(
            f"{number}.4a1", "ok", provider="anthropic", model="m", usage=Usage(most, 0, 0, most, 0, "reported"),
            cost=Cost(most, "computed"), ttft_ms=1.0, duration_ms=900.0, price=ROWS[0],
        )  # fmt: skip
        await one.write(ev.TurnStarted("words"), ev.BlockStarted(f"{number}.4", "format"), start, done)
        await one.write(ev.BlockFinished(f"{number}.4", "ok"), ev.TurnFinished("ok"))
    total = (await store.usage.report("day")).total
    assert (total.usage.input, total.cost.nano_usd) == (4 * ((1 << 63) - 1), 4 * ((1 << 63) - 1))
