"""What a dead process left open is closed by appending; what a living one holds is left alone."""

from __future__ import annotations

import contextlib
import sqlite3

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ralph.core.log import events as ev
from ralph.core.timeline.timeline import fold
from ralph.headless.doctor import invariants
from ralph.pricing import Prices
from ralph.store.recovery import closing
from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock
from tests.store.logs import envelopes, opened, turn

ID = "k3f9w2m7qd"
PRICES = Prices({}, ["builtin"].__contains__)
WHOLE = envelopes([opened(), *turn(1, "what is 1+1?", "It is two."), *turn(2, "and?", "No."), (0, ev.Note("x", "y"))])


@given(st.integers(1, len(WHOLE)))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_log_cut_anywhere_is_closed_exactly_once(length: int) -> None:
    cut = WHOLE[:length]
    added = closing(ID, cut, PRICES, FrozenClock())
    checks = invariants([*cut, *added])
    assert all(c.ok for c in checks), checks
    assert closing(ID, [*cut, *added], PRICES, FrozenClock()) == []
    timeline = fold(ID, [*cut, *added])
    assert all(t.status for t in timeline.turns)
    for one in timeline.turns:
        finish = next(e.event for e in [*cut, *added] if isinstance(e.event, ev.TurnFinished) and e.turn == one.number)
        assert (finish.usage, finish.cost) == (one.usage, one.cost)


async def test_the_text_is_kept_and_the_attempt_estimated(store: SqliteStore) -> None:
    log = envelopes([opened(), *turn(1, "what is 1+1?", "It is two.", finished=False)])
    await store.log.append(log)
    assert await store.recover(PRICES) == [ID]
    timeline = fold(ID, await store.log.events(ID))
    block = timeline.turns[0].step("format")
    assert block is not None
    assert (block.status, block.text, block.partial) == ("interrupted", "It is two.", True)
    attempt = block.attempts[0]
    assert (attempt.end.outcome, attempt.usage.input, attempt.usage.source) == ("interrupted", 800, "estimated")
    assert attempt.cost.status == "estimated"
    assert timeline.turns[0].status == "interrupted"
    assert await store.recover(PRICES) == []
    assert fold(ID, await store.log.events(ID, deltas=False)) == timeline


async def test_a_running_timeline_is_left_alone(store: SqliteStore) -> None:
    log = envelopes([opened(), *turn(1, "what is 1+1?", "It is two.", finished=False)])
    await store.log.append(log)
    lock = store.lock(ID)
    assert await store.recover(PRICES) == []
    assert await store.log.events(ID) == log
    assert [row.busy for row in await store.catalog.timelines()] == [True]
    lock.release()
    assert await store.recover(PRICES) == [ID]


async def test_unsaved_attempts_of_the_dead_are_settled(store: SqliteStore) -> None:
    log = envelopes([opened(), *turn(1, "what is 1+1?", "It is two.", finished=False)])
    await store.log.append(log, run="unsaved001")
    lock = store.lock(ID)
    await store.recover(PRICES)
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        assert other.execute("SELECT outcome FROM attempts").fetchone() == (None,)
        lock.release()
        await store.recover(PRICES)
        row = other.execute("SELECT outcome, input, usage_source FROM attempts").fetchone()
    assert row == ("interrupted", 800, "estimated")
