"""The file of what was sent: it survives processes, broken lines and its own length."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from ralph.store import prompts
from ralph.store.prompts import Prompts

AT = "2026-11-20T14:02:11.123456Z"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prompts.jsonl"


def test_what_was_sent_is_there_in_the_next_session_whatever_it_is(file: Path) -> None:
    sent = ["one", "several\nlines\r\n\tand tabs", "emoji 👩‍👩‍👧 and 日本語", "\u2028 \x00 \ud800 odd", "one"]
    for prompt in sent:
        Prompts(file).append(prompt, AT, "t1")
    assert Prompts(file).read() == sent[1:]
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_is_read_where_nothing_is(file: Path) -> None:
    assert Prompts(file).read() == []
    assert Prompts(file.parent).read() == []


def test_what_was_sent_to_a_deleted_timeline_is_forgotten(file: Path) -> None:
    for timeline in ("t1", "t2", "t1", "t3"):
        Prompts(file).append(f"to {timeline}", AT, timeline)
    with file.open("ab") as out:
        out.write(b"broken\n")
    Prompts(file).forget({"t1", "t3"})
    assert Prompts(file).read() == ["to t2"]
    assert file.stat().st_mode & 0o777 == 0o600
    Prompts(file.with_name("none")).forget({"t1"})


def test_broken_lines_hurt_nobody(file: Path) -> None:
    Prompts(file).append("good", AT, "t1")
    with file.open("ab") as out:
        out.write(b"\xff\xfe\n[1]\n{}\n" + b"[" * 100_000 + b'\n{"prompt": 7}\n{"prompt": "cut of')
    Prompts(file).append("better", AT, "t1")
    assert Prompts(file).read() == ["good", "better"]


def test_a_file_that_became_too_long_keeps_its_later_half(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "MAX_BYTES", 4_000)
    for n in range(100):
        Prompts(file).append(f"prompt {n}", AT, "t1")
    assert file.stat().st_size <= 4_000
    kept = Prompts(file).read()
    assert kept[-1] == "prompt 99"
    assert kept == [f"prompt {n}" for n in range(100 - len(kept), 100)]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_prompt_of_a_megabyte_is_left_to_its_timeline(file: Path) -> None:
    Prompts(file).append("x" * prompts.MAX_PROMPT, AT, "t1")
    assert Prompts(file).read() == []


def _send(path: Path, who: str) -> None:
    for n in range(40):
        Prompts(path).append(f"{who} {n} " + "x" * 500, AT, who)


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
