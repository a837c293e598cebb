"""A look into saved timelines: the last turns, titles in a search, another title."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from ralph.core.log import events as ev
from ralph.core.timeline.rows import Glimpse
from ralph.headless import saved
from ralph.session.forking import renaming
from ralph.store.sqlite.catalog import EXCERPTS
from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock
from tests.store.logs import AT, envelopes, opened, turn

NAME, FORK = "k3f9w2m7qd", "f0rk000000"


async def fill(store: SqliteStore) -> None:
    events = [opened(), *turn(1, "one?", "First."), *turn(2, "two?", "Second."), *turn(3, "three?", "Third.")]
    past = envelopes(events)
    await store.log.append(past)
    kept = max(e.seq for e in past if e.turn <= 2)
    first = (0, ev.TimelineOpened("README questions (fork)", ev.ForkPoint(NAME, kept, 2)))
    await store.log.append(envelopes([first, *turn(3, "other?", "Else.")], FORK, after=kept))


async def test_the_last_turns_oldest_first(store: SqliteStore) -> None:
    await fill(store)
    assert await store.catalog.preview(NAME, 2) == (
        Glimpse(2, "two?", "Second.", "ok"),
        Glimpse(3, "three?", "Third.", "ok"),
    )


async def test_a_fork_shows_its_parents_turns_up_to_where_it_left(store: SqliteStore) -> None:
    await fill(store)
    told = [(g.number, g.prompt) for g in await store.catalog.preview(FORK, 6)]
    assert told == [(1, "one?"), (2, "two?"), (3, "other?")]


async def test_a_turn_without_an_answer_is_told_so(store: SqliteStore) -> None:
    await store.log.append(envelopes([opened(), *turn(1, "one?", "First.", finished=False)]))
    assert await store.catalog.preview(NAME, 6) == (Glimpse(1, "one?", "", None),)


async def test_a_search_finds_titles_too(store: SqliteStore, clock: FrozenClock) -> None:
    await fill(store)
    await store.log.append([renaming(NAME, await store.log.events(NAME), "About Stripes", clock)])
    rows = await store.catalog.timelines("stripes abo")
    assert [(r.id, r.title, r.excerpt) for r in rows] == [(NAME, "About Stripes", "")]
    assert {r.id for r in await store.catalog.timelines("else")} == {FORK}
    assert await store.catalog.timelines('"%_\\') == ()


async def test_only_what_answered_is_worth_a_look_at_its_pace(store: SqliteStore) -> None:
    await fill(store)
    assert await store.speeds.models("anthropic") == {"m"}
    assert await store.speeds.models("openai") == frozenset()


async def test_every_timeline_is_found_however_often_another_holds_the_words(store: SqliteStore) -> None:
    for n in range(130):
        name = f"t{n:09d}"
        await store.log.append(envelopes([opened(), *turn(1, "common words?", "common " * (n % 3 + 1))], name))
    rows = await store.catalog.timelines("common")
    assert len(rows) == 130
    assert sum(bool(r.excerpt) for r in rows) == EXCERPTS


@pytest.mark.parametrize(("limit", "listed", "told"), [(2, 2, "2 of 3 timelines"), (3, 3, ""), (50, 3, ""), (0, 3, "")])
async def test_a_list_that_is_cut_says_so(store: SqliteStore, limit: int, listed: int, told: str) -> None:
    for n in range(3):
        await store.log.append(envelopes([opened("a title"), *turn(1, "common words", "ok")], f"aaaaaaaaa{n}"))
    for search in ("", "common"):
        for as_json in (False, True):
            out, err = io.StringIO(), io.StringIO()
            await saved.timelines(store, out, err, search=search, limit=limit, as_json=as_json)
            count = len(json.loads(out.getvalue())) if as_json else out.getvalue().count("a title")
            assert (count, told in err.getvalue(), bool(err.getvalue())) == (listed, True, bool(told))


async def test_a_batch_of_two_timelines_dates_both(store: SqliteStore) -> None:
    await store.log.append([*envelopes([opened("one")]), *envelopes([opened("other")], "0ther00000")])
    assert {row.updated_at for row in await store.catalog.timelines()} == {AT}


async def test_a_timeline_whose_date_is_damaged_is_listed(store: SqliteStore) -> None:
    await fill(store)
    async with store._db.transaction() as connection:
        await connection.execute("UPDATE timelines SET updated_at = 'yesterday' WHERE id = ?", (NAME,))
    out = io.StringIO()
    assert await saved.timelines(store, out, io.StringIO(), limit=0) == 0
    assert NAME in out.getvalue()


async def test_a_short_list_counts_what_it_leaves_out(store: SqliteStore) -> None:
    for number in range(5):
        name = f"t{number}mel1ne00"[:10]
        at = f"2026-11-20T14:0{number}:00.000000Z"
        past = envelopes([opened(f"title {number}"), *turn(1, "one?", "First word.")], name)
        await store.log.append([replace(envelope, at=at) for envelope in past])
    for search, matching in (("", 5), ("word", 5), ("title", 5), ("title 3", 1), ("nothing", 0), ("?!", 0)):
        assert await store.catalog.count(search) == matching
        assert len(await store.catalog.timelines(search)) == matching
    shown = [row.title for row in await store.catalog.timelines("word", 2)]
    assert shown == ["title 4", "title 3"]
    out, err = io.StringIO(), io.StringIO()
    assert await saved.timelines(store, out, err, search="word", limit=2) == 0
    assert "2 of 5 timelines" in err.getvalue()
    assert len(out.getvalue().splitlines()) == 4
