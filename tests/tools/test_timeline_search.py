"""Searching in saved timelines."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.core.errors import StoreFailure
from ralph.core.llm.tool import SearchHit, Surroundings, ToolCall, ToolFailure
from ralph.tools.timeline_search import TOOL
from tests.frozen import FrozenClock


class Saved:
    def __init__(self, *hits: SearchHit, fails: bool = False) -> None:
        self.hits = hits
        self.fails = fails

    async def search(self, text: str, limit: int = 20) -> tuple[SearchHit, ...]:
        if self.fails:
            raise StoreFailure("the disk is full")
        return self.hits[:limit]


def _call(saved: Saved | None) -> ToolCall:
    return ToolCall(Surroundings(Path(), FrozenClock(), saved, "here"))


async def test_hits_are_told_but_not_those_of_this_timeline() -> None:
    hits = [SearchHit(t, "Oil", 2, "2026-10-01T08:00:00Z", "format", f"in\n`{t}`") for t in ("here", "there")]
    told = await TOOL.run({"query": "oil"}, _call(Saved(*hits)))
    assert "1 saved timeline:" in told
    assert "- there · Oil · turn 2 (format), 2026-10-01: in 'there'" in told
    assert "- here" not in told


async def test_nothing_found_is_said() -> None:
    assert await TOOL.run({"query": "oil"}, _call(Saved())) == 'No other saved timeline holds "oil".'


@pytest.mark.parametrize(
    ("saved", "arguments", "said"),
    [
        (None, {"query": "oil"}, "nothing is stored"),
        (Saved(fails=True), {"query": "oil"}, "disk is full"),
        (Saved(), {"query": " "}, "empty"),
        (Saved(), {}, "needs the argument"),
        (Saved(), {"query": "oil", "limit": 99}, "from 1 to 50"),
    ],
)
async def test_failures_are_said(saved: Saved | None, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ToolFailure, match=said):
        await TOOL.run(arguments, _call(saved))
