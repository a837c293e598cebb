"""ralph's own guides, as the tool looks things up in them."""

from __future__ import annotations

import pytest

from ralph.core.llm.tool import ToolFailure
from ralph.rules import guide_pages
from ralph.rules.guide_pages import questions
from tests.tools.conftest import Run


@pytest.mark.parametrize("topic", ["exit codes", "connect a provider", "the configuration file", "aliases", "offline"])
async def test_a_topic_is_in_the_guides(topic: str, run: Run) -> None:
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
    found = [(s.guide, s.heading) for s in guide_pages.sections((path,))][1:]
    assert found == [("Guide", "Guide"), ("Guide", "One")]


async def test_an_answer_shows_its_section_its_guide_and_related_commands(run: Run) -> None:
    told = await run("guides", query="How do I quit ralph?")
    assert told.startswith("**How do I quit ralph?**\n\n`/quit` stops what runs")
    assert "Related: `/quit` (stop what is running, and quit)" in told
    assert "Keys are named by their defaults; `/keys` lists yours." in told
    assert told.endswith("From the guide “Questions and answers”.")
    assert "also:" not in told


async def test_a_section_without_slash_commands_leads_to_its_verbs(run: Run) -> None:
    told = await run("guides", query="How do I delete a conversation?")
    assert "Related: `ralph delete --help` · `ralph timelines --help`" in told


@pytest.mark.parametrize("section", questions(), ids=lambda s: s.heading)
async def test_each_heading_finds_its_own_section(section: guide_pages.Section, run: Run) -> None:
    assert (await run("guides", query=section.heading)).startswith(f"**{section.heading}**\n\n{section.text}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/pin", "always send this turn to the model"),
        ("/cost", "tokens, cost and waiting"),
        ("ctrl+o", "fold or unfold the details"),
        ("retry.deadline_s", "(default `120`): one clock over all waits of a turn."),
        ("--yes", "How do I allow a tool?"),
    ],
)
async def test_what_has_a_name_is_looked_up_by_it(name: str, said: str, run: Run) -> None:
    assert said in await run("guides", query=name)
