"""A hit sends nothing, costs nothing, streams the same and says what it saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Request
from ralph.gateway.cache import key_of
from ralph.store.sqlite.answer_cache import StoredAnswers
from ralph.store.sqlite.store import SqliteStore
from tests.frozen import FrozenClock
from tests.headless.ask import home_on
from tests.store.logs import envelopes, opened
from tests.wires.script import Reply
from tests.wires.server import Server

ID = "k3f9w2m7qd"
ON = 'cache: {enabled: on}\nprices: {"ollama:model-1": {input: 1000, output: 1000}}'


async def test_the_second_time_nothing_is_sent(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("The ", "answer."), usage={"input": 9, "output": 3}))
        home = home_on(tmp_path, "ollama", server.url, ON)
        first, second = [await home.ask("tell me something") for _ in range(2)]
        assert len(server.asked) == 1
    made = second.json
    assert (second.code, made["text"], made["cost"]["nano_usd"]) == (0, "The answer.", 0)
    assert made["steps"][2]["attempts"] == []
    assert first.json["cost"]["nano_usd"] == 12_000_000
    (note,) = second.rows("SELECT data FROM events WHERE type = 'note'")
    assert "that saved $0.012 and 12 tokens" in note["data"]
    assert len(second.rows()) == 1


async def test_anything_else_is_asked_anew_and_failures_are_not_kept(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(status=400), Reply(text=("one",), times=2), Reply(text=("two",)))
        home = home_on(tmp_path, "ollama", server.url, ON)
        assert (await home.ask("tell me something")).code == 4
        assert (await home.ask("tell me something")).json["text"] == "one"
        assert (await home.ask("tell me something else")).json["text"] == "one"
        assert (await home.ask("tell me something", model="ollama:other")).json["text"] == "two"


@pytest.mark.parametrize(
    "entry",
    [
        '{{ollama: {{base_url: "{url}", num_ctx: 1024}}}}',
        '{{ollama: {{base_url: "{url}", settings: {{temperature: 0}}}}}}',
        '{{ollama: {{base_url: "{url}/"}}}}',
    ],
)
async def test_a_provider_that_is_configured_otherwise_is_asked_anew(tmp_path: Path, entry: str) -> None:
    async with Server() as server:
        server.will(Reply(text=("one",)), Reply(text=("two",)))
        home = home_on(tmp_path, "ollama", server.url, ON)
        assert (await home.ask("tell me something")).json["text"] == "one"
        (tmp_path / "config.yaml").write_text(f"providers: {entry.format(url=server.url)}\n{ON}")
        assert (await home.ask("tell me something")).json["text"] == "two"


def test_a_guess_and_a_plain_request_are_the_same_request() -> None:
    ref, request = ModelRef("ollama", "m"), Request("m", ())
    guess = replace(request, speculative=True, fresh=True)
    assert key_of(ref, guess, lambda name: {}) == key_of(ref, request, lambda name: {})


async def test_it_is_off_unless_wanted(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("one",)), Reply(text=("two",)))
        home = home_on(tmp_path, "ollama", server.url)
        assert [(await home.ask("tell me something")).json["text"] for _ in range(2)] == ["one", "two"]


async def test_old_answers_go_and_the_size_is_bounded(tmp_path: Path) -> None:
    clock = FrozenClock()
    store = await SqliteStore.open(tmp_path / "ralph.db", clock)
    answers: StoredAnswers = store.answers
    await store.log.append(envelopes([opened()], ID))
    for name in ("a", "b", "c"):
        await answers.keep(name, name * 400, 1000, ID)
        clock.advance(10)
    assert [await answers.find(name, 3600) for name in ("a", "b", "c")] == [None, "b" * 400, "c" * 400]
    assert await answers.find("b", 15) is None
    assert await answers.find("c", 15) == "c" * 400
    await store.close()
