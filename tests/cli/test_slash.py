"""`ralph -p "/command …"`: the slash commands without a screen, by the process."""

from __future__ import annotations

import contextlib
import json
import shlex
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import command, environment, ralph
from tests.schema.test_schemas import check

SUM = "what is 17% of 2340?"
SCRIPT = """
- role: format
  match: endless
  piece_ms: 100
  piece_characters: 4
  text: "one @"
- role: format
  match: review
  text: "I have read it."
- role: format
  match: ""
  text: "It is what it is."
  usage: {input: 120, output: 7}
""".replace("@", "two " * 1000)
MODEL = "scripted:s.yaml"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SCRIPT)
    return tmp_path


@pytest.fixture
def asked(home: Path) -> Path:
    """A timeline with two turns."""
    assert ralph(home, "-p", SUM).returncode == 0
    assert ralph(home, "-c", "-p", "tell me", "-m", MODEL, "--route", "rules").returncode == 0
    return home


def slash(home: Path, line: str, *more: str, **named: Any) -> dict[str, Any]:
    """The object of `--output json`, with the exit code."""
    done = ralph(home, *more, "-p", line, "--output", "json", **named)
    made: dict[str, Any] = json.loads(done.stdout)
    check("command", made)
    assert made["command"] == line
    assert (made["error"] is None) == (done.returncode == 0)
    if made["error"]:
        assert f"ralph: {made['error']['message']}" in done.stderr
    return {**made, "code": done.returncode}


def test_lists_are_told_in_words_and_as_the_verbs_data(asked: Path) -> None:
    done = ralph(asked, "-p", "/usage")
    assert (done.returncode, done.stderr) == (0, "")
    assert "| total | 1 | 120 | 7 |" in done.stdout
    made = slash(asked, "/usage")
    check("usage", made["data"])
    assert made["text"] + "\n" == done.stdout
    made = slash(asked, "/timelines")
    check("timelines", made["data"])
    assert f"`{made['data'][0]['id']}`" in made["text"]
    assert (slash(asked, "/search nowhere")["data"], slash(asked, "/search miles")["code"]) == ([], 0)
    check("providers", slash(asked, "/provider")["data"])
    check("doctor", slash(asked, "/doctor")["data"])
    assert {row["name"] for row in slash(asked, "/tools")["data"]} >= {"calculate", "files"}
    assert [row["name"] for row in slash(asked, "/budget")["data"]] == ["turn", "timeline", "day", "month"]
    assert "usage" in [row["name"] for row in slash(asked, "/help")["data"]]
    assert "/usage" in slash(asked, "/help usage")["text"]


def test_a_command_works_on_the_timeline_that_is_named(asked: Path) -> None:
    assert [turn["number"] for turn in slash(asked, "/context", "-c")["data"]["turns"]] == [1, 2]
    assert slash(asked, "/context")["data"]["turns"] == []
    here = json.loads(ralph(asked, "timelines", "--json").stdout)[0]["id"]
    made = slash(asked, "/rename Sums of money", "-r", here[:6])
    assert made["data"] == {"timeline": here, "title": "Sums of money"}
    assert "Sums of money" in made["text"]
    assert json.loads(ralph(asked, "timelines", "--json").stdout)[0]["title"] == "Sums of money"
    made = slash(asked, "/fork 1", "-c")
    assert made["data"] == {"timeline": made["data"]["timeline"], "forked_from": here, "turns": 1}
    made = slash(asked, "/tree", "-c")
    assert (made["code"], [row["id"] for row in made["data"]]) == (0, [here, json_last(asked)])
    assert "1. " in made["text"]
    assert slash(asked, "/rename x", "-r", "nosuch")["code"] == 10


def json_last(home: Path) -> str:
    name: str = json.loads(ralph(home, "timelines", "--json").stdout)[0]["id"]
    return name


def test_a_model_that_is_chosen_answers_the_next_question(asked: Path) -> None:
    made = slash(asked, "/model builtin:rules", "-c")
    assert made["data"]["roles"]["format"] == "builtin:rules"
    assert "`builtin:rules`" in made["text"]
    (asked / "other.yaml").write_text('- {role: format, text: "By another."}\n')
    assert slash(asked, "/model scripted:other.yaml", "-c")["code"] == 0
    assert ralph(asked, "-c", "-p", "and now, please?", "--route", "rules").stdout == "By another.\n"


def test_retry_streams_its_turn_as_a_question_does(asked: Path) -> None:
    done = ralph(asked, "-c", "-p", "/retry", "-m", MODEL)
    assert (done.returncode, done.stdout) == (0, "It is what it is.\n")
    said, spent = done.stderr.splitlines()
    assert said.startswith("ralph: Re-running turn 2, from route. ")
    assert spent.startswith("─ ")
    made = slash(asked, f"/retry 1 format {MODEL}", "-c")
    check("turn", made["data"])
    assert (made["text"], made["data"]["turn"], made["data"]["steps"][0]["attempts"]) == ("It is what it is.", 1, [])
    lines = ralph(asked, "-c", "-p", f"/retry {MODEL}", "--output", "jsonl").stdout.splitlines()
    for line in lines:
        check("envelope", json.loads(line))
    assert json.loads(lines[-1])["type"] == "turn.finished"


