"""One conversation over four vendors, switched as a screen does it: thinking and parallel calls in every leg."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ralph.assembly.workspace import workspace
from ralph.core.ports.rows import Switch
from ralph.core.ports.user_input import UserInput
from tests.headless.ask import home_on
from tests.headless.test_conversation import (
    ALL,
    CALLS,
    USAGE,
    anthropic_pairs,
    chat_pairs,
    ollama_pairs,
    responses_pairs,
)
from tests.wires.script import Reply
from tests.wires.server import Server

MORE = ALL + '  mine: {{kind: openai_compatible, base_url: "{url}/v1"}}\n'
LEGS = (
    ("anthropic:model-1", anthropic_pairs),
    ("openai:model-1", responses_pairs),
    ("ollama:model-1", ollama_pairs),
    ("mine:model-1", chat_pairs),
    ("anthropic:model-1", anthropic_pairs),
    ("openai:model-1", responses_pairs),
)


async def test_thinking_and_parallel_calls_in_every_leg(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "anthropic", server.url)
        (tmp_path / "config.yaml").write_text(MORE.format(url=server.url))
        bodies: list[Any] = []
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open()
            for leg, (ref, _) in enumerate(LEGS, start=1):
                session.use_model(ref)
                server.will(
                    Reply(thinking=(f"I plan {leg}.",), signature=f"sig-plan-{leg}", calls=CALLS, usage=USAGE),
                    Reply(
                        thinking=(f"I write {leg}.",),
                        signature=f"sig-write-{leg}",
                        text=(f"Answer {leg}.",),
                        usage=USAGE,
                    ),
                )
                await session.submit(UserInput("what is 17% of 2340?"))
                turn = session.timeline().turns[-1]
                assert turn.status == "ok", turn
                assert turn.text == f"Answer {leg}."
                assert all(a.end.outcome == "ok" for a in turn.attempts)
                bodies.append([a for a in server.asked if a.method == "POST" and "/show" not in a.path][-1].json)
            changes = session.timeline().role_changes
    for leg, ((ref, pairs), body) in enumerate(zip(LEGS, bodies, strict=True), start=1):
        found = pairs(body)
        assert len(found) == 2 * leg
        assert all(call == result for call, result in found)
        text = json.dumps(body)
        for before, (maker, _) in enumerate(LEGS[:leg], start=1):
            own = maker == ref and maker.partition(":")[0] in ("anthropic", "openai")
            signed = [f"sig-{what}-{before}" in text for what in ("plan", "write")]
            assert signed == ([True, own and before < leg] if own else [False, False]), (leg, before)
            assert before == leg or f"Answer {before}." in text
            assert own or f"I plan {before}." not in text or before == leg
    assert [number for number, _ in changes] == [1, 2, 3, 4, 5]
    assert changes[0][1].from_["format"] == "anthropic:model-1"
    assert changes[0][1].to["format"] == "openai:model-1"


async def test_check_asks_the_provider_and_the_price_table(tmp_path: Path) -> None:
    prices = 'prices:\n  "openai:model-1": {input: 2, output: 10}\n'
    async with Server(models=({"id": "model-1", "window": 4096}, {"id": "model-2", "window": 131072})) as server:
        home = home_on(tmp_path, "anthropic", server.url)
        (tmp_path / "config.yaml").write_text(MORE.format(url=server.url) + prices)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open()
            assert await space.models.check(session, "ollama:model-1") == Switch("ollama:model-1")
            server.will(Reply(thinking=("Hm.",), signature="sig", text=("word " * 8000,), usage=USAGE))
            await session.submit(UserInput("tell me something"))
            small = await space.models.check(session, "ollama:model-1")
            large = await space.models.check(session, "ollama:model-2")
            priced = await space.models.check(session, "openai:model-1")
            unknown = await space.models.check(session, "mine:nosuch")
    assert (small.window, small.fits) == (4096, False)
    assert (large.window, large.fits) == (16384, True)  # Ollama gives as much as `num_ctx` asks for
    assert "thinking in 1 message" in large.lost[0]
    assert large.cost.status == "free"
    assert priced.cost.nano_usd == priced.tokens * 2000
    assert (unknown.window, unknown.fits, unknown.cost.status) == (None, True, "unknown")
