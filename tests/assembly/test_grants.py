"""Answers that cover later calls: in the turn, in the timeline, always; kept by one writer at a time."""

from __future__ import annotations

from multiprocessing import Process
from pathlib import Path

import pytest

from ralph.assembly.grant_book import GrantBook
from ralph.assembly.tool_sources import ToolSources
from ralph.assembly.toolbox import Toolbox
from ralph.config.kept_grants import add_grant, read_grants
from ralph.config.settings import ToolSettings
from ralph.core.errors import Failure
from ralph.core.llm.consent import CallFacts, Taint
from ralph.core.ports.grants import GrantRow
from ralph.core.ports.tool_source import SourceEnvironment
from tests.frozen import FrozenClock

WRITE = CallFacts("write_file", {}, "write", "src/a.py")
RULE = "write_file(src/**)"


def toolbox(path: Path, *, save: bool = True, **settings: object) -> Toolbox:
    clock = FrozenClock()
    sources = ToolSources(SourceEnvironment(path, clock))
    book = GrantBook(path / "grants.yaml", clock, save=save)
    return Toolbox(ToolSettings(**settings), sources, root=path, book=book, clock=clock)  # type: ignore[arg-type]


def test_a_grant_reaches_as_far_as_its_scope(tmp_path: Path) -> None:
    box = toolbox(tmp_path)
    decide, grants = box.for_turn("one")
    assert (decide(WRITE).verdict, decide(WRITE).always) == ("ask", RULE)
    grants.keep(RULE, "turn")
    assert (decide(WRITE).verdict, decide(WRITE).scope) == ("allowed", "turn")
    later, grants = box.for_turn("one")
    assert later(WRITE).verdict == "ask"
    grants.keep(RULE, "timeline")
    assert later(WRITE).scope == box.for_turn("one")[0](WRITE).scope == "timeline"
    other, grants = box.for_turn("two")
    assert other(WRITE).verdict == "ask"
    grants.keep(RULE, "always")
    assert other(WRITE).by == f"your answer always: {RULE}"
    again = toolbox(tmp_path)
    assert again.for_turn("three")[0](WRITE).scope == "always"
    assert [(g.rule, g.scope, g.timeline) for g in again.grants()] == [
        (RULE, "timeline", "one"), (RULE, "always", None)
    ]  # fmt: skip
    again.revoke(RULE)
    assert other(WRITE).verdict == later(WRITE).verdict == "ask"  # another window has revoked it
    assert decide(WRITE).scope == "turn"


def test_a_grant_holds_neither_against_a_denial_nor_with_outside_content(tmp_path: Path) -> None:
    box = toolbox(tmp_path, deny=("write_file(src/secret)",))
    decide, grants = box.for_turn("one")
    grants.keep("write_file", "always")
    assert decide(WRITE).verdict == "allowed"
    assert decide(CallFacts("write_file", {}, "write", "src/secret")).verdict == "denied"
    tainted = CallFacts("write_file", {}, "write", "src/a.py", Taint(("a.org since 1.3c1",)))
    assert decide(tainted).verdict == "ask"


@pytest.mark.parametrize("broken", [True, False])
def test_what_cannot_be_kept_ends_with_the_run(tmp_path: Path, broken: bool) -> None:
    path = tmp_path / "grants.yaml"
    if broken:
        path.write_text("- 3")
    box = toolbox(tmp_path, save=broken)
    decide, grants = box.for_turn("one")
    grants.keep(RULE, "always")
    assert decide(WRITE).verdict == "allowed"
    assert path.exists() is broken
    if broken:
        assert "cannot be read as grants" in box.notice
        assert path.read_text() == "- 3"
        with pytest.raises(Failure, match="cannot be read as grants"):
            add_grant(path, GrantRow(RULE, "always", ""))
    assert box.revoke(RULE)
    assert decide(WRITE).verdict == "ask"


def _add(path: Path, number: int) -> None:
    for n in range(10):
        add_grant(path, GrantRow(f"t{number}_{n}", "always", ""))


def test_windows_keep_each_others_grants(tmp_path: Path) -> None:
    path = tmp_path / "grants.yaml"
    writers = [Process(target=_add, args=(path, n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    _add(path, 0)
    assert sorted(row.rule for row in read_grants(path).rows) == sorted(
        f"t{n}_{i}" for n in range(3) for i in range(10)
    )
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("grants.yaml.")] == []
