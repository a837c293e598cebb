"""What a slip of the fingers meant, and nothing where it was none."""

from __future__ import annotations

import pytest

from ralph.core.errors import did_you_mean, nearest
from ralph.core.llm.sampling import ALSO, SETTINGS

COMMANDS = ("timelines", "show", "replay", "fork", "rerun", "export", "delete", "usage", "models", "config")
THEMES = ("sacred", "nord", "gruvbox-light", "gruvbox", "dracula")
PROVIDERS = ("anthropic", "openai", "groq", "ollama", "huggingface", "builtin", "scripted", "timeline")


@pytest.mark.parametrize(
    ("word", "known", "first"),
    [
        ("exprot", COMMANDS, "export"), ("timeline", COMMANDS, "timelines"), ("shwo", COMMANDS, "show"),
        ("modle", COMMANDS, "models"), ("conf", COMMANDS, "config"), ("gruv", THEMES, "gruvbox"),
        ("nrod", THEMES, "nord"), ("sacerd", THEMES, "sacred"), ("antropic", PROVIDERS, "anthropic"),
        ("open", PROVIDERS, "openai"), ("temprature", SETTINGS, "temperature"), ("efort", SETTINGS, "effort"),
    ],
)  # fmt: skip
def test_a_slip_is_understood(word: str, known: tuple[str, ...], first: str) -> None:
    assert nearest(word, known)[:1] == [first]


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("foo", [*SETTINGS, *ALSO]), ("nope", THEMES), ("nope", PROVIDERS), ("nope", COMMANDS), ("x", COMMANDS),
        ("", COMMANDS), ("zzz", THEMES), ("hello", PROVIDERS), ("ex", COMMANDS),
    ],
)  # fmt: skip
def test_another_word_is_no_slip(word: str, known: list[str] | tuple[str, ...]) -> None:
    assert nearest(word, known) == []
    assert did_you_mean(word, known) == ""
