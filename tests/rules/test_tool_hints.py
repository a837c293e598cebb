"""What the rules offer a model for a URL, for a file, and for an order to change one."""

from __future__ import annotations

from datetime import date

import pytest

from ralph import registry, rules

TOOLS = registry.builtin_names("tools")


@pytest.mark.parametrize(
    ("prompt", "tools"),
    [
        ("summarise https://example.com/a.html", ("web_fetch",)),
        ("what does www.python.org say about 3.15?", ("web_fetch",)),
        ("compare notes.md with https://a.example/b", ("web_fetch", "files")),
        ("fix the typo in notes.md", ("files", "edit_file", "write_file")),
        ("write a haiku to poem.txt", ("files", "edit_file", "write_file")),
        ("explain `notes.md` to me", ("files",)),
        ("what is https?", ()),
        ("write a poem about the sea", ()),
    ],
)
def test_the_tools_that_a_model_will_want(prompt: str, tools: tuple[str, ...]) -> None:
    decided = rules.decide(prompt, TOOLS, date(2026, 11, 20))
    assert (decided.tools, decided.rounds) == (tools, 3 if tools else decided.rounds)


def test_a_tool_that_is_not_offered_is_no_hint() -> None:
    offered = [name for name in TOOLS if name not in ("web_fetch", "edit_file")]
    assert rules.decide("summarise https://example.com", offered, date(2026, 11, 20)).tools == ()
    assert rules.decide("fix notes.md", offered, date(2026, 11, 20)).tools == ("files", "write_file")
