"""Searching in files and for files, also with expressions that would run for ever."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ralph.core.llm.tool import ToolFailure
from tests.tools.conftest import Run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"text": "lamp", "path": "notes.txt"}, "notes.txt:1: one lamp"),
        ({"text": "LAMP", "path": "notes.txt", "report": "count"}, '2 lines in notes.txt hold "LAMP", 3 times in all.'),
        ({"text": "LAMP", "ignore_case": False}, "not found"),
        ({"text": "lamp", "report": "files"}, "- notes.txt"),
        ({"text": r"^[xy] = \d", "regex": True}, "src/b.py:1: y = 2"),
        ({"text": "=", "pattern": "*.txt"}, "not found"),
        ({"name": "*.py"}, "- src/a.py"),
        ({"name": "NOTES.txt"}, "- notes.txt"),
        ({"name": "secret"}, "No file or folder"),
    ],
)
async def test_answers(arguments: dict[str, object], said: str, run: Run) -> None:
    assert said in await run("search_files", **arguments)


async def test_what_is_closed_is_not_searched(run: Run) -> None:
    for found in (await run("search_files", text="hunter2"), await run("search_files", name="env")):
        assert "not found" in found or "No file" in found
    assert "env" not in await run("search_files", text="lamp", report="files")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "either text"),
        ({"text": "a", "name": "b"}, "either text"),
        ({"text": " "}, "empty"),
        ({"name": ""}, "empty"),
        ({"text": "(", "regex": True}, "not a valid regular expression"),
        ({"text": "(a+)+b", "regex": True}, "group that repeats"),
        ({"text": "(?:a|a)*b", "regex": True}, "group that repeats"),
        ({"text": r"(a)\1", "regex": True}, "back-references"),
        ({"text": "(?=a)b", "regex": True}, "look-arounds"),
        ({"text": "a*a*a*b", "regex": True}, "repeats"),
        ({"text": "a" * 300, "regex": True}, "characters at most"),
        ({"text": 5.5, "regex": "perhaps"}, "true or false"),
        ({"text": ["lamp"]}, "must be a text"),
        ({"text": "a\0b"}, "must be a text"),
    ],
)
async def test_wrong_arguments_are_said(arguments: dict[str, object], said: str, run: Run) -> None:
    with pytest.raises(ToolFailure, match=said):
        await run("search_files", **arguments)


@pytest.mark.parametrize("pattern", ["a*a*b", "[a]+a{2,}b", "a.*a.*"])
async def test_the_worst_that_is_allowed_ends_soon(pattern: str, root: Path, run: Run) -> None:
    (root / "aaa.txt").write_text("a" * 100_000 + "\n", encoding="utf-8")
    began = time.process_time()
    await run("search_files", text=pattern, regex=True, path="aaa.txt")
    assert time.process_time() - began < 5
