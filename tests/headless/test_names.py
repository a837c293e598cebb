"""`-m haiku`, `/model sonnet`, `/retry sonnet`: a part of a name is enough, and no list is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.headless.ask import Home
from tests.headless.test_cheap_route import ROUTED, SLOW, TALK, WORDED, models, slash
from tests.wires.server import Server


def home_on(path: Path, server: Server, more: str = SLOW) -> Home:
    return Home(path, more, {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url})


@pytest.mark.parametrize(("part", "model"), [("haiku", "claude-haiku-5-5"), ("fable-5-2", "claude-fable-5-2")])
async def test_a_part_of_the_name_is_a_flag_too_and_asks_for_no_list(tmp_path: Path, part: str, model: str) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        made = (await home_on(tmp_path, server).ask(TALK, model=part)).json
    assert made["steps"][2]["model"] == model
    assert len(server.requests) == len(server.asked) == 2


async def test_what_may_mean_several_is_refused_with_their_names(tmp_path: Path) -> None:
    async with Server() as server:
        result = await home_on(tmp_path, server).ask(TALK, model="opus")
    assert (result.code, server.requests) == (3, [])
    assert "'opus' may mean anthropic:claude-opus-5-5, anthropic:claude-opus-5, anthropic:claude-opus-4-8" in result.err


async def test_slash_commands_take_a_part_and_record_the_whole_ref(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        home = home_on(tmp_path, server)
        await home.ask(TALK)
        said = await slash(home, "/model haiku", timeline="last")
        await home.ask(TALK, timeline="last")
        await slash(home, "/retry format sonnet", timeline="last")
    assert "anthropic:claude-haiku-5-5" in said
    assert models(server)[2:] == ["claude-haiku-5-5", "claude-haiku-5-5", "claude-sonnet-5-5"]


async def test_an_alias_a_fallback_and_a_model_used_before_may_be_parts_too(tmp_path: Path) -> None:
    config = f"{SLOW}aliases: {{quick: haiku}}\nrouting: {{route: rules}}"
    async with Server() as server:
        server.will(WORDED)
        home = home_on(tmp_path, server, config)
        for name in ("quick", "anthropic:my-own-model", "my-own"):
            assert (await home.ask(TALK, model=name)).code == 0
    assert models(server) == ["claude-haiku-5-5", "my-own-model", "my-own-model"]
