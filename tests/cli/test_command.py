"""The command line as a script meets it: pipes, exit codes, what goes to stdout and what to stderr."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

SCRIPT = """
- role: format
  match: slow
  first_token_ms: 50
  piece_ms: 200
  piece_characters: 4
  text: "one two three four five six seven eight nine ten eleven twelve"
- role: format
  match: endless
  piece_ms: 100
  piece_characters: 4
  text: "one @"
- role: format
  match: ""
  text: "It is what it is."
""".replace("@", "two " * 1000)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SCRIPT)
    return tmp_path


FLAGS = ("-m", "scripted:s.yaml", "--route", "rules")


def test_stdout_carries_the_answer_only(home: Path) -> None:
    done = ralph(home, "-p", "tell me", *FLAGS)
    assert (done.returncode, done.stdout) == (0, "It is what it is.\n")
    assert done.stderr.startswith("─ ")
    assert done.stderr.count("\n") == 1


def test_a_pipe_is_context_or_the_question_itself(home: Path) -> None:
    done = ralph(home, "-p", "tell me", *FLAGS, "--output", "jsonl", stdin="some text\n")
    started = next(e for e in map(json.loads, done.stdout.splitlines()) if e["type"] == "turn.started")
    assert (started["data"]["prompt"], started["data"]["context"]) == ("tell me", "some text")
    done = ralph(home, "-p", *FLAGS, stdin="tell me\n")
    assert (done.returncode, done.stdout) == (0, "It is what it is.\n")


@pytest.mark.parametrize("stdin", [None, "", " \n"])
def test_no_question_is_a_mistake_of_use(home: Path, stdin: str | None) -> None:
    done = ralph(home, "-p", *FLAGS, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no question" in done.stderr
    made = json.loads(ralph(home, "-p", *FLAGS, "--output", "json", stdin=stdin).stdout)
    assert (made["error"]["kind"], made["timeline"], len(made["steps"])) == ("usage", None, 3)


@pytest.mark.parametrize(
    "arguments",
    [("--nosuch",), ("-p", "x", "--output", "xml"), ("-p", "x", "--timeout", "-1"), ("-p", "x", "--timeout", "soon"),
     ("show",), ("replay", "last", "--speed", "0"), ("config", "nosuch"),
     ("replay", "last", "--idle-cap", "-1"), ("-p", "x", "-r")],
)  # fmt: skip
def test_a_wrong_flag_is_one_line_and_exit_2(home: Path, arguments: tuple[str, ...]) -> None:
    done = ralph(home, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("ralph: ")


def test_a_word_that_is_no_number_is_told_plainly(home: Path) -> None:
    done = ralph(home, "replay", "last", "--speed", "abc")
    assert done.returncode == 2
    assert "--speed: must be a number, or max, not 'abc'" in done.stderr


def test_without_a_terminal_print_is_implied(home: Path) -> None:
    assert ralph(home, "tell me", *FLAGS).stdout == "It is what it is.\n"
    assert ralph(home, *FLAGS, stdin="tell me").stdout == "It is what it is.\n"


def test_continue_and_resume_go_on_with_a_timeline(home: Path) -> None:
    first = json.loads(ralph(home, "-p", "one", *FLAGS, "--output", "json").stdout)
    second = json.loads(ralph(home, "-c", "-p", "two", *FLAGS, "--output", "json").stdout)
    ralph(home, "-p", "another", *FLAGS)
    third = json.loads(ralph(home, "-r", first["timeline"][:6], "-p", "three", *FLAGS, "--output", "json").stdout)
    assert [second["timeline"], third["timeline"]] == [first["timeline"]] * 2
    assert [first["turn"], second["turn"], third["turn"]] == [1, 2, 3]
    shown = json.loads(ralph(home, "show", first["timeline"], "--json").stdout)
    assert [t["prompt"] for t in shown["turns"]] == ["one", "two", "three"]
    assert {k: v for k, v in shown["turns"][0].items() if k in first} == first


def test_what_is_not_there_is_exit_10(home: Path) -> None:
    for arguments in (("show", "nope"), ("-c", "-p", "x", *FLAGS), ("-r", "nope", "-p", "x", *FLAGS), ("delete", "x")):
        done = ralph(home, *arguments)
        assert (done.returncode, done.stdout) == (10, ""), arguments
        assert done.stderr.count("\n") == 1
    done = ralph(home, "-r", "nope", "-p", "x", *FLAGS, "--output", "json")
    assert done.returncode == 10
    assert json.loads(done.stdout)["error"]["kind"] == "not_found"


def test_a_bad_config_is_exit_3_with_its_line(home: Path) -> None:
    (home / "bad.yaml").write_text("routing:\n  rout: auto\n")
    done = ralph(home, "-p", "x", "--config", "bad.yaml", "--output", "json")
    assert done.returncode == 3
    assert "bad.yaml:2: routing.rout" in done.stderr
    assert json.loads(done.stdout)["error"]["kind"] == "config"
    assert ralph(home, "config", "check", "--config", "bad.yaml").returncode == 3


def test_timeout_keeps_the_partial_and_is_exit_124(home: Path) -> None:
    done = ralph(home, "-p", "endless please", *FLAGS, "--timeout", "3", "--output", "json")
    made = json.loads(done.stdout)
    assert (done.returncode, made["status"], made["error"]["kind"]) == (124, "cancelled", "deadline")
    assert made["text"].startswith("one ")
    assert made["steps"][2]["attempts"][0]["outcome"] == "cancelled"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_finish_what_is_open(home: Path, number: signal.Signals, code: int) -> None:
    running = subprocess.Popen(
        command("-p", "slow please", *FLAGS), cwd=home, env=environment(home), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert running.stdout is not None
    got = running.stdout.read(4)
    running.send_signal(number)
    out, err = running.communicate(timeout=30)
    assert running.returncode == code
    assert err.startswith("ralph: stopped by a signal")
    shown = json.loads(ralph(home, "show", "last", "--json").stdout)
    turn = shown["turns"][0]
    assert turn["status"] == "cancelled"
    assert turn["text"] == (got + out).rstrip("\n")


def test_a_reader_that_leaves_is_no_noise(home: Path) -> None:
    shell = f"{' '.join(command('-p', repr('slow please'), *FLAGS))} | head -c 4"
    done = subprocess.run(
        ["bash", "-c", shell], cwd=home, env=environment(home), capture_output=True, text=True, timeout=60, check=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("one ", "")


def test_lists_and_replay(home: Path) -> None:
    ralph(home, "-p", "first question", *FLAGS)
    ralph(home, "-p", "second question", *FLAGS)
    assert [line.split("  ")[-1] for line in ralph(home, "timelines").stdout.splitlines()] == [
        "second question", "first question",
    ]  # fmt: skip
    assert "first question" in ralph(home, "timelines", "--search", "first").stdout
    assert ralph(home, "timelines", "--search", "zebra").stdout == "no timeline holds that\n"
    shown = ralph(home, "show", "last").stdout
    assert "❯ second question" in shown
    assert "It is what it is." in shown
    assert ralph(home, "replay", "last", "--plain", "--speed", "max").stdout == shown
    assert ralph(home, "replay", "last", "--speed", "64", "--idle-cap", "off").stdout == shown
    assert ralph(home, "replay", "last", "--turn", "9").returncode == 10
    for name in ("providers", "doctor", "config show"):
        assert ralph(home, *name.split()).returncode == 0


def test_rerun_prints_as_a_turn_does(home: Path) -> None:
    first = json.loads(ralph(home, "-p", "one", *FLAGS, "--output", "json").stdout)
    done = ralph(home, "rerun", "last", "--from", "format", *FLAGS)
    assert (done.returncode, done.stdout) == (0, "It is what it is.\n")
    assert f"re-running turn 1 of {first['timeline']} as " in done.stderr
    made = json.loads(ralph(home, "rerun", first["timeline"][:6], "--turn", "1", "--output", "json", *FLAGS).stdout)
    assert (made["turn"], made["status"], made["text"]) == (1, "ok", "It is what it is.")
    assert made["timeline"] != first["timeline"]
    stopped = ralph(home, "rerun", "last", "-m", "scripted:nosuch.yaml", "--output", "json")
    assert (stopped.returncode, json.loads(stopped.stdout)["status"]) == (3, "failed")
    for arguments, code in (("--turn", "7"), 10), (("--from", "nowhere"), 2), (("--output", "xml"), 2):
        assert ralph(home, "rerun", "last", *arguments).returncode == code
    assert ralph(home, "rerun", "nosuch").returncode == 10


def test_rerun_stops_in_time_and_under_its_cap(home: Path) -> None:
    ralph(home, "-p", "endless", *FLAGS, "--timeout", "5")
    done = ralph(home, "rerun", "last", *FLAGS, "--timeout", "5")
    assert done.returncode == 124
    assert done.stdout.startswith("one")
    assert json.loads(ralph(home, "timelines", "--json").stdout)[0]["forked_from"]


def test_fork_delete_and_the_database(home: Path) -> None:
    ralph(home, "-p", "one", *FLAGS)
    ralph(home, "-c", "-p", "two", *FLAGS)
    parent = json.loads(ralph(home, "timelines", "--json").stdout)[0]["id"]
    fork = ralph(home, "fork", "last", "--turn", "1").stdout.strip()
    made = json.loads(ralph(home, "-r", fork, "-p", "else", *FLAGS, "--output", "json").stdout)
    assert (made["timeline"], made["turn"]) == (fork, 2)
    shown = json.loads(ralph(home, "show", fork, "--json").stdout)
    assert [t["prompt"] for t in shown["turns"]] == ["one", "else"]
    assert ralph(home, "doctor", fork).returncode == 0
    refused = ralph(home, "delete", parent)
    assert (refused.returncode, "has forks" in refused.stderr) == (2, True)
    assert ralph(home, "delete", parent, "--with-forks").returncode == 0
    assert ralph(home, "timelines").stdout == "no saved timeline yet\n"
    database = ralph(home, "db", "path").stdout.strip()
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*), min(deleted) FROM attempts").fetchone() == (3, 1)
    assert ralph(home, "db", "backup", "copy.db").returncode == 0
    assert ralph(home, "db", "vacuum").returncode == 0
    assert ralph(home, "db", "backup").returncode == 2


def test_everything_that_is_made_from_events_can_be_made_again(home: Path) -> None:
    ralph(home, "-p", "one", *FLAGS)
    ralph(home, "-c", "-p", "two", *FLAGS)
    commands = (
        ("show", "last", "--json"),
        ("timelines", "--json"),
        ("timelines", "--search", "what"),
        ("usage", "--json"),
    )
    before = [ralph(home, *c).stdout for c in commands]
    with contextlib.closing(sqlite3.connect(ralph(home, "db", "path").stdout.strip())) as connection:
        connection.executescript("DELETE FROM turns; DELETE FROM blocks; DELETE FROM attempts;")
    assert ralph(home, "timelines", "--search", "what").stdout != before[2]
    assert ralph(home, "doctor", "--rebuild").returncode == 0
    assert [ralph(home, *c).stdout for c in commands] == before


def test_config_init_writes_the_example_once(home: Path) -> None:
    path = Path(ralph(home, "config", "path").stdout.strip())
    assert ralph(home, "config", "init").returncode == 0
    assert ralph(home, "config", "check").returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert ralph(home, "config", "init").returncode == 2


def test_a_second_writer_is_refused_and_disturbs_nothing(home: Path) -> None:
    running = subprocess.Popen(
        command("-p", "slow please", *FLAGS), cwd=home, env=environment(home), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert running.stdout is not None
    got = running.stdout.read(4)
    second = ralph(home, "-c", "-p", "two", *FLAGS)
    assert (second.returncode, "is open in another window; close it there" in second.stderr) == (1, True)
    assert "running in another window" in ralph(home, "timelines").stdout
    assert ralph(home, "doctor").returncode == 0
    out, _ = running.communicate(timeout=30)
    assert running.returncode == 0
    assert (got + out).endswith("twelve\n")


def test_help_tells_the_exit_codes(home: Path) -> None:
    assert "124 --timeout" in ralph(home, "--help").stdout


@pytest.mark.parametrize("name", ["dumb", "unknown"])
def test_a_terminal_that_can_show_no_screen_is_told_of_p(name: str, home: Path) -> None:
    with Terminal(command(), environment(home), home, name=name) as terminal:
        shown = terminal.until(lambda text: "ralph -p" in text)
        assert f"TERM={name} has no screen support" in shown
        assert terminal.ended() == 2


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("exprot",), "ralph export"),
        (("exprot", "ab12"), "ralph export"),
        (("exprot", "last", "--to", "md"), "ralph export"),
        (("shwo", "--json"), "ralph show"),
        (("Usage",), "ralph usage"),
        (("--output", "text", "modles"), "ralph models"),
        (("help",), "ralph --help"),
    ],
)
@pytest.mark.parametrize("stdin", [None, "words\n"])
def test_a_mistyped_command_is_asked_of_no_model(
    home: Path, arguments: tuple[str, ...], meant: str, stdin: str | None
) -> None:
    done = ralph(home, *arguments, stdin=stdin, env={"RALPH_LLM_MODEL": "scripted:s.yaml"})
    assert (done.returncode, done.stdout) == (2, "")
    assert f"did you mean {meant}" in done.stderr
    assert "write ralph -p" in done.stderr


def test_a_mistyped_command_is_one_object_with_json(home: Path) -> None:
    for arguments in (("exprot", "--output", "json", *FLAGS), ("--output", "json", *FLAGS, "exprot")):
        done = ralph(home, *arguments)
        assert (done.returncode, json.loads(done.stdout)["error"]["kind"]) == (2, "usage")


@pytest.mark.parametrize("arguments", [("-p", "exprot"), ("exprot the words",), ("why",), ("-p", "--", "shwo")])
def test_a_question_is_asked_with_p_or_with_more_words(home: Path, arguments: tuple[str, ...]) -> None:
    done = ralph(home, *FLAGS, *arguments)
    assert (done.returncode, done.stdout) == (0, "It is what it is.\n")


def test_files_go_along_with_the_question(home: Path) -> None:
    (home / "a.txt").write_text("one\n")
    (home / "b.txt").write_text("two\n")
    files = ("-f", "a.txt", "--file", str(home / "b.txt"))
    done = ralph(home, "-p", "tell me", *files, *FLAGS, "--output", "jsonl", stdin="piped\n")
    started = next(e for e in map(json.loads, done.stdout.splitlines()) if e["type"] == "turn.started")
    context = "piped\n\na.txt (1 line):\n```\none\n```\n\nb.txt (1 line):\n```\ntwo\n```"
    assert (started["data"]["prompt"], started["data"]["context"]) == ("tell me", context)


@pytest.mark.parametrize(
    ("name", "yes", "code", "why"),
    [
        ("nothing.txt", False, 10, "there is no file or folder"),
        (".env", False, 2, "--yes sends it anyway"),
        (".env", True, 0, ""),
        ("photo.png", True, 2, "is an image"),
        ("data.bin", True, 2, "binary"),
        ("large.txt", True, 2, "more than the 256 KiB"),
    ],
)
def test_a_file_that_cannot_go_along_ends_the_run_before_anything_is_sent(
    home: Path, name: str, yes: bool, code: int, why: str
) -> None:
    (home / ".env").write_text("KEY=1\n")
    (home / "photo.png").write_bytes(b"\x89PNG")
    (home / "data.bin").write_bytes(b"\0")
    (home / "large.txt").write_bytes(b"a" * (256 * 1024 + 1))
    flags = (*FLAGS, "--output", "json", *(["--yes"] if yes else []))
    done = ralph(home, "-p", "tell me", "-f", str(home / name), *flags)
    made = json.loads(done.stdout)
    assert done.returncode == code, done.stderr
    assert why in (made["error"] or {"message": ""})["message"]
    assert (made["turn"] is None) == bool(code)


def test_a_slash_command_that_sends_takes_files_and_another_says_so(home: Path) -> None:
    (home / "a.txt").write_text("one\n")
    done = ralph(home, "-p", "/once scripted:s.yaml tell me", "-f", str(home / "a.txt"), *FLAGS, "--output", "json")
    assert done.returncode == 0, done.stderr
    done = ralph(home, "-p", "/usage", "-f", str(home / "a.txt"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "/usage sends no message" in done.stderr
