"""A signal in the middle of the start ends ralph quietly with a code of its own: nothing has begun yet."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.process import command, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind there")

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
# Python names each module on stderr when it has been loaded, so a test can wait for that moment.
MOMENTS = ("gettext", "argparse", "ralph.cli.main", "ralph.headless.run")


def interrupted(home: Path, moment: str, number: signal.Signals, *arguments: str) -> tuple[int, str, str]:
    """Code, stdout and what else than modules stood on stderr."""
    python, *rest = command(*arguments)
    run = subprocess.Popen(
        [python, "-X", "importtime", *rest], cwd=home, env=environment(home), text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stderr is not None
    for line in run.stderr:
        if line.split("|")[-1].strip() == moment:
            break
    else:
        raise AssertionError(f"{moment} was never loaded")
    run.send_signal(number)
    out, err = run.communicate(timeout=60)
    return run.returncode, out, "\n".join(line for line in err.splitlines() if not line.startswith("import time:"))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_signal_while_it_loads_is_quiet(moment: str, tmp_path: Path) -> None:
    for number, code in CODES.items():
        assert interrupted(tmp_path, moment, number, "-p", "hello", "-m", "scripted:none.yaml")[::2] == (code, "")


def test_where_json_was_asked_for_there_is_one_object(tmp_path: Path) -> None:
    run = subprocess.Popen(
        command("-p", "hello", "--output", "json"), cwd=tmp_path, env=environment(tmp_path), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stderr is not None
    assert "waiting for standard input" in run.stderr.readline()
    run.send_signal(signal.SIGTERM)
    out, err = run.communicate(timeout=60)
    made = json.loads(out)
    assert (run.returncode, made["status"], made["error"]["kind"]) == (143, "failed", "cancelled"), err
    assert "Traceback" not in err, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_was_ignored_stays_ignored(number: signal.Signals, tmp_path: Path) -> None:
    """As `nohup` and a shell's jobs in the background do it."""
    run = subprocess.Popen(
        command("-p", "2+2"), cwd=tmp_path, env=environment(tmp_path), text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(number, signal.SIG_IGN),  # noqa: PLW1509 - no thread yet
    )  # fmt: skip
    assert run.stderr is not None
    assert "waiting for standard input" in run.stderr.readline()
    run.send_signal(number)
    out, _ = run.communicate()
    assert (run.returncode, out) == (0, "2 + 2 is 4.\n")
