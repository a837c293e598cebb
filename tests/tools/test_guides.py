"""ralph's own guides: every topic that the rules know is found in them."""

from __future__ import annotations

import pytest

from ralph.core.llm.tool import ToolFailure
from ralph.rules.topics import TOPICS
from ralph.tools import guides
from tests.tools.conftest import Run


@pytest.mark.parametrize("topic", sorted({t.query for t in TOPICS} - {"budget"}))
async def test_every_topic_is_in_the_guides(topic: str, run: Run) -> None:
    told = await run("guides", query=topic)
    assert told.startswith("**")
    assert len(told) > 80


async def test_a_model_may_ask_for_more_sections(run: Run) -> None:
    assert (await run("guides", query="cost of tokens", sections=3)).count("**Tokens and cost") >= 2


async def test_what_the_guides_do_not_say_is_said(run: Run) -> None:
    with pytest.raises(ToolFailure, match="say nothing about"):
        await run("guides", query="zebra crossing")
    with pytest.raises(ToolFailure, match="some words"):
        await run("guides", query=" ")


def test_headings_in_code_are_no_headings(tmp_path: object) -> None:
    path = tmp_path / "guide.md"  # type: ignore[operator]
    path.write_text("# Guide\n\n## One\n\n```sh\n# no heading\n```\n", encoding="utf-8")
    assert [(s.guide, s.heading) for s in guides.sections((path,))][1:] == [("Guide", "Guide"), ("Guide", "One")]
