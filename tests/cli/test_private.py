"""All that ralph writes belongs to its owner alone: files 0600, folders 0700, whatever the umask is."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ralph.config import logs, stored_choice
from ralph.config.private import make_folder, open_file
from ralph.core.masking import Secrets
from ralph.core.ports.discovery import StoredChoice
from ralph.store.prompts import Prompts
from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

FLAGS = ("-m", "builtin:rules", "--route", "rules")


@pytest.fixture(params=[0o000, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def wide(folder: Path) -> dict[str, str]:
    """What others may read or write below it, and the folder itself."""
    made = {str(p.relative_to(folder.parent)): mode(p) for p in (folder, *folder.rglob("*"))}
    return {name: oct(bits) for name, bits in made.items() if bits & 0o077}


def test_after_every_command_nothing_is_open_to_others(tmp_path: Path, umask: int) -> None:
    """A turn, the log, a backup, `config init`, a fork, a migration, a screen: all that writes."""
    home = tmp_path / "home"
    home.mkdir(0o700)
    env = {"RALPH_LLM_DEBUG": "1"}
    for arguments in (
        ("config", "init"), ("-p", "What is 2 + 2?", *FLAGS), ("-p", "hello", "-m", "nosuch:m"), ("fork", "last"),
        ("db", "vacuum"), ("db", "backup", str(home / "backup.db")), ("doctor", "--rebuild"),
        ("-p", "hello", "-m", "openai:m"),
    ):  # fmt: skip
        ralph(home, *arguments, env=env)
    data = home / ".local" / "share" / "ralph"
    with sqlite3.connect(data / "ralph.db") as database:  # as an older ralph left it: the next start migrates
        last = database.execute("PRAGMA user_version").fetchone()[0]
        assert last >= 1
    with Terminal(command(*FLAGS), environment(home, env), home) as terminal:
        terminal.until(lambda text: "Type a question" in text)
        terminal.send("What is 3 + 3?\r")
        terminal.until(lambda text: "3 + 3 = 6" in text or "6" in text.partition("3 + 3?")[2])
        during = wide(home)
        terminal.send("\x04")
        terminal.ended()
    assert not during
    assert not wide(home)
    assert (home / "backup.db").exists()
    assert (home / ".config" / "ralph" / "config.yaml").exists()
    assert {p.name for p in data.iterdir()} >= {"ralph.db", "prompts.jsonl", "locks"}
    assert (home / ".local" / "state" / "ralph" / "ralph.log").exists()


def test_what_was_wide_is_made_narrow(tmp_path: Path) -> None:
    ralph(tmp_path, "-p", "What is 2 + 2?", *FLAGS)
    data, state = tmp_path / ".local" / "share" / "ralph", tmp_path / ".local" / "state" / "ralph"
    state.mkdir(parents=True, exist_ok=True)
    for name in ("ralph.log", "ralph.log.1"):
        (state / name).write_text("old\n")
        (state / name).chmod(0o644)
    (data / "ralph.db").chmod(0o644)
    ralph(tmp_path, "-p", "What is 2 + 2?", *FLAGS)
    assert mode(data / "ralph.db") == 0o600
    assert [mode(state / name) for name in ("ralph.log", "ralph.log.1")] == [0o600, 0o600]


def test_rotated_logs_too(tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 200)
    handler = logs.start(tmp_path / "a" / "b" / "ralph.log", Secrets(), debug=False)
    for number in range(20):
        logging.getLogger("ralph.test").warning("line %d of the log", number)
    logs.stop(handler)
    assert {p.name for p in (tmp_path / "a" / "b").iterdir()} == {"ralph.log", "ralph.log.1", "ralph.log.2"}
    assert not wide(tmp_path / "a")


def test_a_link_is_not_followed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Somebody who can write into a shared folder may have put it there, to a file that is not theirs."""
    theirs = tmp_path / "theirs"
    theirs.write_text("untouched")
    for name in ("ralph.log", "prompts.jsonl", f"choice.json.{os.getpid()}"):
        (tmp_path / name).symlink_to(theirs)
    handler = logs.start(tmp_path / "ralph.log", Secrets(), debug=False)
    logging.getLogger("ralph.test").warning("a line")
    logs.stop(handler)
    with pytest.raises(OSError, match="symbolic"):
        Prompts(tmp_path / "prompts.jsonl").append("hello", "2026-01-01", "t")
    with pytest.raises(OSError, match="symbolic"):
        stored_choice.write(tmp_path / "choice.json", StoredChoice("a", "b", "c", "d", "e"))
    assert theirs.read_text() == "untouched"
    assert capfd.readouterr().err == ""


def test_a_full_disk_costs_the_log_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no full disk to be had")
    handler = logs.start(Path("/dev/full"), Secrets(), debug=False)
    logging.getLogger("ralph.test").warning("a line")
    logs.stop(handler)
    assert "Traceback" not in capfd.readouterr().err


def test_folders_above_are_private_too(tmp_path: Path, umask: int) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    make_folder(tmp_path / "a" / "b" / "c")
    os.close(open_file(tmp_path / "a" / "file", os.O_WRONLY | os.O_CREAT))
    assert not wide(tmp_path / "a")
