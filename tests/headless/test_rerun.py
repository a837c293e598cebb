"""A turn run again: what is kept, what is asked anew, what it costs, and what a script gets."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.errors import Failure, Kind
from ralph.core.log import events as ev
from ralph.core.log.codec import dumps
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.json_output import timeline_json
from ralph.core.timeline.timeline import Timeline, fold
from ralph.headless.doctor import invariants
from ralph.headless.rerun import AskedAgain, rerun
from ralph.headless.run import refuse
from tests.headless.ask import WIRES, Home, Result, home_on
from tests.schema.test_schemas import check
from tests.wires.script import Reply
from tests.wires.server import Server

CALLS = (
    {"name": "calculate", "arguments": {"expression": "17% of 2340"}},
    {"name": "calculate", "arguments": {"expression": "2+2"}},
)
USAGE = {"input": 50, "output": 9}


def planned(n: int = 1) -> Reply:
    return Reply(thinking=(f"I plan {n}.",), signature=f"sig-plan-{n}", calls=CALLS, usage=USAGE)


def answered(text: str) -> Reply:
    return Reply(text=(text,), usage=USAGE)


async def again(home: Home, timeline: str = "last", **options: Any) -> Result:
    """`ralph rerun`, in this process."""
    named = {k: v for k, v in options.items() if k in AskedAgain.__dataclass_fields__}
    asked = AskedAgain(timeline, **{"output": "json", **named})
    flags = replace(home.flags, **{k: v for k, v in options.items() if k not in named})
    out, err = io.StringIO(), io.StringIO()
    try:
        async with workspace(flags, environ=home.environ, root=home.root, ids=home.ids) as space:
            code = await rerun(space.store, space, asked, out, err)
    except Failure as failure:
        code = refuse(failure, asked.output, out, err)
    return Result(code, out.getvalue(), err.getvalue(), home.path)


async def read(home: Home, name: str) -> tuple[Timeline, list[Any]]:
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        events = await space.store.log.events(await space.store.catalog.resolve(name))
    return fold(events[-1].timeline, events), events


@pytest.mark.parametrize("wire", WIRES)
async def test_from_format_keeps_the_route_and_the_results(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        home = home_on(tmp_path, wire, server.url)
        server.will(planned(), answered("First."))
        first = (await home.ask("what is 17% of 2340?")).json
        server.will(answered("Second."))
        result = await again(home, from_="format")
        assert result.code == 0, result.err
        made = result.json
        assert len(server.asked) == 3
        assert server.asked[2].json == server.asked[1].json  # the same prefix, the same thinking, byte for byte
        server.will(answered("Third."))
        third = await home.ask("well, thank you for that", timeline=made["timeline"])
        assert third.code == 0, third.err
        assert "397.8" in server.asked[3].body.decode()
    check("turn", made)
    assert (made["turn"], made["text"]) == (1, "Second.")
    assert made["timeline"] != first["timeline"]
    route, tool, answer = made["steps"]
    assert route["data"] == first["steps"][0]["data"]
    assert [t["output"] for t in tool["tools"]] == [t["output"] for t in first["steps"][1]["tools"]]
    assert tool["attempts"] == []
    assert tool["cost"] == {"nano_usd": 0, "status": "free"}
    assert len(answer["attempts"]) == 1
    assert made["usage"]["input"] == 50
    assert (
        f"turn 1 of {first['timeline']} as {made['timeline']}, from format; route and tool results are kept"
        in result.err
    )


async def test_the_log_says_what_was_run_again_and_what_was_kept(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "anthropic", server.url)
        server.will(planned(), answered("First."), answered("Second."), answered("Third."))
        first = (await home.ask("what is 17% of 2340?")).json
        second = (await again(home, from_="format")).json
        third = (await again(home, second["timeline"], from_="format")).json
    timeline, events = await read(home, third["timeline"])
    check("show", json.loads(dumps(timeline_json(timeline))))
    assert all(c.ok for c in invariants(events)), invariants(events)
    started = timeline.turns[0].started
    assert started.rerun_of == ev.Rerun(second["timeline"], 1, "format")
    origins = {b.kind: b.copied_from for b in timeline.turns[0].blocks}
    assert origins == {
        "user": None,
        "route": f"{first['timeline']}/1.2",
        "tool": f"{first['timeline']}/1.3",
        "format": None,
    }
    assert timeline.forked_from is not None
    assert timeline.forked_from.timeline == first["timeline"]  # it keeps nothing of the second
    assert fold(timeline.id, [e for e in events if not isinstance(e.event, ev.BlockDelta)]) == timeline
    rows = Result(0, "", "", home.path).rows()
    assert len(rows) == 4
    assert {r["timeline"] for r in rows} == {first["timeline"], second["timeline"], third["timeline"]}
    assert timeline.usage.input == 50


async def test_from_tool_keeps_the_decision(tmp_path: Path) -> None:
    decision = '{"tools": ["calculate"], "rounds": 1, "intent": "compute", "difficulty": "low", "reason": "a sum"}'
    async with Server() as server:
        home = home_on(tmp_path, "compatible", server.url)
        home.flags = replace(home.flags, route="mine:router")
        server.will(answered(decision), planned(), answered("First."))
        assert (await home.ask("add these up for me")).code == 0
        server.will(planned(2), answered("Second."))
        made = await again(home, from_="tool")
    assert made.code == 0, made.err
    route, tool, _ = made.json["steps"]
    assert route["attempts"] == []
    assert route["data"]["reason"] == "a sum"
    assert route["text"] == decision
    assert len(tool["attempts"]) == 1
    assert len(server.asked) == 5


async def test_the_whole_turn_by_another_model_in_the_middle_of_a_timeline(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("One."), answered("Two."), answered("Three."), answered("Other."))
        for n, prompt in enumerate(("tell me one", "tell me two", "tell me three")):
            await home.ask(prompt, timeline="last" if n else None)
        made = (await again(home, turn=2, model="ollama:model-2")).json
        body = server.asked[-1].json
    assert (made["turn"], made["text"]) == (2, "Other.")
    assert body["model"] == "model-2"
    assert [m["content"] for m in body["messages"]] == ["tell me one", "One.", "tell me two"]


async def test_the_system_prompt_and_the_settings_are_those_of_the_turn(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("One."), answered("Two."), answered("Three."))
        await home.ask("tell me", system="be brief")
        await again(home)
        assert "be brief" in server.asked[-1].body.decode()
        await again(home, system="be long")
        assert "be long" in server.asked[-1].body.decode()


async def test_the_command_lines_system_prompt_can_be_ended(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        home.flags = replace(home.flags, system="be brief")
        server.will(answered("One."), answered("Two."))
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await sit(space, "tell me")
            session.update_timeline(system="")
            await session.submit(UserInput("tell me more"))
    assert ["be brief" in a.body.decode() for a in server.asked] == [True, False]


async def test_a_saved_answer_is_no_second_opinion(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url, "cache: {enabled: true}\n")
        server.will(answered("One."), answered("Two."))
        await home.ask("tell me")
        assert (await again(home)).json["text"] == "Two."


async def test_what_cannot_be_run_again_leaves_no_trace(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(Reply(status=400, error={"message": "no"}))
        await home.ask("what is 17% of 2340?")
        for options, code, why in (
            ({"from_": "format"}, 2, "the tool step of turn 1 has no complete result to keep"),
            ({"turn": 7}, 10, "has turns 1 to 1, not 7"),
            ({"timeline": "nosuch"}, 10, "there is no timeline"),
        ):
            result = await again(home, **options)
            assert result.code == code
            assert why in result.err
            check("turn", result.json)
        assert len(result.rows("SELECT id FROM timelines")) == 1


async def test_jsonl_is_the_event_stream_and_a_failure_has_its_code(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("One."), answered("Two."))
        await home.ask("tell me")
        lines = (await again(home, output="jsonl")).lines
        for line in lines:
            check("envelope", line)
        assert lines[0]["data"]["rerun_of"] == {"timeline": "t000000001", "turn": 1, "from": "route"}
        server.will(Reply(status=404, error={"message": "model not found"}))
        assert (await again(home, output="text")).code == 3


# In one sitting, as a screen has it.


async def sit(space: LocalWorkspace, prompt: str) -> Any:
    session = await space.timelines.open()
    await session.submit(UserInput(prompt))
    return session


async def test_once_is_for_one_turn_and_the_turn_says_so(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(*(answered(f"{n}.") for n in range(3)))
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await sit(space, "tell me")
            await session.once("ollama:model-2", UserInput("tell me more"))
            await session.submit(UserInput("and more"))
            roles = [t.started.roles["format"] for t in session.timeline().turns]
    assert roles == ["ollama:model-1", "ollama:model-2", "ollama:model-1"]
    assert [a.json["model"] for a in server.asked] == ["model-1", "model-2", "model-1"]
    assert session.timeline().role_changes == ()


async def test_pinned_tools_stand_in_the_routes_place(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "compatible", server.url)
        home.flags = replace(home.flags, route="mine:router")
        server.will(planned(), answered("done"), answered("One."), answered("Two."))
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open()
            session.override(replace(session.overrides, tools=("calculate",)))
            await session.submit(UserInput("add these up for me"))
            first = session.timeline().turns[0]
            session.override(replace(session.overrides, tools=()))
            await session.submit(UserInput("what is 17% of 2340?"))
            second = session.timeline().turns[1]
            with pytest.raises(Failure) as refused:
                session.override(replace(session.overrides, tools=("calculat",)))
    assert refused.value.kind is Kind.USAGE
    assert "did you mean calculate?" in refused.value.message
    route = first.step("route")
    assert route is not None
    assert route.attempts == ()
    assert (route.data["by"], route.data["reason"], route.data["tools"]) == ("user", "pinned by you", ["calculate"])
    assert first.started.tools == ("calculate",)
    assert [t["function"]["name"] for t in server.asked[0].json["tools"]] == ["calculate"]
    skipped = second.step("tool")
    assert skipped is not None
    assert skipped.status == "skipped"
    assert len(server.asked) == 4


async def test_settings_go_along_are_shown_and_hold_on(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("One."), answered("Two."))
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open()
            session.override(replace(session.overrides, settings={"temperature": 0.5, "effort": "low"}))
            await session.submit(UserInput("tell me"))
            answer = session.timeline().turns[0].step("format")
            await session.close()
            session = await space.timelines.open(session.id)
            await session.submit(UserInput("more"))
    assert [a.json["options"]["temperature"] for a in server.asked] == [0.5, 0.5]
    assert session.timeline().turns[0].started.settings == {"temperature": 0.5, "effort": "low"}
    assert answer is not None
    assert [n.text for n in answer.notes] == ["ollama:model-1 does not take effort; it was not sent"]


async def test_what_is_changed_before_the_first_turn_waits_for_it(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("One."), answered("Two."))
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open()
            session.update_timeline(title="My title", system="be brief")
            assert (session.timeline().title, session.system, session.timeline().system) == (
                "My title", "be brief", "be brief",
            )  # fmt: skip
            assert await space.timelines.rows() == ()
            await session.submit(UserInput("tell me"))
            session.update_timeline(system="")
            await session.submit(UserInput("tell me more"))
            await session.close()
            assert [r.title for r in await space.timelines.rows()] == ["My title"]
    assert ["be brief" in a.body.decode() for a in server.asked] == [True, False]


async def test_a_pinned_turn_is_sent_however_old(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url, "context: {max_turns: 1}\n")
        server.will(*(answered(f"Answer {n}.") for n in range(1, 4)))
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await sit(space, "tell me one")
            await session.submit(UserInput("tell me two"))
            session.update_timeline(pins=("1",))
            await session.submit(UserInput("tell me three"))
    assert "tell me one" in json.dumps(server.asked[2].json)
    assert "Answer 1." in json.dumps(server.asked[2].json)


async def test_a_fork_of_a_running_conversation_has_what_was_just_said(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("One."), answered("Two."))
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await sit(space, "tell me")
            fork = await space.timelines.open(await space.timelines.fork(session.id, 0))
            turn = session.timeline().turns[0]
            await asyncio.gather(fork.rerun(turn))
            rows = {r.id: (r.forked_from, r.fork_turn, r.turns) for r in await space.timelines.rows()}
    assert rows == {session.id: (None, 0, 1), fork.id: (session.id, 0, 1)}
    assert fork.timeline().turns[0].text == "Two."
    assert session.timeline().turns[0].text == "One."