def test_a_pipe_goes_with_what_a_command_sends_and_others_do_not_wait_for_it(home: Path) -> None:
    made = slash(home, f"/once {MODEL} review this", stdin="some text\n")
    assert made["text"] == "I have read it."
    shown = json.loads(ralph(home, "show", "last", "--json").stdout)
    assert shown["turns"][0]["context"] == "some text"
    with subprocess.Popen(
        command("-p", "/usage"), cwd=home, env=environment(home), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert "requests" in running.stdout.read()  # standard input is still open


def test_a_failed_turn_keeps_its_exit_code(asked: Path) -> None:
    made = slash(asked, "/retry scripted:nosuch.yaml", "-c")
    plain = ralph(asked, "-p", "hello", "-m", "scripted:nosuch.yaml")
    assert made["code"] == plain.returncode != 0
    assert made["data"]["status"] == "failed"
    made = slash(asked, "/compare scripted:nosuch.yaml", "-c")
    assert made["code"] == plain.returncode
    made = slash(asked, f"/compare scripted:nosuch.yaml {MODEL}", "-c")
    assert [one["status"] for one in made["data"]] == ["failed", "ok"]
    assert "It is what it is." in made["text"]
    lines = ralph(asked, "-c", "-p", f"/compare scripted:nosuch.yaml {MODEL}", "--output", "jsonl").stdout.splitlines()
    assert [e["type"] for e in map(json.loads, lines)].count("turn.finished") == 2
    assert slash(asked, "/retry 9", "-c")["code"] == 10
    assert slash(asked, "/usage by tea")["code"] == 2


def test_a_comparison_is_kept_and_one_of_its_answers_is_taken(asked: Path) -> None:
    here = json.loads(ralph(asked, "timelines", "--json").stdout)[0]["id"]
    assert slash(asked, "/compare take 1", "-r", here)["code"] == 10
    made = slash(asked, f"/compare scripted:nosuch.yaml {MODEL}", "-r", here)
    for verb in (("show", here), ("replay", here, "--plain", "--speed", "max")):
        told = ralph(asked, *verb).stdout
        assert "| scripted:nosuch.yaml | failed |" in told
        assert f"**{MODEL}**\n\n> It is what it is." in told
    fork = made["data"][1]["timeline"]
    assert f"`{here}`" in slash(asked, "/compare take 2", "-r", here)["text"]
    assert ralph(asked, "-r", fork, "-p", "tell me", "--route", "rules").stdout.strip() == "It is what it is."


@pytest.mark.parametrize("line", ["/editor", "/copy", "/theme nord", "/new", "/attach s.yaml"])
def test_what_needs_a_screen_says_so(asked: Path, line: str) -> None:
    made = slash(asked, line, "-c")
    assert (made["code"], made["error"]["kind"]) == (2, "usage")
    assert "needs a screen" in made["error"]["message"]


def test_a_choice_is_told_and_not_made(asked: Path) -> None:
    made = slash(asked, "/model", "-c")
    assert made["code"] == 2
    assert "1. builtin:rules" in made["text"]
    choice = made["data"]["choices"][0]
    assert choice["value"] == "builtin:rules"
    assert choice["label"] in made["text"]
    assert "nothing was changed" in made["error"]["message"]


def test_an_unknown_one_is_never_sent(home: Path) -> None:
    made = slash(home, "/usag", "-m", MODEL)
    assert made["code"] == 2
    assert "did you mean /usage? To send this text to a model, write ralph -p -- …" in made["error"]["message"]
    assert ralph(home, "timelines").stdout == "no saved timeline yet\n"
    done = ralph(home, "-m", MODEL, "--route", "rules", "-p", "--", "/ review")
    assert (done.returncode, done.stdout) == (0, "I have read it.\n")
    assert json.loads(ralph(home, "show", "last", "--json").stdout)["turns"][0]["prompt"] == "/ review"
    assert ralph(home, "-m", MODEL, "--route", "rules", stdin="/ review").stdout == "I have read it.\n"


def test_replay_is_played_plainly(asked: Path) -> None:
    done = ralph(asked, "-c", "-p", "/replay")
    assert done.returncode == 0
    assert "17% of 2340 is 397.8." in done.stdout
    assert "❯ tell me" in done.stdout
    assert done.stdout.strip() == slash(asked, "/replay", "-c")["text"].strip()
    lines = ralph(asked, "-c", "-p", "/replay", "--output", "jsonl").stdout
    assert lines == ralph(asked, "export", "last", "--to", "jsonl").stdout


@pytest.mark.parametrize("line", ["/replay", "/help"])
def test_a_reader_that_leaves_is_no_noise(asked: Path, line: str) -> None:
    shell = f"{shlex.join(command('-c', '-p', line))} | head -c 1"
    done = subprocess.run(
        ["bash", "-c", shell], cwd=asked, env=environment(asked), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    assert (len(done.stdout), done.stderr) == (1, "")


def test_export_writes_a_file(asked: Path) -> None:
    made = slash(asked, "/export", "-c")
    name = json_last(asked)
    assert made["data"]["path"] == f"{name}.md"
    assert (asked / f"{name}.md").read_text() == ralph(asked, "export", "last", "--to", "md").stdout
    assert slash(asked, "/export", "-c")["code"] == 2
    assert slash(asked, "/export --force", "-c")["code"] == 0
    assert slash(asked, "/export notes.jsonl", "-c")["data"]["format"] == "jsonl"
    assert slash(asked, "/export json some notes.txt", "-c")["data"]["path"] == "some notes.txt"
    assert "did you mean jsonl?" in slash(asked, "/export jsnl", "-c")["error"]["message"]
    assert slash(asked, "/export")["code"] == 10


def test_what_is_not_kept_is_said(asked: Path) -> None:
    for line, more, kept in (
        ("/rename x", (), False), ("/set temperature 0.5", ("-c",), False), ("/rename x", ("-c",), True),
        ("/model builtin:rules", (), False), ("/usage", (), True),
    ):  # fmt: skip
        done = ralph(asked, *more, "-p", line)
        assert done.returncode == 0
        assert ("not kept" in done.stderr) is not kept, line


@pytest.mark.parametrize(("line", "requests"), [("/retry", 1), (f"/compare {MODEL} scripted:other.yaml", 2)])
def test_a_signal_stops_what_a_command_runs(home: Path, line: str, requests: int) -> None:
    ralph(home, "-p", "tell me", "-m", MODEL, "--route", "rules")
    for name in ("s.yaml", "other.yaml"):
        (home / name).write_text(
            f"- {{role: format, piece_ms: 100, piece_characters: 4, text: '{'one two ' * 2000}'}}\n"
        )
    flags = ("-m", MODEL, "--route", "rules", "--output", "json")
    with subprocess.Popen(
        command("-c", "-p", line, *flags), cwd=home, env=environment(home), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        until_streamed(home, requests)
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=60)
    made = json.loads(out)
    assert (running.returncode, made["error"]["kind"]) == (143, "cancelled")
    assert "ralph: stopped by a signal; what had arrived was kept" in err
    for turn in [made["data"]] if requests == 1 else made["data"]:
        assert turn["status"] == "cancelled"
        assert turn["text"].startswith("one")


def until_streamed(home: Path, requests: int) -> None:
    """Until something of so many running answers is in the database."""
    running = "SELECT timeline FROM attempts WHERE outcome IS NULL"
    sql = f"SELECT count(DISTINCT timeline) FROM events WHERE type = 'block.delta' AND timeline IN ({running})"
    end = time.monotonic() + 60
    with contextlib.closing(sqlite3.connect(next(home.rglob("ralph.db")))) as db:
        while db.execute(sql).fetchone()[0] < requests:
            assert time.monotonic() < end, "nothing streamed"
            time.sleep(0.02)


def test_a_signal_before_there_is_a_turn_is_told_in_json(asked: Path) -> None:
    running = subprocess.Popen(
        command("-c", "-p", "/once scripted:s.yaml endless", "--output", "json"), cwd=asked, env=environment(asked),
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stderr is not None
    assert "waiting for standard input" in running.stderr.readline()
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=30)
    assert running.returncode == 143
    assert json.loads(out)["error"]["kind"] == "cancelled"


def test_a_plugins_command_runs_too(home: Path) -> None:
    site = home / "site"
    (site / "ralph_hello-1.0.dist-info").mkdir(parents=True)
    (site / "ralph_hello.py").write_text(
        "class Hello:\n"
        "    name, aliases, summary, usage = 'hello', ('hi',), 'greet', ''\n"
        "    async def run(self, argument, face):\n"
        "        face.say(f'Hello {argument}.')\n"
        "        face.result({'you': argument} if argument else object())\n"
        "COMMAND = Hello()\n"
    )
    (site / "ralph_hello-1.0.dist-info" / "METADATA").write_text("Name: ralph-hello\nVersion: 1.0\n")
    (site / "ralph_hello-1.0.dist-info" / "entry_points.txt").write_text(
        "[ralph.commands]\nhello = ralph_hello:COMMAND\n"
    )
    env = {"PYTHONPATH": f"{site}:{environment(home)['PYTHONPATH']}"}
    assert ralph(home, "-p", "/hi you", env=env).stdout == "Hello you.\n"
    assert slash(home, "/hi you", env=env)["data"] == {"you": "you"}
    made = slash(home, "/hi", env=env)
    assert (made["code"], made["text"], made["error"]["kind"]) == (1, "Hello .", "internal")
    assert "/hello hit a bug: TypeError" in made["error"]["message"]


def test_rewind_without_a_number_lists_the_turns_and_changes_nothing(asked: Path) -> None:
    made = slash(asked, "/rewind", "-c")
    assert made["code"] == 2
    assert [choice["value"] for choice in made["data"]["choices"]] == ["2", "1"]
    assert "nothing was changed" in made["error"]["message"]
    assert len(json.loads(ralph(asked, "timelines", "--json").stdout)) == 1
