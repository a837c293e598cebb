"""Nobody waits longer than the turn may, nobody waits in silence, and the sentence says for how long it would be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from ralph.assembly.run_settings import Flags
from ralph.core.clock import moment
from ralph.providers._retry_after import find_delay, retry_after
from tests.frozen import FrozenClock
from tests.headless.ask import WIRES, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SLOW_DOWN = '{"error": {"message": "slow down", "type": "rate_limit_error"}}'


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3600"}, 3600.0), ({"retry-after": " 12.5 "}, 12.5), ({"retry-after": "-7"}, 0.0),
        ({"retry-after": format_datetime(NOW + timedelta(hours=1), usegmt=True)}, 3600.0),
        ({"retry-after": format_datetime(NOW - timedelta(hours=1), usegmt=True)}, 0.0),
        ({"retry-after": "2026-11-20T12:00:30Z"}, 30.0), ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "4"}, 4.0), ({"retry-after": "1m30s"}, 90.0),
        ({"retry-after": "20 seconds"}, 20.0), ({"retry-after": "100000"}, 100_000.0),
        ({"retry-after": "1e400"}, None), ({"retry-after": "nan"}, None), ({"retry-after": "inf"}, None),
        ({"retry-after": "99999999999"}, None), ({"retry-after": "soon"}, None), ({"retry-after": ""}, None),
        ({"retry-after": "Fri, 99 Foo 2026"}, None), ({"retry-after": "120, 60"}, None), ({}, None),
    ],
    ids=str,
)  # fmt: skip
def test_how_long_a_header_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=NOW) == seconds


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 5.289s.", 5.289), ("try again in 1h2m3s", 3723.0), ("Try again in 20 minutes", 1200.0),
        ("Please retry after 30 seconds.", 30.0), ("please wait 2 minutes and 5 seconds", 125.0), ("in 340ms", None),
        ("try again in 340ms", 0.34), ("Retry in 12.3s", 12.3), ("quota resets in 2 days", 172_800.0), ("wait", None),
    ],
)  # fmt: skip
def test_how_long_words_ask_to_wait(words: str, seconds: float | None) -> None:
    assert find_delay(words) == seconds


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("route", ["rules", "auto"])
async def test_an_hour_is_not_waited_for(tmp_path: Path, wire: str, route: str) -> None:
    """Not by the step that was answered so, and not by the next one either."""
    async with Server() as server:
        server.will(Reply(status=429, headers={"retry-after": "3600"}, body=SLOW_DOWN, times=None))
        home = home_on(tmp_path, wire, server.url)
        ref = WIRES[wire][1]
        home.flags = Flags(model=ref, route=route if route == "rules" else ref)
        home.clock = clock = FrozenClock()
        result = await home.ask("tell me something about rivers")
        assert len(server.asked) == 1
    assert result.code == 5
    assert clock.passed == 0.0
    assert "60 min, until " in result.err
    assert "retry.deadline_s (120 s" in result.err


async def test_one_deadline_holds_over_all_steps(tmp_path: Path) -> None:
    """Route and format are each asked to wait; together they wait no longer than one of them may."""
    async with Server() as server:
        server.will(Reply(status=429, headers={"retry-after": "4"}, body=SLOW_DOWN, times=None))
        home = home_on(tmp_path, "compatible", server.url, "retry: {max_attempts: 9, deadline_s: 10}")
        home.flags = Flags(model="mine:model-1", route="mine:model-1")
        home.clock = clock = FrozenClock()
        result = await home.ask("tell me something about rivers")
        lines = (await home.ask("and once more", "jsonl")).lines
    assert result.code == 5
    assert clock.passed <= 20
    waits = [e for e in lines if e["type"] == "attempt.waiting"]
    assert waits
    assert sum((moment(e["data"]["until"]) - moment(e["at"])).total_seconds() for e in waits) <= 10


async def test_a_wait_is_told_as_it_begins(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(status=429, headers={"retry-after": "7"}, body=SLOW_DOWN), Reply(text="now"))
        home = home_on(tmp_path, "compatible", server.url)
        home.clock = FrozenClock()
        result = await home.ask("tell me something", "text")
    assert (result.code, result.out) == (0, "now\n")
    (line,) = [one for one in result.err.splitlines() if "waiting" in one]
    assert line.startswith("ralph: waiting 7 s, until ")
    assert "429: slow down" in line


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("requests_per_minute: 0", "limits.mine.requests_per_minute is 0"),
        ("tokens_per_minute: 5", "more than limits.mine.tokens_per_minute (5)"),
    ],
)
async def test_a_limit_that_nothing_can_keep_is_told_at_once(tmp_path: Path, limit: str, says: str) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "compatible", server.url, f"limits: {{mine: {{{limit}}}}}")
        home.clock = clock = FrozenClock()
        result = await home.ask("tell me something about rivers and about lakes")
        assert server.asked == []
    assert (result.code, result.json["error"]["kind"], clock.passed) == (5, "rate_limit", 0.0)
    assert says in result.err


async def test_a_limit_beyond_the_deadline_is_told_at_once(tmp_path: Path) -> None:
    more = "limits: {mine: {requests_per_minute: 1}}\nretry: {deadline_s: 20}"
    async with Server() as server:
        server.will(Reply(text="one"))
        home = home_on(tmp_path, "compatible", server.url, more)
        home.clock = clock = FrozenClock()
        home.flags = Flags(model="mine:model-1", route="mine:model-1")
        result = await home.ask("tell me something about rivers")
        assert len(server.asked) == 1
    assert (result.code, clock.passed) == (5, 0.0)
    assert "limits.mine leaves no room for 60 s, until " in result.err
