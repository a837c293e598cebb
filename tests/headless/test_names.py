"""`-m haiku`, `/model sonnet`: a part of a name is enough, and a list is asked for only if it is needed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.headless.providers import providers
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


OWN = 'providers: {{mine: {{kind: openai_compatible, base_url: "{}/v1"}}}}\n'
LISTED = ({"id": "acme-large-1"}, {"id": "acme-tiny-1"})


def home_of_own_server(path: Path, server: Server, more: str = "") -> Home:
    return Home(path, OWN.format(server.url) + SLOW + (more or "routing: {route: rules}\n"))


async def test_a_part_that_only_a_servers_list_contains_is_found_in_the_list(tmp_path: Path) -> None:
    async with Server(models=LISTED) as server:
        server.will(WORDED)
        result = await home_of_own_server(tmp_path, server).ask(TALK, model="tiny")
    assert (result.code, models(server)) == (0, ["acme-tiny-1"])
    assert [request.path for request in server.requests].count("/v1/models") == 1


async def test_the_configuration_may_name_such_a_part_and_every_verb_reads_it(tmp_path: Path) -> None:
    async with Server(models=LISTED) as server:
        server.will(WORDED)
        home = home_of_own_server(tmp_path, server, "routing: {route: rules, tool: large, format: large}\n")
        assert (await home.ask(TALK)).code == 0
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            out = io.StringIO()
            assert await providers(space, out) == 0
    assert models(server) == ["acme-large-1"]
    assert next(line for line in out.getvalue().splitlines() if " mine " in line).endswith("← tool, format")


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("/model tiny", []),
        ("/once tiny and why?", ["acme-tiny-1"]),
        ("/retry format tiny", ["acme-tiny-1"]),
        ("/compare tiny", ["acme-tiny-1"]),
        ("/route tiny", []),
    ],
)
async def test_slash_commands_find_such_a_part_too(tmp_path: Path, command: str, asked: list[str]) -> None:
    async with Server(models=LISTED) as server:
        server.will(WORDED)
        home = home_of_own_server(tmp_path, server)
        await home.ask(TALK, model="mine:acme-large-1")
        said = await slash(home, command, timeline="last")
    assert models(server)[1:] == asked
    assert "there is no" not in said


@pytest.mark.parametrize("command", ["/compare acme why?", "/route acme", "/model acme", "/retry acme"])
async def test_a_part_of_several_names_is_refused_with_the_names(tmp_path: Path, command: str) -> None:
    async with Server(models=LISTED) as server:
        server.will(WORDED)
        home = home_of_own_server(tmp_path, server)
        await home.ask(TALK, model="mine:other")
        said = await slash(home, command, timeline="last", code=3)
    assert "'acme' may mean mine:acme-large-1, mine:acme-tiny-1; write one of them" in said
    assert len(server.asked) == 1


async def test_a_name_that_no_list_contains_is_refused_after_one_look(tmp_path: Path) -> None:
    async with Server(models=LISTED) as server:
        result = await home_of_own_server(tmp_path, server).ask(TALK, model="tinny")
    assert (result.code, server.asked) == (3, [])
    assert "there is no model 'tinny': write provider:model, for example mine:acme-tiny-1" in result.err
