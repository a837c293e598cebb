"""A key entered on the screen or by `ralph keys set`: it answers at once, and stands nowhere but where it is kept."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.bench.serving import serving
from tests.cli.process import command, environment, ralph
from tests.cli.terminal import Terminal

KEY = "sk-ant-Entered4Once9zQxLm"
NOWHERE = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    echo = {"text": ["fine, ", KEY], "times": None, "usage": {"input": 20, "output": 1}}  # a server may send it back
    with serving(echo) as url:
        yield url


def variables(home: Path, url: str) -> Mapping[str, str]:
    return {"RALPH_DATA_DIR": str(home / "data"), "ANTHROPIC_BASE_URL": url, "RALPH_LLM_DEBUG": "1", **NOWHERE}


def written(home: Path) -> list[str]:
    """The files below this home that hold the key."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path.name for path in files if KEY.encode() in path.read_bytes()]


class Watching(threading.Thread):
    """Looks at every command line of this machine until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.found: list[str] = []
        self.going = True

    def run(self) -> None:
        while self.going:
            for name in os.listdir("/proc"):
                try:
                    line = Path(f"/proc/{name}/cmdline").read_bytes() if name.isdigit() else b""
                except OSError:
                    continue
                if KEY.encode() in line:
                    self.found.append(line.decode())
            time.sleep(0.01)


def test_from_a_first_start_to_an_answer_without_leaving(tmp_path: Path, url: str) -> None:
    env = environment(tmp_path, variables(tmp_path, url))
    watching = Watching()
    watching.start()
    with Terminal(command(), env, tmp_path) as terminal:
        terminal.until(lambda text: "❯" in text)
        terminal.send("/connect anthropic\r")
        terminal.until(lambda text: "Key of anthropic" in text)
        terminal.paste(f"  {KEY}\n")
        terminal.until(lambda text: "••••" in text)
        terminal.send("\r")
        terminal.until(lambda text: "The key works" in text and "Connected: anthropic." in text)
        terminal.send("tell me something\r")
        terminal.until(lambda text: "fine, ***" in text)
        terminal.send("/theme nosuch\r/export\r")
        terminal.until(lambda text: ".md" in text)
        terminal.send(f"/connect anthropic {KEY}\r")
        terminal.until(lambda text: "so that no history keeps it" in text)
        terminal.send("\x03\x03")
        terminal.ended()
        painted = terminal.painted.replace(f"/connect anthropic {KEY}".encode(), b"")
    watching.going = False
    watching.join()
    assert watching.found == []
    assert written(tmp_path) == ["keys.yaml"]
    shown = ralph(tmp_path, "show", "last", "--json", env=variables(tmp_path, url))
    assert KEY not in shown.stdout + shown.stderr
    assert b"fine, " + KEY.encode() not in painted
    listed = ralph(tmp_path, "keys", "list", "--json", env=variables(tmp_path, url))
    assert json.loads(listed.stdout) == {
        "keys": [{"provider": "anthropic", "source": "keys.yaml", "masked": f"***{KEY[-4:]}"}]
    }
    assert ralph(tmp_path, "-p", "again", env=variables(tmp_path, url)).stdout == "fine, ***\n"


def test_a_first_start_without_a_model_says_how_to_connect_one(tmp_path: Path) -> None:
    with Terminal(command(), environment(tmp_path, NOWHERE), tmp_path) as terminal:
        terminal.until(lambda text: "To connect a model, type /connect and" in text)
    done = ralph(tmp_path, "-p", "why is the sky blue?", env=NOWHERE)
    assert done.returncode == 3
    assert "type /connect on the screen, or in a shell: ralph keys set anthropic" in done.stderr


def test_a_key_comes_in_by_a_pipe_or_a_hidden_prompt_and_never_as_an_argument(tmp_path: Path, url: str) -> None:
    env = variables(tmp_path, url)
    done = ralph(tmp_path, "keys", "set", "anthropic", stdin=f" {KEY}\n", env=env)
    assert (done.returncode, KEY in done.stdout + done.stderr) == (0, False)
    assert ralph(tmp_path, "models", "anthropic", env=env).returncode == 0
    assert ralph(tmp_path, "keys", "rm", "anthropic", env=env).returncode == 0
    assert written(tmp_path) == []
    with Terminal(command("keys", "set", "anthropic"), environment(tmp_path, env), tmp_path) as terminal:
        terminal.until(lambda text: "not shown" in text)
        terminal.send(f"{KEY}\r")
        assert terminal.ended() == 0
        assert KEY.encode() not in terminal.painted
    assert written(tmp_path) == ["keys.yaml"]
    for arguments in (["keys", "set", "groq", KEY], ["-p", f"/connect groq {KEY}", "--output", "json"]):
        done = ralph(tmp_path, *arguments, env=env)
        assert done.returncode == 2
        assert KEY not in done.stdout + done.stderr
    for arguments in (["keys", "rm", "groq"], ["keys", "rm"], ["keys", "set", "nosuch"]):
        assert ralph(tmp_path, *arguments, stdin=KEY, env=env).returncode in (2, 10)


def test_what_is_kept_of_a_key_is_no_traceback_either(tmp_path: Path, url: str) -> None:
    """A disk that takes nothing: one sentence."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "keys.yaml").mkdir()
    done = ralph(tmp_path, "keys", "set", "anthropic", stdin=KEY, env=variables(tmp_path, url))
    assert done.returncode == 1
    assert done.stderr.count("\n") <= 2, done.stderr
    assert KEY not in done.stderr
    assert "Traceback" not in done.stderr


def test_ralph_works_without_the_extra(tmp_path: Path, url: str) -> None:
    """`keyring` is not installed: keys go to the file."""
    (tmp_path / "keyring.py").write_text("raise ImportError('none here')\n")
    env = {**environment(tmp_path, variables(tmp_path, url))}
    env["PYTHONPATH"] = f"{tmp_path}:{env['PYTHONPATH']}"
    done = subprocess.run(
        command("keys", "set", "anthropic"),
        env=env,
        cwd=tmp_path,
        input=KEY,
        text=True,
        capture_output=True,
        check=True,
    )
    assert "keys.yaml" in done.stdout


def test_doctor_says_of_a_key_whether_anybody_asked(tmp_path: Path, url: str) -> None:
    env = variables(tmp_path, url)
    ralph(tmp_path, "keys", "set", "anthropic", stdin=KEY, env=env)
    assert "key set; not asked; ralph doctor --live asks" in ralph(tmp_path, "doctor", env=env).stdout
    live = ralph(tmp_path, "doctor", "--live", env=env).stdout
    assert "answers; 1 model\n" in live
