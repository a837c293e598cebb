"""What becomes of the answers of a person: their scope, edited arguments, and a further resource of the same call."""

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
from ralph.core.timeline.calls import Call
from tests.headless.ask import Home

TOOLS = """
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import ToolFailure


class Note:
    spec = ToolSpec("note", "Notes.", {"type": "object"})
    effect = "write"

    def resource(self, arguments):
        return arguments["path"]

    def preview(self, arguments):
        return "+ " + arguments["path"]

    async def run(self, arguments, call):
        return "noted in " + arguments["path"]


class Get:
    spec = ToolSpec("get", "Gets.", {"type": "object"})
    effect = "network"
    timeout_s = 0.2

    def resource(self, arguments):
        return arguments["url"]

    async def run(self, arguments, call):
        further = await call.may_use("https://b.org/")
        if not getattr(further, "allowed", further):
            raise ToolFailure("the redirect to b.org was refused")
        return "came to b.org"


class Source:
    name = "the bench"

    async def open(self, env):
        return [Note(), Get()]

    async def aclose(self):
        pass


SOURCE = Source()
"""
STEPS = """
- {{role: route, text: '{{"tools": ["{name}"], "rounds": 2, "intent": "other", "difficulty": "low", "reason": "-"}}'}}
- {{role: tool, calls: [{calls}]}}
- {{role: tool, text: done}}
- {{role: format, text: "All is well."}}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    info = tmp_path / "site" / "ralph_answers-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "site" / "ralph_answers.py").write_text(TOOLS)
    (info / "METADATA").write_text("Name: ralph-answers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ralph.tool_sources]\nbench = ralph_answers:SOURCE\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    yield Home(tmp_path)
    sys.modules.pop("ralph_answers", None)


class Person:
    """A person whose answers are known before; without one it is a no."""

    def __init__(self, *answers: ConsentAnswer) -> None:
        self.asked: list[Consent] = []
        self.thinks_s = 0.0
        self._answers = list(answers)

    async def allow(self, consent: Consent) -> ConsentAnswer:
        self.asked.append(consent)
        await asyncio.sleep(self.thinks_s)
        return self._answers.pop(0) if self._answers else ConsentAnswer(allowed=False)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return None


async def calls(home: Home, person: Person, name: str, *turns: Sequence[dict[str, Any]]) -> list[Call]:
    """Ask for these calls, one list a turn of one timeline; what became of them."""
    text = "".join(
        STEPS.format(name=name, calls=", ".join(f"{{name: {name}, arguments: {one}}}" for one in turn))
        for turn in turns
    )
    script = home.path / "script.yaml"
    script.write_text(text)
    flags = Flags(model=f"scripted:{script}", route=f"scripted:{script}")
    async with workspace(flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        space.asker = person
        session = await space.timelines.open()
        for number in range(len(turns)):
            await session.submit(UserInput(f"please, for the {number + 1}. time"))
        return [call for turn in session.timeline().turns for block in turn.blocks for call in block.calls]


ONE, TWO, OTHER = {"path": "src/a"}, {"path": "src/b"}, {"path": "docs/a"}


@pytest.mark.parametrize(
    ("scope", "asked", "scopes"),
    [
        ("once", 4, ["once", "once", "once", "once"]),
        ("turn", 3, ["turn", "turn", "once", "once"]),
        ("timeline", 2, ["timeline", "timeline", "once", "timeline"]),
        ("always", 2, ["always", "always", "once", "always"]),
    ],
)
async def test_an_answer_covers_later_calls_of_its_rule(home: Home, scope: Any, asked: int, scopes: list[str]) -> None:
    person = Person(ConsentAnswer(True, scope))
    found = await calls(home, person, "note", [ONE, TWO, OTHER], [ONE])
    assert len(person.asked) == asked
    assert [call.scope for call in found] == scopes
    assert person.asked[0].always == "note(src/**)"
    assert person.asked[0].why == "effect write"
    assert found[0].rule == ("" if scope == "once" else "note(src/**)")
    assert [call.decision for call in found][:1] == ["allowed"]
    assert found[2].decision == "denied"
    kept = home.path / "grants.yaml"
    assert kept.exists() is (scope in ("timeline", "always"))


async def test_edited_arguments_are_decided_about_again(home: Home) -> None:
    person = Person(ConsentAnswer(True, arguments=OTHER), ConsentAnswer(True))
    (call,) = await calls(home, person, "note", [ONE])
    assert [consent.resource for consent in person.asked] == ["src/a", "docs/a"]
    assert person.asked[1].preview == "+ docs/a"
    assert (call.arguments, call.edited, call.output) == (ONE, OTHER, "noted in docs/a")


async def test_edited_arguments_meet_the_rules(home: Home) -> None:
    (home.path / "config.yaml").write_text("tools: {deny: ['note(docs/**)']}")
    person = Person(ConsentAnswer(True, arguments=OTHER), ConsentAnswer(True))
    (call,) = await calls(home, person, "note", [ONE])
    assert len(person.asked) == 1
    assert (call.decision, call.by, call.rule) == ("denied", "tools.deny: note(docs/**)", "note(docs/**)")


URL = {"url": "https://a.org/"}


@pytest.mark.parametrize(
    ("answers", "rules", "asked", "output"),
    [
        ((ConsentAnswer(True), ConsentAnswer(True)), "{}", 2, "came to b.org"),
        ((ConsentAnswer(True), ConsentAnswer(False)), "{}", 2, "the redirect to b.org was refused"),
        ((ConsentAnswer(True), ConsentAnswer(True, arguments={"url": "https://c.org"})), "{}", 2,
         "the redirect to b.org was refused"),
        ((ConsentAnswer(True),), "{allow: ['get(b.org)']}", 1, "came to b.org"),
        ((ConsentAnswer(True), ConsentAnswer(True)), "{deny: ['get(b.org)']}", 1, "the redirect to b.org was refused"),
        ((), "{allow: ['get(a.org)', 'get(*.b.org)']}", 1, "the redirect to b.org was refused"),
    ],
)  # fmt: skip
async def test_a_further_resource_is_decided_about_by_the_same_rules(
    home: Home, answers: Sequence[ConsentAnswer], rules: str, asked: int, output: str
) -> None:
    (home.path / "config.yaml").write_text(f"tools: {rules}")
    person = Person(*answers)
    (call,) = await calls(home, person, "get", [URL])
    assert (len(person.asked), call.output) == (asked, output)
    assert person.asked[-1].resource == ("https://b.org/" if asked == 2 or not answers else "https://a.org/")


async def test_the_time_in_which_a_person_thinks_is_not_the_tools(home: Home) -> None:
    person = Person(ConsentAnswer(True), ConsentAnswer(True))
    person.thinks_s = 0.5  # the tool has 0.2 s
    (call,) = await calls(home, person, "get", [URL])
    assert (call.status, call.output) == ("ok", "came to b.org")
    assert call.waited_ms >= 1000
