"""The file of what was sent: it survives processes, broken lines and its own length."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from ralph.tui.prompt import history
from ralph.tui.prompt.history import History

AT = "2026-11-20T14:02:11.123456Z"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prompts.jsonl"


def test_what_was_sent_is_there_in_the_next_session_whatever_it_is(file: Path) -> None:
    prompts = ["one", "several\nlines\r\n\tand tabs", "emoji 👩‍👩‍👧 and 日本語", "\u2028 \x00 \ud800 odd", "one"]
    for prompt in prompts:
        History(file).append(prompt, AT, "t1")
    assert History(file).read() == prompts[1:]
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_is_read_where_nothing_is(file: Path) -> None:
    assert History(file).read() == []
    assert History(file.parent).read() == []


def test_nothing_is_written_in_a_session_that_is_not_saved(file: Path) -> None:
    History(file, saved=False).append("secret", AT, "t1")
    assert not file.exists()


def test_broken_lines_hurt_nobody(file: Path) -> None:
    History(file).append("good", AT, "t1")
    with file.open("ab") as out:
        out.write(b"\xff\xfe\n[1]\n{}\n" + b"[" * 100_000 + b'\n{"prompt": 7}\n{"prompt": "cut of')
    History(file).append("better", AT, "t1")
    assert History(file).read() == ["good", "better"]


def test_a_file_that_became_too_long_keeps_its_later_half(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_BYTES", 4_000)
    for n in range(100):
        History(file).append(f"prompt {n}", AT, "t1")
    assert file.stat().st_size <= 4_000
    kept = History(file).read()
    assert kept[-1] == "prompt 99"
    assert kept == [f"prompt {n}" for n in range(100 - len(kept), 100)]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_prompt_of_a_megabyte_is_left_to_its_timeline(file: Path) -> None:
    History(file).append("x" * history.MAX_PROMPT, AT, "t1")
    assert History(file).read() == []


def _send(path: Path, who: str) -> None:
    for n in range(40):
        History(path).append(f"{who} {n} " + "x" * 500, AT, who)


def test_processes_that_write_at_once_lose_nothing(file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_send, args=(file, who)) for who in ("a", "b")]
    for process in both:
        process.start()
    for process in both:
        process.join()
    lines = [json.loads(line)["prompt"] for line in file.read_text().splitlines()]
    for who in ("a", "b"):
        assert [p.split()[1] for p in lines if p.startswith(who)] == [str(n) for n in range(40)]
