"""Markdown as plain words."""

from __future__ import annotations

import pytest

from ralph.core.plain_markdown import plain_markdown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("## Running totals", "Running totals"),
        ("A **generator** with `yield`, *as* in", "A generator with yield, as in"),
        ("[the docs](https://docs.python.org/3/):", "the docs:"),
        ("| name | calls |\n|------|------:|\n| alpha | 12 |", "name · calls\nalpha · 12"),
        ("- one\n  * two\n- [x] three", "• one\n  • two\n• three"),
        ("> quoted", "quoted"),
        ("```python\nx = a ** b  # `c`\n```\nafter", "x = a ** b  # `c`\nafter"),
        ("… of the **whole text … ", "… of the whole text … "),
        ("2 * 3 * 4 and snake_case_name and __init__", "2 * 3 * 4 and snake_case_name and init"),
        ("![picture](a.png \"title\")", "picture"),
        ("`a ** b` stays", "a ** b stays"),
        ("plain", "plain"),
        ("", ""),
    ],
)  # fmt: skip
def test_marks_go_and_words_stay(text: str, words: str) -> None:
    assert plain_markdown(text) == words
