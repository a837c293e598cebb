"""What is offered, what becomes of a call, and rules that change while ralph runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ralph.assembly.tool_sources import ToolSources
from ralph.assembly.toolbox import Toolbox
from ralph.config.settings import ToolSettings
from ralph.core.errors import NotFound
from ralph.core.llm.consent import CallFacts
from ralph.core.ports.tool_source import SourceEnvironment
from tests.frozen import FrozenClock


def toolbox(*, deny: tuple[str, ...] = (), ask: tuple[str, ...] = ()) -> Toolbox:
    return Toolbox(ToolSettings(ask=ask, deny=deny), ToolSources(SourceEnvironment(Path(), FrozenClock())))


def told(box: Toolbox, name: str) -> tuple[str, str]:
    row = next(r for r in asyncio.run(box.rows()) if r.name == name)
    return row.verdict, row.by


def test_every_tool_is_in_the_list_also_one_that_is_denied() -> None:
    box = toolbox(deny=("calc*",), ask=("files",))
    assert "calculate" not in box.list_offered()
    assert told(box, "calculate") == ("denied", "tools.deny: calc*")
    assert told(box, "files") == ("ask", "tools.ask: files")
    assert told(box, "clock") == ("allowed", "effect none")
    assert [r.name for r in asyncio.run(box.rows())] == sorted(r.name for r in asyncio.run(box.rows()))


def test_a_rule_holds_from_the_next_call_on_and_takes_the_place_of_another_for_the_same() -> None:
    box = toolbox(ask=("files",))
    box.rule("files", "allow")
    assert told(box, "files") == ("allowed", "tools.allow: files")
    box.rule("files", "deny")
    assert "files" not in box.list_offered()
    box.rule("files", "ask")
    assert "files" in box.list_offered()
    assert box.decide(CallFacts("files", {}, "read")).verdict == "ask"


def test_a_stronger_rule_of_the_settings_still_decides() -> None:
    box = toolbox(deny=("c*",))
    box.rule("clock", "allow")
    assert told(box, "clock") == ("denied", "tools.deny: c*")


def test_a_pattern_fits_at_least_one_tool() -> None:
    box = toolbox()
    box.rule("*files*", "ask")
    assert told(box, "search_files")[0] == "ask"
    box.rule("files(secret*)", "deny")
    assert box.decide(CallFacts("files", {}, "read", "secret.txt")).verdict == "denied"
    with pytest.raises(NotFound, match="did you mean calculate"):
        box.rule("calculator", "ask")
