"""What the server reported is what is shown, stored and paid for: to the token, to the nano-dollar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.headless.ask import WIRES, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

CLASSES = {
    "anthropic": {"input": 1000, "cache_read": 300, "cache_write": 200, "output": 68},
    "responses": {"input": 1000, "cache_read": 300, "cache_write": 200, "output": 68, "reasoning": 20},
    "chat": {"input": 1000, "cache_read": 300, "output": 68, "reasoning": 20},
    "compatible": {"input": 1000, "cache_read": 300, "output": 68, "reasoning": 20},
    "ollama": {"input": 1000, "output": 68},
}


def expected(usage: dict[str, int]) -> int:
    read, write = usage.get("cache_read", 0), usage.get("cache_write", 0)
    fresh = usage["input"] - read - write
    return fresh * 2000 + read * 100 + write * 2500 + usage["output"] * 10_000


@pytest.mark.parametrize("wire", WIRES)
async def test_usage_is_equal_to_the_token(tmp_path: Path, wire: str) -> None:
    usage = CLASSES[wire]
    ref = WIRES[wire][1]
    prices = f'prices: {{"{ref}": {{input: 2, cache_read: 0.1, cache_write: 2.5, output: 10}}}}'
    async with Server() as server:
        server.will(Reply(text=("The ", "answer."), usage=usage))
        result = await home_on(tmp_path, wire, server.url, prices).ask("tell me something")
        assert len(server.asked) == 1
    assert result.code == 0, result.err
    whole = {"input": 0, "cache_read": 0, "cache_write": 0, "output": 0, "reasoning": 0, **usage, "source": "reported"}
    made = result.json
    step = made["steps"][2]
    assert made["text"] == "The answer."
    assert made["usage"] == step["usage"] == step["attempts"][0]["usage"] == whole
    cost = {"nano_usd": expected(usage), "status": "computed"}
    assert made["cost"] == step["cost"] == step["attempts"][0]["cost"] == cost
    (row,) = result.rows()
    assert {k: row[k] for k in whole if k != "source"} == {k: v for k, v in whole.items() if k != "source"}
    assert (row["nano_usd"], row["cost_status"], row["usage_source"]) == (expected(usage), "computed", "reported")
    assert row["raw_usage"]
    assert row["price"]
    phases = json.loads(row["phases"])
    assert phases.pop("loading", 0.0) >= 0.0  # before the attempt began
    assert set(phases) <= {"connect", "first_token", "decode"}
    assert abs(sum(phases.values()) - row["duration_ms"]) < 0.01
    assert 0 < made["steps"][2]["ttft_ms"] <= made["steps"][2]["duration_ms"] <= made["duration_ms"]


@pytest.mark.parametrize("wire", [w for w in WIRES if w != "ollama"])
async def test_an_unpriced_model_costs_unknown_and_never_nothing(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        server.will(Reply(text=("The ", "answer."), usage={"input": 10, "output": 2}))
        result = await home_on(tmp_path, wire, server.url).ask("tell me something")
    assert result.json["cost"] == {"nano_usd": None, "status": "unknown"}
    assert "unknown" in result.err


async def test_a_model_of_the_bundled_table_is_priced(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 1000, "output": 100}, model="claude-sonnet-5-5"))
        home = home_on(tmp_path, "anthropic", server.url)
        result = await home.ask("tell me something", model="anthropic:claude-sonnet-5-5")
    assert result.json["cost"] == {"nano_usd": 1000 * 2000 + 100 * 10_000, "status": "computed"}


async def test_ollama_is_free(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 10, "output": 1}))
        result = await home_on(tmp_path, "ollama", server.url).ask("tell me something")
    assert result.json["cost"] == {"nano_usd": 0, "status": "free"}


async def test_a_usage_that_is_not_reported_is_estimated_and_says_so(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("The ", "answer."), usage={}))
        result = await home_on(tmp_path, "compatible", server.url).ask("tell me something")
    assert result.json["usage"]["source"] == "estimated"
    assert result.json["usage"]["input"] > 0
    assert "~" in result.err


async def test_no_save_keeps_the_ledger_and_nothing_else(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 10, "output": 1}))
        result = await home_on(tmp_path, "ollama", server.url).ask("tell me something", save=False)
    assert result.json["text"] == "ok"
    (row,) = result.rows()
    assert (row["saved"], row["input"], row["output"], row["outcome"]) == (0, 10, 1, "ok")
    assert result.rows("SELECT * FROM timelines") == result.rows("SELECT * FROM events") == []
    assert list((tmp_path / "locks").iterdir()) == []
