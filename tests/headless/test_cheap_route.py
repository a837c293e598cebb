"""What a route costs: nothing where the rules understand, the cheap model where they do not, no small local model."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import workspace
from ralph.headless.run import Question, run
from ralph.headless.slash import SlashLine, run_slash
from tests.headless.ask import Home, Result
from tests.wires.script import Reply
from tests.wires.server import Server

SUM = "what is 17% of 2340?"
TALK = "why do tides come twice a day?"
NO_TOOLS = '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "talk"}'
SLOW = "pipeline: {speculate: off}\n"
SONNET = "anthropic:claude-sonnet-5-5"
ROUTED = Reply(text=(NO_TOOLS,), usage={"input": 9, "output": 9}, when={"body": "You route questions"}, times=None)
CALLED = Reply(
    calls=({"name": "calculate", "arguments": {"expression": "17% of 2340"}},),
    usage={"input": 9, "output": 9}, when={"body": "calculate", "without": "tool_result"}, times=None,
)  # fmt: skip
WORDED = Reply(text=("It comes to 397.8.",), usage={"input": 9, "output": 9}, times=None)


def with_key(path: Path, server: Server, config: str = SLOW) -> Home:
    return Home(path, config, {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url})


def models(server: Server) -> list[str]:
    return [request.json["model"] for request in server.asked]


def notes(result: Result) -> list[str]:
    return [e["data"]["text"] for e in result.lines if e["type"] == "note" and e["data"]["kind"] == "route_left"]


def by(made: dict[str, Any]) -> str:
    decided: str = made["steps"][0]["data"]["by"]
    return decided


async def test_a_sum_is_answered_by_the_rules_although_a_model_is_connected(tmp_path: Path) -> None:
    async with Server() as server:
        made = (await with_key(tmp_path, server).ask(SUM)).json
    assert server.requests == []
    assert (made["status"], "397.8" in made["text"]) == ("ok", True)
    assert (made["cost"]["nano_usd"], made["cost"]["status"]) == (0, "free")
    assert [s["attempts"] for s in made["steps"]] == [[], [], []]
    assert made["steps"][1]["tools"][0]["output"].endswith("397.8")


@pytest.mark.parametrize("flags", [{"model": SONNET}, {"format": SONNET}, {"system": "You are a pirate."}])
async def test_a_named_model_or_a_system_prompt_words_the_answer_and_the_rules_still_route(
    tmp_path: Path, flags: dict[str, str]
) -> None:
    async with Server() as server:
        server.will(ROUTED, CALLED, WORDED)
        made = (await with_key(tmp_path, server).ask(SUM, **flags)).json
    assert made["text"] == "It comes to 397.8."
    assert (by(made), made["steps"][0]["attempts"]) == ("rules", [])
    assert models(server) == ["claude-sonnet-5-5"] * 2


@pytest.mark.parametrize(
    "prompt",
    [
        f"{SUM} explain how you got there",
        "did we ever talk about tides?",
        "is 17% of 2340 a lot?",
    ],
)
async def test_what_the_rules_do_not_answer_exactly_is_left_to_a_model(tmp_path: Path, prompt: str) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        made = (await with_key(tmp_path, server).ask(prompt)).json
    assert made["text"] == "It comes to 397.8."
    assert models(server)[-1] == "claude-sonnet-5-5"


@pytest.mark.parametrize("flags", [{}, {"model": SONNET}])
async def test_the_route_asks_the_cheap_model_also_beside_a_named_one(tmp_path: Path, flags: dict[str, str]) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        made = (await with_key(tmp_path, server).ask(TALK, **flags)).json
    assert models(server) == ["claude-haiku-5-5", "claude-sonnet-5-5"]
    assert made["steps"][0]["model"] == "claude-haiku-5-5"


async def test_slash_model_keeps_the_cheap_route_and_the_line_names_only_what_changed(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        home = with_key(tmp_path, server)
        await home.ask(TALK)
        said = await slash(home, "/model anthropic:claude-opus-5-5", timeline="last")
        made = (await home.ask("and why is that?", timeline="last")).json
    assert "route" not in said.partition("models:")[2]
    assert "claude-opus-5-5" in said
    assert models(server)[2:] == ["claude-haiku-5-5", "claude-opus-5-5"]
    assert made["status"] == "ok"


async def test_retry_format_has_a_model_word_what_the_rules_answered(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(WORDED)
        home = with_key(tmp_path, server)
        await home.ask(SUM)
        said = await slash(home, f"/retry format {SONNET}", timeline="last")
    assert "It comes to 397.8." in said
    assert models(server) == ["claude-sonnet-5-5"]


async def test_a_server_of_ones_own_that_lacks_the_cheap_model_is_asked_for_the_named_one(tmp_path: Path) -> None:
    lacking = Reply(status=404, error={"type": "not_found_error", "message": "no such model"}, when={"body": "haiku"})
    async with Server() as server:
        server.will(lacking, ROUTED, WORDED)
        home = with_key(tmp_path, server)
        home.flags = home.flags.__class__(model="anthropic:mine")
        async with home.sitting() as ask:
            results = [await ask(TALK) for _ in range(2)]
    assert [r.json["text"] for r in results] == ["It comes to 397.8."] * 2
    assert models(server) == ["claude-haiku-5-5", "mine", "mine", "mine"]


@pytest.mark.parametrize(
    ("listed", "route"),
    [
        (("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-2"), "claude-fable-5-2"),
        (("mine", "claude-sonnet-5-5", "mine-embed"), "claude-sonnet-5-5"),  # the other prices are unknown
        (("mine", "yours"), "mine"),
        (("claude-haiku-5-5", "claude-fable-5-2"), "claude-haiku-5-5"),
    ],
)
async def test_a_list_without_the_cheap_model_has_the_route_ask_the_cheapest_one_in_it(
    tmp_path: Path, listed: tuple[str, ...], route: str
) -> None:
    prices = "prices: {'anthropic:claude-fable-5-2': {input: 0.01, output: 0.01}}\n"
    async with Server(models=tuple({"id": name} for name in listed)) as server:
        server.will(ROUTED, WORDED)
        home = with_key(tmp_path, server, SLOW + prices)
        home.flags = home.flags.__class__(model=f"anthropic:{listed[0]}" if route != "claude-haiku-5-5" else SONNET)
        async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
            await space.models.list_models("anthropic")
            out = io.StringIO()
            await run(space, Question(TALK, output="json"), out, io.StringIO())
    assert models(server)[0] == route
    chosen = json.loads(out.getvalue())["steps"][0]["data"].get("chosen", {})
    assert ("cheapest that anthropic lists" in str(chosen)) is (route not in (listed[0], "claude-haiku-5-5"))


LOCAL = """
providers: {{mine: {{kind: openai_compatible, base_url: "{url}/v1"{more}}}}}
pipeline: {{speculate: off{set}}}
"""


@pytest.mark.parametrize(
    ("model", "more", "set_", "asks"),
    [
        ("tiny-1b", "", "", False),
        ("tiny-1b", "", ", route_calls: always", True),
        ("model-1", "", "", True),  # the server does not say how many slots it has
        ("model-1", ", one_slot: true", "", False),
        ("model-1", ", one_slot: false", "", True),
        ("large-8b", "", "", True),
        ("large-8b", "", ", route_calls: never", False),
    ],
)
async def test_a_small_model_on_this_machine_is_asked_only_if_the_configuration_says_so(
    tmp_path: Path, model: str, more: str, set_: str, asks: bool
) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        home = Home(tmp_path, LOCAL.format(url=server.url, more=more, set=set_))
        result = await home.ask(TALK, "jsonl", model=f"mine:{model}")
    assert len(server.asked) == (2 if asks else 1)
    assert bool(notes(result)) == (not asks and not set_)


async def test_that_the_rules_decide_is_said_once_in_a_timeline_and_not_where_no_model_was_needed(
    tmp_path: Path,
) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        home = Home(tmp_path, LOCAL.format(url=server.url, more="", set=""))
        home.flags = home.flags.__class__(model="mine:tiny-1b")
        told = [len(notes(await home.ask(SUM, "jsonl")))]
        told += [len(notes(await home.ask(TALK, "jsonl", timeline="last"))) for _ in range(2)]
    assert told == [0, 1, 0]


async def test_that_the_rules_decide_is_said_on_stderr_too(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        home = Home(tmp_path, LOCAL.format(url=server.url, more="", set=""))
        home.flags = home.flags.__class__(model="mine:tiny-1b")
        told = [(await home.ask(TALK, "text", timeline=name)).err for name in (None, "last")]
    assert ["the built-in rules decide which tools are needed" in err for err in told] == [True, False]
    assert "`/route mine:tiny-1b` (or `--route`)" in told[0]


async def test_a_route_that_a_person_named_is_asked_however_small(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED)
        home = Home(tmp_path, LOCAL.format(url=server.url, more="", set=", route_calls: never"))
        await home.ask(TALK, model="mine:tiny-1b", route="mine:tiny-1b")
    assert len(server.asked) == 2


async def slash(home: Home, line: str, timeline: str, code: int = 0) -> str:
    """What the command says, on both streams."""
    out, err = io.StringIO(), io.StringIO()
    async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        assert await run_slash(space, SlashLine(line, timeline=timeline), out, err) == code
    return out.getvalue() + err.getvalue()


@pytest.mark.parametrize("prompt", ["how do I quit?", "how do i add an api key?", "help me"])
async def test_a_question_about_ralph_is_answered_without_a_model(tmp_path: Path, prompt: str) -> None:
    async with Server() as server:
        result = await with_key(tmp_path, server).ask(prompt)
        assert result.json["text"].startswith("**")
        assert (server.asked, result.json["cost"]) == ([], {"nano_usd": 0, "status": "free"})


async def test_in_a_conversation_the_same_words_may_mean_something_else(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(ROUTED, WORDED, ROUTED, WORDED)
        async with with_key(tmp_path, server).sitting() as ask:
            first = (await ask("is 17% of 2340 a lot?")).json
            made = (await ask("how do I quit?", timeline=first["timeline"])).json
        assert made["text"] == "It comes to 397.8."


@pytest.mark.parametrize(("slots", "asks"), [(1, False), (4, True)])
async def test_a_server_that_tells_its_slots_decides_it(tmp_path: Path, slots: int, asks: bool) -> None:
    async with Server() as server:
        server.will(Reply(body=f'{{"total_slots": {slots}}}', when={"path": "/props"}), ROUTED, WORDED)
        home = Home(tmp_path, LOCAL.format(url=server.url, more="", set=""))
        await home.ask(TALK, model="mine:model-1")
    assert len(server.asked) == (2 if asks else 1)


async def test_without_a_named_model_the_route_asks_what_the_server_lists_too(tmp_path: Path) -> None:
    async with Server(models=({"id": "claude-opus-5-5"}, {"id": "claude-sonnet-5-5"})) as server:
        server.will(ROUTED, WORDED)
        home = with_key(tmp_path, server)
        async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
            await space.models.list_models("anthropic")
            await run(space, Question(TALK, output="json"), io.StringIO(), io.StringIO())
    assert models(server) == ["claude-sonnet-5-5", "claude-sonnet-5-5"]


async def test_an_unusable_decision_is_quoted_on_one_line(tmp_path: Path) -> None:
    chatty = Reply(text=("Sure!\n\nI would\tcall ", "no tool " * 20), when={"body": "You route questions"}, times=None)
    async with Server() as server:
        server.will(chatty, WORDED)
        made = (await with_key(tmp_path, server).ask(TALK)).json
    said = made["steps"][0]["error"]["message"]
    assert said.startswith("the routing model gave no usable answer: “Sure! I would call no tool no tool")
    assert said.endswith("…”")
    assert "\\" not in said
