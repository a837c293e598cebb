"""A budget holds: before the request, inside the stream, and over processes that run at the same time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from ralph.core.llm.usage import NANO
from tests.cli.process import command, environment
from tests.headless.ask import WIRES, Home, Result, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

# A thousand dollars a million tokens: 250 tokens of output cost a quarter of a dollar.
PRICES = 'prices: {{"{ref}": {{input: 0, output: 1000}}}}'
WORDS = tuple(f"word{n:04d} " for n in range(2000))


def priced(path: Path, wire: str, url: str, more: str = "") -> Home:
    return home_on(path, wire, url, PRICES.format(ref=WIRES[wire][1]) + "\n" + more)


def caps_told(result: Result) -> list[dict[str, Any]]:
    """What the notes say of the caps that were met, each with the sentence of the failure."""
    sentence = result.json["error"]["message"]
    notes = [json.loads(row["data"]) for row in result.rows("SELECT data FROM events WHERE type = 'note'")]
    return [note["data"] for note in notes if note["kind"] == "budget" and note["text"] == sentence]


@pytest.mark.parametrize("wire", WIRES)
async def test_the_stream_is_cut_at_the_cap_and_the_partial_kept(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        server.will(Reply(text=WORDS, usage={"input": 10, "output": 4000}, pace=0.0005))
        result = await priced(tmp_path, wire, server.url).ask("tell me much", max_cost=0.8)
        await server.until(lambda: all(r.finished for r in server.asked))
    made = result.json
    assert (result.code, made["error"]["kind"]) == (6, "budget")
    assert 0 < len(made["text"]) < len("".join(WORDS)) / 2
    assert made["cost"]["nano_usd"] <= 0.8 * NANO
    assert made["steps"][2]["attempts"][0]["outcome"] == "failed"
    assert "budget" in result.err
    (cap,) = caps_told(result)
    assert cap == {"cap": "turn", "nano_usd": 800_000_000}
    (row,) = result.rows()
    assert row["reserved"] is None


async def test_a_cap_that_is_too_small_sends_nothing(tmp_path: Path) -> None:
    async with Server() as server:
        result = await priced(tmp_path, "ollama", server.url).ask("tell me much", max_cost=0.01)
        assert server.asked == []
    assert (result.code, result.json["error"]["kind"], result.rows()) == (6, "budget", [])
    assert "is too small: $0 is spent or held, and this request may cost " in result.json["error"]["message"]
    assert caps_told(result) == [{"cap": "turn", "nano_usd": 10_000_000}]


async def test_under_a_cap_a_model_without_a_price_is_refused(tmp_path: Path) -> None:
    async with Server() as server:
        result = await home_on(tmp_path, "compatible", server.url).ask("tell me much", max_cost=1.0)
        assert server.asked == []
    assert result.code == 6
    assert 'prices: {"mine:model-1": {input: 1, output: 4}}' in result.err


async def test_a_free_model_needs_no_price(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 10, "output": 1}))
        result = await home_on(tmp_path, "ollama", server.url).ask("tell me much", max_cost=0.0)
    assert result.code == 0


async def test_a_day_is_kept_over_runs_and_the_alert_comes_before_the_end(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 0, "output": 300}, times=None))
        home = priced(tmp_path, "ollama", server.url, "budget: {day: 1.0}")
        results = [await home.ask("tell me something") for _ in range(5)]
    assert [r.code for r in results] == [0, 0, 0, 6, 6]
    assert len(server.asked) == 3
    notes = [n["kind"] for n in results[2].rows("SELECT json_extract(data, '$.kind') AS kind FROM events "
                                                "WHERE type = 'note' ORDER BY timeline, seq")]  # fmt: skip
    assert "budget" in notes
    assert sum(row["nano_usd"] for row in results[-1].rows()) == 900_000_000


async def test_two_processes_never_spend_more_than_the_day_allows(tmp_path: Path) -> None:
    """Calls of $0.03 against $0.10 a day, many at once: at most three may go through."""
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 0, "output": 300}, delay=0.3, times=None))
        (tmp_path / "config.yaml").write_text(
            f'providers: {{ollama: {{base_url: "{server.url}"}}}}\n'
            'prices: {"ollama:model-1": {input: 0, output: 100}}\nbudget: {day: 0.10}\n'
        )
        made = await asyncio.gather(*[ask(tmp_path) for _ in range(6)])
        asked = len(server.asked)
    spent = sum(m["cost"]["nano_usd"] for m in made)
    assert spent <= 0.10 * NANO
    assert asked == sum(m["status"] == "ok" for m in made) >= 2
    assert {m["error"]["kind"] for m in made if m["error"]} == {"budget"}


async def ask(home: Path) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *command("-p", "tell me", "-m", "ollama:model-1", "--route", "rules", "--config", "config.yaml",
                 "--output", "json"),
        cwd=home, env=environment(home), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    made: dict[str, Any] = json.loads(out)
    return made
