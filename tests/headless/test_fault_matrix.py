"""Silence on every wire, before the first token and after it; what was done is never done twice; who takes over."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ralph import registry
from ralph.gateway.breaker import THRESHOLD
from tests.headless.ask import WIRES, Home, Result, home_on
from tests.headless.test_faults import QUICK, USAGE, WORDS, check
from tests.wires.script import Reply
from tests.wires.server import Server

PROMPT = "tell me something"


@dataclass(frozen=True)
class Silence:
    """What the server does, with which clock running short, and what comes of it."""

    reply: Reply
    clocks: str
    code: int
    requests: int
    text: str
    says: str


SILENCES = {
    "no headers": Silence(
        Reply(fault="stall_headers"), "first_token_s: 0.3", 4, 2, "", "gave no answer within 0.3 s"
    ),
    "no first token": Silence(
        Reply(text=WORDS, usage=USAGE, fault="stall", after=0),
        "first_token_s: 0.3", 4, 2, "", "gave no answer within 0.3 s",
    ),
    "mid-stream": Silence(
        Reply(text=WORDS, usage=USAGE, fault="stall", after=3),
        "idle_s: 0.3", 9, 1, "Words that came ", "went silent in mid-answer for 0.3 s",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("name", SILENCES)
async def test_silence_ends_with_what_came(tmp_path: Path, wire: str, name: str) -> None:
    silence = SILENCES[name]
    more = f"{QUICK}\ntimeout: {{{silence.clocks}}}"
    async with Server() as server:
        server.will(replace(silence.reply, times=None))
        result = await home_on(tmp_path, wire, server.url, more).ask(PROMPT)
        asked = len(server.asked)
        await server.until(lambda: all(r.finished for r in server.asked))
        assert all(r.closed_early for r in server.asked), "each request is closed when it is given up"
    made = result.json
    assert (result.code, made["error"]["kind"], asked) == (silence.code, "timeout", silence.requests)
    assert silence.says in result.err
    assert made["text"] == silence.text
    assert [row["error_kind"] for row in result.rows()] == ["timeout"] * asked
    await check(result.home, made, asked, result.rows())


@contextlib.contextmanager
def deaf() -> Iterator[str]:
    """An address that takes no connection: its backlog is full, so that nothing answers a SYN."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("wire", WIRES)
async def test_an_address_that_does_not_answer(tmp_path: Path, wire: str) -> None:
    with deaf() as url:
        result = await home_on(tmp_path, wire, url, f"{QUICK}\ntimeout: {{connect_s: 0.2}}").ask(PROMPT)
    made = result.json
    assert (result.code, made["error"]["kind"]) == (4, "timeout")
    assert "was not reached within 0.2 s" in result.err
    assert made["cost"] == {"nano_usd": 0, "status": "free"}
    await check(result.home, made, 2, result.rows())


CALL = Reply(calls=({"name": "calculate", "arguments": {"expression": "17% of 2340"}},), usage=USAGE)
FAILING = {
    "500": (Reply(status=500), True),
    "429": (Reply(status=429, headers={"retry-after-ms": "3"}), True),
    "reset": (Reply(fault="reset"), True),
    "silence": (Reply(fault="stall_headers"), True),
    "cut before a word": (Reply(text=WORDS, usage=USAGE, fault="cut_clean", after=0), True),
    "cut in mid-answer": (Reply(text=WORDS, usage=USAGE, fault="cut_clean", after=3), False),
}


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The arguments of every run of the calculator."""
    counted: list[Any] = []
    kind = type(registry.load("tools", "calculate"))
    real = kind.run

    async def run(self: Any, arguments: Any, around: Any) -> str:
        counted.append(dict(arguments))
        return str(await real(self, arguments, around))

    monkeypatch.setattr(kind, "run", run)
    return counted


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("name", FAILING)
async def test_a_tool_that_ran_is_never_run_again(tmp_path: Path, wire: str, name: str, runs: list[Any]) -> None:
    failing, retried = FAILING[name]
    async with Server() as server:
        server.will(CALL, failing, Reply(text=("It is 397.8.",), usage=USAGE))
        home = home_on(tmp_path, wire, server.url, f"{QUICK}\ntimeout: {{first_token_s: 0.5}}")
        result = await home.ask("what is 17% of 2340?")
        asked = len(server.asked)
    made = result.json
    assert (result.code, asked) == ((0, 3) if retried else (9, 2)), result.err
    assert made["text"] == ("It is 397.8." if retried else "Words that came ")
    assert len(runs) == 1
    assert [t["status"] for t in made["steps"][1]["tools"]] == ["ok"]
    assert [row["role"] for row in result.rows()] == ["tool", "format", "format"][:asked]
    await check(result.home, made, asked, result.rows())


@pytest.mark.parametrize("wire", WIRES)
async def test_a_tool_round_that_fails_after_a_tool_ran_runs_only_what_is_new(
    tmp_path: Path, wire: str, runs: list[Any]
) -> None:
    """The first call's result stays; what came with the failed request was never run."""
    second = Reply(calls=({"name": "calculate", "arguments": {"expression": "2+2"}},), usage=USAGE)
    plan = '{"tools": ["calculate"], "rounds": 2, "intent": "compute", "difficulty": "low", "reason": "two sums"}'
    _, ref = WIRES[wire]
    async with Server() as server:
        server.will(Reply(text=(plan,), usage=USAGE, when={"body": "You route questions"}))
        server.will(CALL, Reply(status=500), second, Reply(text=("Done.",), usage=USAGE))
        home = home_on(tmp_path, wire, server.url, QUICK)
        home.flags = replace(home.flags, route=ref)
        result = await home.ask("tell me what my two sums are")
        asked = len(server.asked)
    assert (result.code, result.json["text"], asked) == (0, "Done.", 5), result.err
    assert [r["expression"] for r in runs] == ["17% of 2340", "2+2"]
    await check(result.home, result.json, asked, result.rows())


