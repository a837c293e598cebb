"""The answer under way while a model decides: shown at once, or thrown away unseen, and paid for in sight."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.llm.messages import user
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request
from ralph.pipeline.speculation import MAX_WASTE
from tests.headless.ask import WIRES, Home
from tests.wires.script import Reply
from tests.wires.server import Server

NONE = (
    '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "small talk, nothing to look up here"}'
)
SOME = '{"tools": ["clock"], "rounds": 1, "intent": "other", "difficulty": "low", "reason": "the time is asked for"}'
USAGE = {"input": 20, "output": 5}
WIRE = [w for w in WIRES if w != "ollama"]


def split(text: str, size: int = 6) -> tuple[str, ...]:
    return tuple(text[n : n + size] for n in range(0, len(text), size))


def home_on(path: Path, wire: str, url: str, speculate: str, price: str) -> Home:
    entry, ref = WIRES[wire]
    entry = entry.format(url=url)
    more = f'pipeline: {{speculate: {speculate}}}\nprices: {{"{ref}": {price}}}\nrouting: {{route: "{ref}"}}\n'
    home = Home(path, f"providers: {entry}\n{more}")
    home.flags = Flags(model=ref)
    return home


def routing(text: str, **more: Any) -> Reply:
    return Reply(text=split(text), usage=USAGE, when={"body": "You route questions"}, **more)


GUESS = """
INSERT INTO attempts (timeline, attempt, block, turn, role, started_at, day, provider, model, outcome, speculated)
VALUES ('t', ?, '1.4', 1, 'format', ?, '2026-11-20', 'far', 'model-1', ?, 1)"""
CHEAP = "{input: 1, output: 5}"


@pytest.mark.parametrize("wire", WIRE)
async def test_without_a_tool_the_guess_is_the_answer(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        server.will(routing(NONE, delay=0.05, pace=0.01))
        server.will(Reply(text=("The ",) * 50, pace=0.01, usage=USAGE, when={"without": "You route questions"}))
        home = home_on(tmp_path, wire, server.url, "on", CHEAP)
        result = await home.ask("tell me something", "jsonl")
        assert len(server.asked) == 2
    assert result.code == 0, result.err
    order = [(e["type"], e["data"].get("block")) for e in result.lines]
    route, answer = order.index(("block.started", "1.2")), order.index(("block.started", "1.4"))
    assert answer < route < order.index(("block.finished", "1.2")) < order.index(("block.finished", "1.4"))
    finish = next(
        e["data"] for e in result.lines if e["type"] == "attempt.finished" and e["data"]["attempt"] == "1.4a1"
    )
    assert (finish["outcome"], finish["speculated"]) == ("ok", True)
    assert finish["phases"]["held"] > 0
    shown = next(n for n, o in enumerate(order) if o == ("block.delta", "1.4"))
    assert shown < order.index(("block.finished", "1.2")), "what was held is shown before the decision is whole"
    async with workspace(home.flags, environ=home.environ) as space:
        account = await space.store.usage.report("model")
    assert account.waiting_saved_ms > 0
    assert account.wasted.nano_usd == 0


@pytest.mark.parametrize("wire", WIRE)
async def test_with_a_tool_the_guess_is_never_seen(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        server.will(routing(SOME, delay=0.1))
        server.will(Reply(text=("Secret ",) * 200, pace=0.01, usage=USAGE, when={"without": "You route questions"}))
        call = {"name": "clock", "arguments": {}}
        server.will(Reply(calls=(call,), usage=USAGE, when={"body": '"clock"', "without": "You route questions"}))
        server.will(Reply(text=("It is late.",), usage=USAGE, when={"without": "You route questions"}))
        result = await home_on(tmp_path, wire, server.url, "on", CHEAP).ask("tell me something")
        guess = server.asked[0] if "You route" not in server.asked[0].body.decode() else server.asked[1]
        await server.until(lambda: guess.finished)
    made = result.json
    assert (result.code, made["text"]) == (0, "It is late."), result.err
    assert guess.closed_early
    assert "Secret" not in result.out
    first, second = made["steps"][2]["attempts"]
    assert (first["outcome"], first["speculated"], first["usage"]["source"]) == ("discarded", True, "estimated")
    assert (second["outcome"], second["speculated"]) == ("ok", False)
    assert first["cost"]["nano_usd"] > 0
    assert made["cost"]["nano_usd"] == sum(a["cost"]["nano_usd"] for s in made["steps"] for a in s["attempts"])
    assert len(result.rows()) == len(server.asked) == 4


@pytest.mark.parametrize(
    ("speculate", "price", "guessed"),
    [("auto", CHEAP, True), ("auto", "{input: 1000, output: 5000}", False), ("off", CHEAP, False)],
)
async def test_auto_guesses_only_where_the_waste_is_small(
    tmp_path: Path, speculate: str, price: str, guessed: bool
) -> None:
    async with Server() as server:
        server.will(routing(NONE))
        server.will(Reply(text=("The answer.",), usage=USAGE, when={"without": "You route questions"}))
        result = await home_on(tmp_path, "anthropic", server.url, speculate, price).ask("tell me something")
    assert result.code == 0
    assert result.json["steps"][2]["attempts"][0]["speculated"] is guessed


async def test_a_route_that_fails_leaves_the_guess_standing(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(status=400, when={"body": "You route questions"}))
        server.will(Reply(text=("The answer.",), usage=USAGE, when={"without": "You route questions"}))
        result = await home_on(tmp_path, "anthropic", server.url, "on", CHEAP).ask("tell me something")
    made = result.json
    assert (result.code, made["text"], made["steps"][0]["status"]) == (0, "The answer.", "failed")
    assert json.dumps(made).count("The answer.") == 2


def compatible(path: Path, url: str) -> Home:
    home = Home(path, f'providers: {{mine: {{kind: openai_compatible, base_url: "{url}/v1"}}}}\n'
                      "pipeline: {route_calls: always}\nrouting: {route: 'mine:model-1'}\n")  # fmt: skip
    home.flags = Flags(model="mine:model-1")
    return home


@pytest.mark.parametrize(
    ("props", "guessed"),
    [
        ('{"total_slots": 4}', True),
        ('{"total_slots": 1}', False),
        ('{"total_slots": "many"}', False),
        ('{"total_slots": true}', False),
        ("[]", False),
        (None, False),
    ],
)
async def test_a_server_on_this_machine_is_asked_once_for_its_slots(
    tmp_path: Path, props: str | None, guessed: bool
) -> None:
    async with Server() as server:
        if props is not None:
            server.will(Reply(body=props, when={"path": "/props"}))
        async with compatible(tmp_path, server.url).sitting() as ask:
            for _ in range(2):
                server.will(routing(NONE))
                server.will(Reply(text=("The answer.",), usage=USAGE, when={"without": "You route questions"}))
                made = (await ask("tell me something")).json
                assert made["text"] == "The answer."
                assert made["steps"][2]["attempts"][0]["speculated"] is guessed
        assert [asked.path for asked in server.requests if asked.method == "GET"] == ["/props"]


async def test_a_slot_count_that_does_not_come_holds_nothing_up(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(fault="stall_headers", when={"path": "/props"}))
        server.will(routing(NONE))
        server.will(Reply(text=("The answer.",), usage=USAGE, when={"without": "You route questions"}))
        made = (await compatible(tmp_path, server.url).ask("tell me something")).json
    assert made["text"] == "The answer."
    assert made["steps"][2]["attempts"][0]["speculated"] is False


@pytest.mark.parametrize(
    ("kept", "discarded", "letters", "guessed"),
    [(0, 0, 20, True), (0, 0, 20_000, False), (200, 0, 20_000, True), (20, 60, 20, False), (180, 20, 20, True)],
)
async def test_a_price_that_nobody_knows_counts_as_a_dear_one(
    tmp_path: Path, kept: int, discarded: int, letters: int, guessed: bool
) -> None:
    entry = '{far: {kind: openai_compatible, base_url: "https://models.example/v1"}}'
    home = Home(tmp_path, f"providers: {entry}\n")
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        async with space.store._db.transaction() as connection:  # type: ignore[attr-defined]
            for number in range(kept + discarded):
                outcome = "ok" if number < kept else "discarded"
                await connection.execute(GUESS, (f"1.4a{number}", f"2026-11-20T{number:06d}", outcome))
        request = Request("model-1", (user("word " * (letters // 5)),))
        quote = await space.answering.quote(ModelRef("far", "model-1"), request)
    assert quote is not None
    assert (quote < MAX_WASTE) is guessed
