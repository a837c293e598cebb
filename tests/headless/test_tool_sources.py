"""A source of tools of another package: what its tools may do, show, stream and take, asked through a headless run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.ports.face import Consent, ConsentAnswer
from ralph.core.ports.user_input import UserInput
from tests.headless.ask import Home

GARDEN = '''
import asyncio

from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import ToolFailure


class Water:
    """A tool with all that a tool may have."""

    spec = ToolSpec("water", "Waters a bed.", {"type": "object", "properties": {"bed": {"type": "string"}}})
    effect = "write"
    timeout_s = 0.2

    def effect_of(self, arguments):
        return "none" if arguments["bed"] == "paper" else "write"

    def resource(self, arguments):
        return f"bed/{arguments['bed']}"

    def preview(self, arguments):
        return f"+ 3 litres on {arguments['bed']}"

    async def run(self, arguments, call):
        call.emit_output("opening the tap\\n")
        await asyncio.to_thread(call.emit_output, "key hunter2-hun")
        call.emit_output("ter2 is wet\\n")
        if arguments["bed"] == "swamp":
            await asyncio.Event().wait()
        if arguments["bed"] == "desert":
            return None
        if arguments["bed"] == "roof":
            raise TimeoutError("the hose is too short")
        return f"{arguments['bed']} is wet in {call.timeline} after at most {call.timeout_s:g} s"


class Weed:
    """A tool with only what it must have."""

    spec = ToolSpec("weed", "Pulls weeds.", {"type": "object", "properties": {}})
    effect = "none"

    async def run(self, arguments, call):
        if arguments:
            await asyncio.Event().wait()
        return f"pulled below {call.root.name}, within {call.timeout_s:g} s"


class Calculate(Weed):
    """A name that there is already."""

    spec = ToolSpec("calculate", "Counts weeds.", {"type": "object", "properties": {}})


class Garden:
    name = "the garden"

    async def open(self, env):
        self.diary = env.root / "diary"
        self._write(f"opened with {env.environ['TAP']}")
        return [Water(), Weed(), Calculate()]

    async def aclose(self):
        self._write("closed")

    def _write(self, line):
        with self.diary.open("a") as diary:
            diary.write(line + "\\n")


class Swamp:
    name = "the swamp"

    async def open(self, env):
        raise RuntimeError("nothing grows here")

    async def aclose(self):
        raise RuntimeError("it does not let go")


SOURCE, SWAMP = Garden(), Swamp()
'''
SCRIPT = """
- {{role: route, text: '{{"tools": ["{name}"], "rounds": 1, "intent": "other", "difficulty": "low", "reason": "-"}}'}}
- {{role: tool, calls: [{{name: {name}, arguments: {arguments}}}]}}
- {{role: tool, text: done}}
- {{role: format, text: "All is well."}}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home where the package of the garden is installed, as pip would leave it."""
    info = tmp_path / "site" / "ralph_garden-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "site" / "ralph_garden.py").write_text(GARDEN)
    (info / "METADATA").write_text("Name: ralph-garden\nVersion: 1.0\n")
    sources = "garden = ralph_garden:SOURCE\nswamp = ralph_garden:SWAMP\n"
    (info / "entry_points.txt").write_text(f"[ralph.tool_sources]\n{sources}")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    yield Home(tmp_path, environ={"TAP": "a blue tap", "GARDEN_TOKEN": "hunter2-hunter2"})
    sys.modules.pop("ralph_garden", None)


def scripted(home: Home, name: str, arguments: dict[str, Any]) -> dict[str, str]:
    """Flags by which every turn calls this tool."""
    script = home.path / "script.yaml"
    script.write_text(SCRIPT.format(name=name, arguments=arguments))
    return {"model": f"scripted:{script}", "route": f"scripted:{script}"}


async def call(home: Home, name: str, arguments: dict[str, Any], **flags: Any) -> dict[str, Any]:
    """What became of the call, as `--output json` tells it."""
    result = await home.ask("please", **scripted(home, name, arguments), **flags)
    step = result.json["steps"][1]
    assert step["tools"], step
    made: dict[str, Any] = step["tools"][0]
    return made


@pytest.mark.parametrize(
    ("name", "arguments", "flags", "status", "output"),
    [
        ("water", {"bed": "roses"}, {"yes": True}, "ok", "roses is wet in "),
        ("water", {"bed": "roses"}, {}, "denied", "effect write, and nobody is there to ask"),
        ("water", {"bed": "paper"}, {}, "ok", "paper is wet in "),
        ("water", {"soil": "dry"}, {}, "denied", "effect unknown"),
        ("water", {"bed": "roses"}, {"yes": True}, "ok", " after at most 0.2 s"),
        ("water", {"bed": "swamp"}, {"yes": True}, "timeout", "water took longer than 0.2 s and was stopped"),
        ("water", {"bed": "roof"}, {"yes": True}, "error", "the hose is too short"),
        ("water", {"bed": "desert"}, {"yes": True}, "error", "it gave back NoneType, and no text"),
        ("weed", {}, {}, "ok", "pulled below work, within 60 s"),
        ("calculate", {"expression": "2*21"}, {}, "ok", "42"),
    ],
)
async def test_what_becomes_of_a_call(
    home: Home, name: str, arguments: dict[str, Any], flags: dict[str, Any], status: str, output: str
) -> None:
    made = await call(home, name, arguments, **flags)
    assert (made["status"], output in made["output"]) == (status, True), made


async def test_the_configuration_sets_the_time_of_a_tool_that_sets_none(home: Home) -> None:
    (home.path / "config.yaml").write_text("tools: {timeout_s: 0.1}")
    made = await call(home, "weed", {"roots": "deep"})
    assert (made["status"], made["output"]) == ("timeout", "weed took longer than 0.1 s and was stopped")
    made = await call(home, "water", {"bed": "paper"})
    assert "0.2 s" in made["output"]


@pytest.mark.parametrize(("rule", "status"), [("bed/roses", "ok"), ("roses", "denied")])
async def test_a_rule_is_matched_with_the_resource(home: Home, rule: str, status: str) -> None:
    (home.path / "config.yaml").write_text(f"tools: {{allow: ['water({rule})']}}")
    assert (await call(home, "water", {"bed": "roses"}))["status"] == status


async def test_output_is_streamed_before_the_call_ends_and_without_keys(home: Home) -> None:
    result = await home.ask("please", output="jsonl", yes=True, **scripted(home, "water", {"bed": "roses"}))
    events = result.lines
    deltas = [e for e in events if e["type"] == "block.delta" and e["data"]["channel"] == "tool_output"]
    streamed = "".join(text for e in deltas for _, text in e["data"]["chunks"])
    assert streamed == "opening the tap\nkey *** is wet\n"
    assert {e["data"]["block"] for e in deltas} == {"1.3"}
    finish = next(e for e in events if e["type"] == "tool.finished")
    assert all(e["seq"] < finish["seq"] for e in deltas)
    assert "tap" not in finish["data"]["output"]


@pytest.mark.parametrize("output", ["text", "json"])
async def test_what_is_streamed_is_no_part_of_an_answer(home: Home, output: Any) -> None:
    result = await home.ask("please", output=output, yes=True, **scripted(home, "water", {"bed": "roses"}))
    assert result.code == 0
    assert "opening the tap" not in result.out
    assert "All is well." in result.out


class Person:
    """Somebody who reads before they allow anything."""

    def __init__(self) -> None:
        self.asked: list[Consent] = []

    async def allow(self, consent: Consent) -> ConsentAnswer:
        self.asked.append(consent)
        return ConsentAnswer(allowed=True)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return None


@pytest.mark.parametrize(
    ("arguments", "preview"),
    [
        ({"bed": "roses"}, "+ 3 litres on roses"),
        ({"soil": "dry"}, "the tool could not say what this call would do"),
    ],
)
async def test_a_person_sees_what_a_call_would_do(home: Home, arguments: dict[str, str], preview: str) -> None:
    person = Person()
    flags = Flags(**scripted(home, "water", arguments))
    async with workspace(flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        space.asker = person
        session = await space.timelines.open()
        await session.submit(UserInput("please"))
        requested = [b.calls[0] for b in session.timeline().turns[0].blocks if b.calls]
    (consent,) = person.asked
    assert consent.preview == preview
    assert consent.effect == requested[0].effect == ("write" if "bed" in arguments else "unknown")


async def test_a_source_is_opened_late_and_closed_and_a_broken_one_takes_nothing_down(home: Home) -> None:
    diary = home.root / "diary"
    async with workspace(Flags(), environ=home.environ, root=home.root, ids=home.ids) as space:
        session = await space.timelines.open()
        assert not diary.exists()
        await asyncio.gather(space.models.context(session), space.models.context(session))
        assert {"water", "weed", "calculate"} < {row.name for row in await space.tools.rows()}
        assert diary.read_text() == "opened with a blue tap\n"
    assert diary.read_text() == "opened with a blue tap\nclosed\n"
    log = next(home.path.rglob("*.log")).read_text()
    assert "the swamp is left out: RuntimeError('nothing grows here')" in log
    assert "the swamp could not be closed" in log
    assert "a second tool calculate is left out" in log
