"""A failed provider is asked once in a turn, and its failure is told once."""

from __future__ import annotations

import asyncio
import io
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.headless.saved import show
from ralph.workflows.export import export_text
from tests.headless.ask import Home
from tests.headless.test_cheap_route import NO_TOOLS, TALK, WORDED, models
from tests.wires.script import Reply
from tests.wires.server import Server

QUICK = "retry: {base_s: 0.01, max_s: 0.02}\n"


def home_on(path: Path, url: str, more: str = "") -> Home:
    config = f"pipeline: {{speculate: off}}\n{QUICK}{more}"
    return Home(path, config, {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": url})


@pytest.mark.parametrize(
    ("status", "kind", "requests"),
    [(401, "auth", 1), (402, "billing", 1), (503, "overloaded", 3), (529, "overloaded", 3)],
)
async def test_what_failed_for_good_is_not_tried_again_by_the_next_step(
    tmp_path: Path, status: int, kind: str, requests: int
) -> None:
    async with Server() as server:
        server.will(Reply(status=status, error={"message": "no"}, times=None))
        made = (await home_on(tmp_path, server.url).ask(TALK)).json
    assert len(server.asked) == requests
    route, _, answer = made["steps"]
    assert (route["status"], len(route["attempts"])) == ("failed", requests)
    assert (answer["status"], answer["attempts"], answer["error"]["kind"]) == ("failed", [], kind)
    assert answer["error"] == route["error"]
    assert made["error"]["kind"] == kind


async def test_a_dead_server_is_tried_three_times_and_not_six(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    made = (await home_on(tmp_path, url).ask(TALK)).json
    assert [len(step["attempts"]) for step in made["steps"]] == [3, 0, 0]
    assert made["error"]["kind"] == "network"


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_what_the_next_step_may_do_better_is_tried(tmp_path: Path, status: int) -> None:
    failing = Reply(status=status, error={"message": "no"}, when={"body": "haiku"}, times=None)
    async with Server() as server:
        server.will(failing, WORDED)
        made = (await home_on(tmp_path, server.url).ask(TALK)).json
    assert (made["status"], made["steps"][0]["status"]) == ("ok", "failed")
    assert models(server)[-1] == "claude-sonnet-5-5"


async def test_the_next_turn_tries_anew_and_so_does_another_provider(tmp_path: Path) -> None:
    refused = Reply(status=401, error={"message": "no"}, when={"path": "/v1/messages"}, times=1)
    decided = Reply(text=(NO_TOOLS,), when={"body": "You route questions"}, times=None)
    async with Server() as server:
        server.will(refused, decided, WORDED)
        more = f'providers: {{mine: {{kind: openai_compatible, base_url: "{server.url}/v1"}}}}\n'
        home = home_on(tmp_path, server.url, more)
        other = (await home.ask(TALK, route="anthropic:m", format="mine:m", tool="mine:m")).json
        again = (await home.ask(TALK)).json
    assert (other["status"], other["steps"][0]["status"]) == ("ok", "failed")
    assert (again["status"], [s["status"] for s in again["steps"]]) == ("ok", ["ok", "skipped", "ok"])


async def test_a_fallback_of_the_same_step_is_asked(tmp_path: Path) -> None:
    busy = Reply(status=503, error={"message": "no"}, when={"body": "sonnet"}, times=None)
    async with Server() as server:
        server.will(busy, WORDED)
        home = home_on(tmp_path, server.url, 'routing: {route: rules, fallback: ["anthropic:claude-haiku-5-5"]}\n')
        made = (await home.ask(TALK)).json
    assert made["status"] == "ok"
    assert models(server) == ["claude-sonnet-5-5"] * 3 + ["claude-haiku-5-5"]


async def test_a_guess_is_tried_once_and_asked_for_again_before_a_fallback(tmp_path: Path) -> None:
    busy = Reply(status=503, error={"message": "no"}, when={"body": "sonnet"})
    routed = Reply(text=(NO_TOOLS,), when={"body": "You route questions"}, delay=0.05, times=None)
    async with Server() as server:
        server.will(busy, routed, WORDED)
        more = 'routing: {fallback: ["anthropic:claude-haiku-5-5"]}\n'
        home = home_on(tmp_path, server.url, more)
        (tmp_path / "config.yaml").write_text((tmp_path / "config.yaml").read_text().replace("off", "on"))
        made = (await home.ask(TALK)).json
    assert made["steps"][2]["model"] == "claude-sonnet-5-5"
    tried = [(a["outcome"], a["speculated"]) for a in made["steps"][2]["attempts"]]
    assert tried == [("failed", True), ("ok", False)]


async def test_a_guess_of_a_server_that_stays_busy_is_not_tried_again(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(status=503, error={"message": "no"}, times=None))
        home = home_on(tmp_path, server.url)
        (tmp_path / "config.yaml").write_text((tmp_path / "config.yaml").read_text().replace("off", "on"))
        made = (await home.ask(TALK)).json
    assert [len(step["attempts"]) for step in made["steps"]] == [3, 0, 1]
    assert made["error"]["message"] == made["steps"][0]["error"]["message"]


@pytest.mark.parametrize("speculate", ["off", "on"])
async def test_one_failure_is_told_once(tmp_path: Path, speculate: str) -> None:
    async with Server() as server:
        server.will(Reply(status=401, error={"message": "wrong key"}, times=None))
        home = home_on(tmp_path, server.url)
        (tmp_path / "config.yaml").write_text((tmp_path / "config.yaml").read_text().replace("off", speculate))
        asked = await home.ask(TALK, "text")
    assert asked.err.count("wrong key") == 1
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        out = io.StringIO()
        await show(space.store, "last", out)
        exported = (await export_text(space, "last", "md")).text
    assert out.getvalue().count("wrong key") == 1
    assert "for the same reason as route" in out.getvalue()
    assert exported.count("wrong key") == 1


HANGS = Reply(fault="stall_headers", when={"without": "You route questions"}, times=None)
REFUSES = Reply(status=401, error={"message": "wrong key"}, when={"body": "You route questions"}, times=None)


@pytest.mark.parametrize("first", ["route", "guess"])
async def test_a_refused_key_ends_the_parallel_request_too(tmp_path: Path, first: str) -> None:
    swapped = {"body": "You route questions"}, {"without": "You route questions"}
    hangs, refuses = (replace(r, when=when) for r, when in zip((HANGS, REFUSES), swapped, strict=True))
    async with Server() as server:
        server.will(*((hangs, refuses) if first == "guess" else (HANGS, REFUSES)))
        home = home_on(tmp_path, server.url)
        (tmp_path / "config.yaml").write_text((tmp_path / "config.yaml").read_text().replace("off", "on"))
        async with asyncio.timeout(20):
            made = (await home.ask(TALK)).json
    route, _, answer = made["steps"]
    assert made["error"]["kind"] == "auth"
    assert route["error"] == answer["error"]
    assert [a["outcome"] for step in (route, answer) for a in step["attempts"]] == ["failed", "failed"]
    assert made["usage"]["source"] == "none"
    assert len(server.asked) <= 2


async def test_a_guess_that_writes_already_goes_on_after_the_route_was_refused(tmp_path: Path) -> None:
    writes = Reply(text=("It ", "is so."), when={"without": "You route questions"}, pace=0.05, times=None)
    async with Server() as server:
        server.will(writes, replace(REFUSES, delay=0.3))
        home = home_on(tmp_path, server.url)
        (tmp_path / "config.yaml").write_text((tmp_path / "config.yaml").read_text().replace("off", "on"))
        made = (await home.ask(TALK)).json
    assert made["text"] == "It is so."
