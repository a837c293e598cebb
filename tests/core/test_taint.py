"""Outside content in the window, as a fold: where it comes from, and when it is gone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.llm.consent import Taint
from ralph.core.llm.tool_output import FileRecord
from ralph.core.log import events as ev
from ralph.core.timeline.calls import Call
from ralph.core.timeline.taint import find_taint, outside_sources
from ralph.core.timeline.turns import Block, Turn

EFFECTS = ("none", "read", "network", "write", "run", "unknown")
ORIGINS = (None, "user", "project", "ralph", "outside")


def call(number: int, name: str = "web_fetch", effect: str = "network", **more: Any) -> Call:
    given = {"decision": "allowed", "status": "ok", "arguments": {}, **more}
    return Call(f"{number}.3c1", None, name, effect=effect, **given)  # type: ignore[arg-type]


def turn(number: int, *calls: Call, context: str = "", attached: tuple[str, ...] = ()) -> Turn:
    files = tuple(ev.Attachment(name, "text/plain", "0" * 64, 1) for name in attached)
    started = ev.TurnStarted("q", context=context, attachments=files)
    return Turn(number, "t", "", started, blocks=(Block(f"{number}.3", "tool", calls=calls),))


CALLS = st.builds(
    call,
    st.integers(1, 9),
    st.sampled_from(["web_fetch", "git__log", "files", "shell", "calculate"]),
    st.sampled_from(EFFECTS),
    origin=st.sampled_from(ORIGINS),
    status=st.sampled_from([None, "ok", "error", "denied", "timeout", "cancelled"]),
    decision=st.sampled_from(["allowed", "denied", None]),
    arguments=st.sampled_from([{}, {"url": "https://example.com/a"}, {"url": "x y"}, {"url": 3}]),
    files=st.sampled_from([(), (FileRecord("a.md", "1", "1"),), (FileRecord("/etc/hosts", "1", "1"),)]),
)
TURNS = st.lists(
    st.builds(lambda n, calls: turn(n, *calls), st.integers(1, 9), st.lists(CALLS, max_size=4)), max_size=6
)


@given(TURNS, st.data())
def test_the_fold_over_any_timeline(turns: list[Turn], data: st.DataObject) -> None:
    whole = find_taint(turns)
    calls = [one for each in turns for block in each.blocks for one in block.calls]
    ran = [c for c in calls if c.status not in (None, "denied") and c.decision != "denied"]
    outside = [c for c in ran if c.origin == "outside" or any(f.path.startswith("/") for f in c.files)]
    # Never too little: whatever outside content came in is named, and everything that is named came in.
    assert bool(whole.sources) >= bool(outside)
    assert {source.rpartition(" since ")[2] for source in whole.sources} <= {c.id for c in ran}
    assert len({source.rpartition(" since ")[0] for source in whole.sources}) == len(whole.sources)
    assert whole.private >= any(c.effect == "read" for c in ran)
    # A rewind or a smaller window never taints: fewer turns never have more sources.
    names = {source.rpartition(" since ")[0] for source in whole.sources}
    kept = data.draw(st.lists(st.sampled_from(turns), unique_by=id)) if turns else []
    part = find_taint([each for each in turns if any(each is one for one in kept)])
    assert {source.rpartition(" since ")[0] for source in part.sources} <= names
    assert part.private <= whole.private
    # The order of the window is all that counts: a copy of the turns (a fork, a re-run) is tainted alike.
    assert find_taint(list(turns)) == whole
    assert find_taint([]) == Taint()
    for effect in ("write", "run", "unknown"):
        assert whole.stops(effect) is bool(whole.sources)  # type: ignore[arg-type]
    assert whole.stops("network") is (bool(whole.sources) and whole.private)
    assert not whole.stops("read")
    assert not whole.stops("none")


@pytest.mark.parametrize(
    ("one", "sources"),
    [
        (call(1, arguments={"url": "https://example.com/a"}, origin="outside"), ("example.com since 1.3c1",)),
        (call(1, arguments={"url": "http://Example.COM:8080/"}, origin="outside"), ("example.com:8080 since 1.3c1",)),
        (call(1, arguments={"url": "example.com/x"}, origin="outside"), ("example.com since 1.3c1",)),
        (call(2, "git__log", "unknown", origin="outside"), ("git since 2.3c1",)),
        (call(2, "git__log", "unknown", origin="project"), ()),
        (call(2, "shell", "run", origin="outside"), ("shell since 2.3c1",)),
        (call(2, "shell", "run", origin="project"), ()),
        (call(3, "files", "read", files=(FileRecord("/tmp/x", "1", "1"),)), ("/tmp/x since 3.3c1",)),
        (call(3, "files", "read", files=(FileRecord("C:\\x", "1", "1"),)), ("C:\\x since 3.3c1",)),
        (call(3, "files", "read", origin="project", files=(FileRecord("x", "1", "1"),)), ()),
        (call(1, origin=None), ("web_fetch since 1.3c1",)),  # an event of an older version
        (call(1, origin=None, status="denied"), ()),
        (call(1, origin="outside", status=None), ()),  # still running
        (call(1, origin="ralph", status="error"), ()),
        (call(1, arguments={"url": "https://a.example/"}, edited={"url": "https://b.example/"}, origin="outside"),
         ("b.example since 1.3c1",)),
    ],
)  # fmt: skip
def test_what_a_source_is_called(one: Call, sources: tuple[str, ...]) -> None:
    assert find_taint([turn(1, one)]).sources == sources
    assert tuple(outside_sources(one)) == tuple(source.partition(" since ")[0] for source in sources)


def test_files_that_the_person_sent_count_if_they_lie_outside() -> None:
    assert find_taint([turn(1, context="notes.md (3 lines):\n```\nx\n```")]) == Taint((), private=True)
    sent = "`~/a_b.md` (3 lines):\n```\nx\n```\n\n/etc/hosts (1 line):\n```\ny\n```\n\n../up (2 entries):\n```\n```"
    assert find_taint([turn(2, context=sent)]).sources == (
        "~/a_b.md since turn 2", "/etc/hosts since turn 2", "../up since turn 2",
    )  # fmt: skip
    attached = find_taint([turn(3, attached=("https://example.com/a.pdf", "a.png"))])
    assert attached == Taint(("https://example.com/a.pdf since turn 3",), private=True)
