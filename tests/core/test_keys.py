"""A key as it is pasted: what stands around it goes, what no key can hold is named, and the key never is."""

from __future__ import annotations

import pytest

from ralph.core.keys import bare_key, impossible_in

KEY = "sk-abcDEF_1.23+/="


@pytest.mark.parametrize(
    "text",
    [
        KEY, f"{KEY}\n", f"{KEY}\r\n", f" \t{KEY} ", f"\ufeff{KEY}", f"\u200b{KEY}\u200d", f"\u2060{KEY}\u00a0",
        f'"{KEY}"', f"'{KEY}'", f"`{KEY}`", f"“{KEY}”", f' "{KEY}"\n', f'"{KEY}', f"export ANTHROPIC_API_KEY={KEY}",
        f'export OPENAI_API_KEY="{KEY}"\n', f"GROQ_API_KEY = {KEY}", f"HF_TOKEN='{KEY}';", f"Bearer {KEY}",
        f"bearer  {KEY}", f"Authorization: Bearer {KEY}", f"x-api-key: {KEY}", f"set MY_KEY={KEY}",
        f'$env:OPENAI_API_KEY = "{KEY}"', f"{KEY}\\n", f"\x00{KEY}\x1b",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_stands_around_a_key(text: str) -> None:
    assert bare_key(text) == KEY
    assert impossible_in(bare_key(text)) == ""


@pytest.mark.parametrize("text", ["", "  ", "\n", "\ufeff", '""', "Bearer ", "export OPENAI_API_KEY=", "“”"], ids=ascii)
def test_a_key_that_is_none(text: str) -> None:
    assert bare_key(text) == ""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("sk-abc def", "white space"), ("sk-abc\ndef", "a line break"), ("sk-abc\u200bdef", "the character U+200B"),
        ("sk-äbc", "the character U+00E4"), ("sk-\udcffabc", "the character U+DCFF"),
        ("sk-\x00a", "the character U+0000"),
        ("bearer-abc", ""), ("tokens=abc", ""), ("a", ""),
    ],
    ids=ascii,
)  # fmt: skip
def test_what_no_key_can_hold(text: str, what: str) -> None:
    assert impossible_in(bare_key(text)) == what
