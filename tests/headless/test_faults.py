"""Every failure ends in finished blocks, a sentence, the right exit code and a ledger that equals the server's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ralph.core.timeline.timeline import fold
from ralph.headless.doctor import invariants
from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock
from tests.headless.ask import WIRES, Home, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

NO_MODEL = {"type": "not_found_error", "code": "model_not_found", "message": "model 'model-1' not found"}
NO_MONEY = {"type": "billing_error", "code": "billing_hard_limit", "message": "your credit balance is too low"}
STRANGE = {"type": "invalid_request_error", "code": "invalid_value", "message": "this parameter is not understood"}
TOO_LONG = {
    "type": "invalid_request_error", "code": "context_length_exceeded",
    "message": "prompt is too long: 210000 tokens > 200000 maximum context length; the input exceeds the context",
}  # fmt: skip
USAGE = {"input": 20, "output": 6}
QUICK = "retry: {base_s: 0.001, max_s: 0.002}"
RETRIED = ("429", "500", "529", "503", "reset")
WORDS = ("Words ", "that ", "came ", "before.")


@dataclass(frozen=True)
class Fault:
    """What the server does, and what a person gets: `text` is what of the answer is on stdout."""

    reply: Reply
    kind: str
    code: int
    text: str = ""


FAULTS = {
    "wrong key": Fault(Reply(status=401), "auth", 3),
    "unknown model": Fault(Reply(status=404, error=NO_MODEL), "unknown_model", 3),
    "billing": Fault(Reply(status=402, error=NO_MONEY), "billing", 5),
    "bad request": Fault(Reply(status=400, error=STRANGE), "bad_request", 4),
    "too long": Fault(Reply(status=400, error=TOO_LONG), "context_length", 8),
    "429": Fault(Reply(status=429, headers={"retry-after-ms": "3"}), "rate_limit", 5),
    "500": Fault(Reply(status=500), "server", 4),
    "529": Fault(Reply(status=529), "overloaded", 4),
    "503": Fault(Reply(status=503), "overloaded", 4),
    "html": Fault(Reply(fault="html"), "protocol", 4),
    "reset": Fault(Reply(fault="reset"), "network", 4),
    "cut": Fault(Reply(text=WORDS, usage=USAGE, fault="cut", after=3), "network", 9, "Words that came "),
    "cut clean": Fault(Reply(text=WORDS, usage=USAGE, fault="cut_clean", after=3), "truncated", 9, "Words that came "),
    "error event": Fault(Reply(text=WORDS, usage=USAGE, fault="error_event", after=3), "", 9, "Words that came "),
    "error event first": Fault(Reply(text=WORDS, usage=USAGE, fault="error_event", after=0), "", 4),
    "bad json": Fault(Reply(text=WORDS, usage=USAGE, fault="bad_json", after=3), "protocol", 9, "Words that came "),
    "bad utf-8": Fault(Reply(text=WORDS, usage=USAGE, fault="bad_utf8", after=3), "protocol", 9, "Words that came "),
    "empty": Fault(Reply(text=(), usage=USAGE), "empty_answer", 4),
    "empty body": Fault(Reply(fault="empty_body"), "", 4),
    "refusal": Fault(Reply(text=(), usage=USAGE, stop="refusal"), "refusal", 7),
    "refusal in words": Fault(Reply(text=WORDS, usage=USAGE, stop="refusal"), "refusal", 7, "Words that came before."),
    "length": Fault(Reply(text=WORDS, usage=USAGE, stop="length"), "output_limit", 9, "Words that came before."),
}


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("name", FAULTS)
async def test_a_failure_is_designed(tmp_path: Path, wire: str, name: str) -> None:
    fault = FAULTS[name]
    if wire == "ollama" and name.startswith("refusal"):
        pytest.skip("Ollama's wire has no refusal")
    async with Server() as server:
        server.will(replace(fault.reply, times=None))
        result = await home_on(tmp_path, wire, server.url, QUICK).ask("tell me something")
        asked = len(server.asked)
    made = result.json
    assert result.code == fault.code, made["error"]
    if fault.kind and (name != "cut" or made["error"]["kind"] != "truncated"):
        assert made["error"]["kind"] == fault.kind
    assert made["error"]["step"] == "format"
    assert made["text"] == fault.text
    if fault.text or name in ("wrong key", "unknown model", "html", "empty", "refusal"):
        assert asked == 1
    elif name in RETRIED:
        assert asked == 3
    assert result.err.count("\n") <= 2
    assert result.err.startswith("ralph: ")
    assert "sk-test" not in result.err + result.out
    await check(result.home, made, asked, result.rows())


async def check(home: Path, made: dict[str, Any], asked: int, rows: list[dict[str, Any]]) -> None:
    """Three steps, each finished; attempts in the output and in the database are as many as the server saw."""
    assert [s["role"] for s in made["steps"]] == ["route", "tool", "format"]
    assert all(s["status"] for s in made["steps"])
    attempts = [a for s in made["steps"] for a in s["attempts"]]
    assert len(attempts) == len(rows) == asked
    assert all(row["outcome"] for row in rows)
    store = await SqliteStore.open(home / "ralph.db", FrozenClock())
    events = await store.log.events(made["timeline"])
    await store.close()
    assert all(c.ok for c in invariants(events))
    assert fold(made["timeline"], events).turns[0].text == made["text"]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_server_that_is_not_there(tmp_path: Path, wire: str) -> None:
    async with Server() as gone:
        url = gone.url
    result = await home_on(tmp_path, wire, url, QUICK).ask("tell me something")
    assert (result.code, result.json["error"]["kind"]) == (4, "network")
    assert "127.0.0.1" in result.err
    assert result.json["cost"] == {"nano_usd": 0, "status": "free"}


async def test_no_key_sends_nothing_and_says_which_variable(tmp_path: Path) -> None:
    result = await Home(tmp_path).ask("tell me something", model="anthropic:claude-sonnet-5-5", route="rules")
    assert (result.code, result.json["error"]["kind"]) == (3, "no_key")
    assert "ANTHROPIC_API_KEY" in result.err
    assert result.rows() == []


async def test_a_ref_that_is_none_names_the_nearest(tmp_path: Path) -> None:
    result = await Home(tmp_path).ask("hi", model="antropic:claude")
    assert (result.code, result.json["error"]["kind"]) == (3, "unknown_model")
    assert "anthropic" in result.err


async def test_offline_keeps_to_this_machine(tmp_path: Path) -> None:
    home = Home(tmp_path, environ={"ANTHROPIC_API_KEY": "sk-test"})
    result = await home.ask("tell me something", model="anthropic:claude-sonnet-5-5", route="rules", offline=True)
    assert (result.code, result.json["error"]["kind"]) == (3, "offline")


async def test_a_parameter_that_a_server_does_not_know_costs_one_more_attempt(tmp_path: Path) -> None:
    unknown = {"message": "Unrecognized request argument supplied: stream_options"}
    async with Server() as server:
        server.will(Reply(status=400, error=unknown, when={"body": "stream_options"}), Reply(text=("ok",), usage=USAGE))
        result = await home_on(tmp_path, "compatible", server.url).ask("tell me something")
        asked = len(server.asked)
    assert (result.code, result.json["text"], asked) == (0, "ok", 2)
    assert [row["outcome"] for row in result.rows()] == ["failed", "ok"]


def folder(path: Path, name: str) -> Path:
    made = path / name
    made.mkdir()
    return made


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("after", [0, 2])
async def test_a_stop_before_and_after_the_first_word(tmp_path: Path, wire: str, after: int) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage=USAGE), Reply(text=WORDS, usage=USAGE, fault="stall", after=after))
        # The import of a vendor's client takes up to 2 s of a deadline, once a process; it is over after a turn.
        await home_on(folder(tmp_path, "before"), wire, server.url).ask("tell me something")
        result = await home_on(folder(tmp_path, "then"), wire, server.url).ask("tell me something", timeout_s=1.0)
        await server.until(lambda: all(r.finished for r in server.asked))
        asked = server.asked[1:]
    made = result.json
    assert (result.code, made["status"], made["error"]["kind"]) == (124, "cancelled", "deadline")
    assert made["text"] == "".join(WORDS[:after])
    assert [a["outcome"] for a in made["steps"][2]["attempts"]] == ["cancelled"]
    assert [r.closed_early for r in asked] == [True]
    await check(result.home, made, len(asked), result.rows())