def with_fallback(path: Path, wire: str, primary: str, spare: str) -> Home:
    """This wire first, tried until its circuit opens, and a spare of another name after it."""
    tries = f"retry: {{base_s: 0.001, max_s: 0.002, max_attempts: {THRESHOLD}}}"
    entry, ref = WIRES[wire]
    entries = (
        entry.format(url=primary).removesuffix("}") + f', spare: {{kind: openai_compatible, base_url: "{spare}/v1"}}}}'
    )
    home = Home(path, f"providers: {entries}\n{tries}\nrouting: {{fallback: [spare:model-2]}}\n")
    home.flags = replace(home.flags, model=ref, route="rules")
    return home


def notes(result: Result) -> list[tuple[str, str]]:
    """Kind and text of the notes of this result's timeline."""
    rows = result.rows(
        "SELECT json_extract(data, '$.kind') AS kind, json_extract(data, '$.text') AS text FROM events "
        f"WHERE type = 'note' AND timeline = '{result.json['timeline']}' ORDER BY seq"
    )
    return [(row["kind"], row["text"]) for row in rows]


def tried(result: Result) -> list[tuple[str, str]]:
    return [(a["provider"], a["outcome"]) for s in result.json["steps"] for a in s["attempts"]]


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("death", ["gone", "500", "reset"])
async def test_a_dead_primary_is_replaced_and_then_left_alone(tmp_path: Path, wire: str, death: str) -> None:
    name, _, model = WIRES[wire][1].partition(":")
    async with Server() as primary, Server() as spare:
        primary.will(Reply(status=500, times=None) if death == "500" else Reply(fault="reset", times=None))
        spare.will(Reply(text=("By the spare.",), usage=USAGE, times=None))
        if death == "gone":
            await primary.__aexit__()
        async with with_fallback(tmp_path, wire, primary.url, spare.url).sitting() as ask:
            first = await ask(PROMPT)
            seen = len(primary.requests)
            second = await ask(PROMPT)
        assert len(primary.requests) == seen, "with the breaker open nothing is sent"
        assert len(primary.asked) == (0 if death == "gone" else THRESHOLD)
        assert len(spare.asked) == 2
    assert (first.code, second.code) == (0, 0), first.err
    assert first.json["text"] == second.json["text"] == "By the spare."
    assert tried(first) == [(name, "failed")] * THRESHOLD + [("spare", "ok")]
    assert tried(second) == [("spare", "ok")]
    ((kind, text),) = notes(first)
    assert kind == "fallback"
    assert text.startswith(f"{name}:{model} did not answer")
    assert text.endswith("spare:model-2 answers now")
    assert [kind for kind, _ in notes(second)] == ["breaker", "fallback"]
    assert "is paused until" in notes(second)[0][1]


async def test_a_load_shows_before_the_first_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ralph.providers._ollama_loading.QUIET_S", 0.05)
    async with Server() as server:
        server.will(Reply(text=WORDS, usage=USAGE, delay=0.4))
        result = await home_on(tmp_path, "ollama", server.url).ask(PROMPT, "jsonl")
    order = [(e["type"], e["data"].get("cause")) for e in result.lines if e["data"].get("block") == "1.4"]
    waiting = order.index(("attempt.waiting", "loading"))
    assert order.index(("attempt.started", None)) < waiting < order.index(("block.delta", None))
    assert [e["data"]["attempt"] for e in result.lines if e["type"] == "attempt.waiting"] == ["1.4a1"]


@pytest.mark.parametrize(("wire", "advice"), [("ollama", "providers.ollama.num_ctx"), ("compatible", "behind mine")])
@pytest.mark.parametrize(("read", "told"), [(2048, True), (0, False), (6000, False)])
async def test_a_prompt_that_was_dropped_is_told_aloud(
    tmp_path: Path, wire: str, advice: str, read: int, told: bool
) -> None:
    async with Server() as server:
        server.will(Reply(text=WORDS, usage={"input": read, "output": 6}))
        result = await home_on(tmp_path, wire, server.url).ask("tell me something " * 1500)
    assert result.code == 0
    doubtful = [] if read else ["usage.doubtful"]  # nobody reads a prompt of no tokens
    assert [kind for kind, _ in notes(result)] == (["dropped_prompt"] if told else doubtful)
    assert (advice in result.err) is told
