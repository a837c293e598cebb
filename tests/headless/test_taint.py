"""Outside content in the window reaches the decision about each call, until it has left the window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.llm.consent import CallFacts, Taint
from ralph.pipeline import tool_call
from ralph.pipeline.call_consent import describe_call
from ralph.tools import _web_client
from tests.headless.tool_turns import ToolHome, call
from tests.tools.web import Site, serving


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as made:
        made.page("/page", b"words of a stranger", "text/plain")
        yield made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ToolHome:
    monkeypatch.setattr(_web_client, "names_host", lambda *_: True)
    home = ToolHome(tmp_path, "context: {max_turns: 3}")
    (home.root / "notes.md").write_text("ours\n")
    return home


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Taint]]:
    """What each decision knew, in order."""
    seen: list[tuple[str, Taint]] = []

    def describe(*given: Any) -> CallFacts:
        facts = describe_call(*given)
        seen.append((facts.name, facts.taint))
        return facts

    monkeypatch.setattr(tool_call, "describe_call", describe)
    return seen


READ = call("files", action="read", path="notes.md")
WRITE = call("write_file", path="new.md", content="x\n")
CLEAN = Taint()


async def test_a_page_taints_the_next_round_and_the_next_turns(
    home: ToolHome, site: Site, decided: list[tuple[str, Taint]]
) -> None:
    fetch = call("web_fetch", url=f"{site.url}/page")
    await home.turn("one", [fetch], [READ], [WRITE], yes=True)
    source = (f"127.0.0.1:{site.port} since 1.3c1",)
    assert decided == [
        ("web_fetch", CLEAN),
        ("files", Taint(source)),
        ("write_file", Taint(source, private=True)),
    ]
    decided.clear()
    for number in range(4):
        await home.turn(f"later {number}", [READ], timeline="last")
    # The fetch is in turn 1, and three turns go along: it has left the window of turn 5.
    assert [taint.sources for _, taint in decided] == [source, source, source, ()]
    assert all(taint.private for _, taint in decided)


async def test_a_new_timeline_and_a_rewind_are_clean_and_a_fork_is_not(
    home: ToolHome, site: Site, decided: list[tuple[str, Taint]]
) -> None:
    fetch = call("web_fetch", url=f"{site.url}/page")
    await home.turn("clean", [READ])
    await home.turn("dirty", [fetch], timeline="last", yes=True)
    async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        fork = await space.timelines.fork("last")
    async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        rewound = await space.timelines.fork(fork, 1)
    decided.clear()
    await home.turn("in the fork", [WRITE], timeline=fork)
    await home.turn("after the rewind", [call("write_file", path="b.md", content="x\n")], timeline=rewound)
    await home.turn("elsewhere", [call("write_file", path="c.md", content="x\n")])
    source = (f"127.0.0.1:{site.port} since 2.3c1",)
    assert [taint for _, taint in decided] == [Taint(source, private=True), Taint((), private=True), CLEAN]


async def test_a_rerun_that_keeps_the_tool_step_keeps_the_origin(
    home: ToolHome, site: Site, decided: list[tuple[str, Taint]]
) -> None:
    await home.turn("dirty", [call("web_fetch", url=f"{site.url}/page"), READ], yes=True)
    original = (await home.timeline()).turns[0]
    async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        fork = await space.timelines.fork("last", 0)
        conversation = await space.timelines.open(fork)
        await conversation.rerun(original, "format")
        await conversation.close()
    decided.clear()
    await home.turn("then", [WRITE], timeline=fork)
    (kept,) = [one for one in decided if one[0] == "write_file"]
    assert (len(kept[1].sources), kept[1].private) == (1, True)
    assert kept[1].sources[0].startswith(f"127.0.0.1:{site.port} since 1.3c")


async def test_a_refusal_of_ralph_taints_nothing(home: ToolHome, decided: list[tuple[str, Taint]]) -> None:
    await home.turn("one", [call("web_fetch", url="http://127.0.0.1:1/")], [WRITE], yes=True)
    assert decided[-1] == ("write_file", CLEAN)
