"""What `docs/questions.md` names is what ralph has: keys by their defaults, verbs, flags, keys of the configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.binding import Binding

from ralph.cli import verbs
from ralph.rules.guide_names import default_keys
from ralph.rules.guide_pages import questions
from ralph.rules.guide_settings import settings
from ralph.tui import keys

ROOT = Path(__file__).parents[2]
TEXT = "\n".join(section.text for section in questions())
CODE = re.findall(r"`([^`]+)`", TEXT)
BOUND = {
    keys.display(key).lower()
    for binding in (*keys.BINDINGS, *keys.PROMPT)
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}


def test_the_index_has_many_short_sections() -> None:
    assert len(questions()) >= 60
    assert all(len(section.text) < 800 for section in questions() if "| key |" not in section.text)


@pytest.mark.parametrize("key", sorted(default_keys()))
def test_a_key_of_the_table_is_bound_by_default(key: str) -> None:
    assert key in BOUND


def test_each_key_that_an_answer_names_is_bound_by_default() -> None:
    named = set(re.findall(r"\b(?:Ctrl|Alt|Shift)\+\w+|\bF\d+\b", TEXT))
    assert len(named) >= 20
    # Shift+Enter is read by the prompt itself, and a terminal's Ctrl+C is always an interrupt
    assert {name.lower() for name in named} - BOUND == {"shift+enter"}


def test_each_verb_that_an_answer_names_is_there() -> None:
    there = {file.stem for file in Path(verbs.__file__).parent.glob("*.py")}
    named = {found[1] for code in CODE if (found := re.match(r"ralph\s+([a-z]+)\b", code))}
    assert len(named) >= 10
    assert named <= there


def test_each_flag_that_an_answer_names_is_there() -> None:
    known = set(re.findall(r'"(--?[a-z-]+)"', "\n".join(f.read_text() for f in (ROOT / "ralph/cli").rglob("*.py"))))
    known |= {f"--{role}" for role in ("route", "tool", "format")}
    named = {
        flag for code in CODE for flag in re.findall(r"(?<!\S)--[a-z-]+", code) if code.startswith(("ralph", "--"))
    }
    assert len(named) >= 10
    assert named <= known | {"--version", "--help", "--upgrade"}


def test_each_key_of_the_configuration_that_an_answer_names_is_there() -> None:
    groups = {key.partition(".")[0] for key in settings()}
    named = {code for code in CODE if re.fullmatch(r"[a-z]+(?:\.[a-z_]+)+", code) and code.split(".")[0] in groups}
    assert {"retry.deadline_s", "routing.fallback"} <= named
    assert named <= set(settings())
