"""What one headless turn imports, by wire and transport: no vendor's SDK unless the configuration names it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.serving import serving
from tests.cli.process import environment
from tests.headless.ask import BY_SDK, WIRES

# What takes long to import, or should not be met without a screen.
HEAVY = frozenset(["anthropic", "openai", "httpx", "httpx2", "pydantic", "mcp", "textual", "rich"])
HEAVY |= {"html_to_markdown", "pypdf"}
OWN = frozenset(["httpx"])
LOADS = {
    **dict.fromkeys(WIRES, OWN),
    "anthropic_sdk": OWN | {"httpx2", "pydantic", "anthropic"},
    "responses_sdk": OWN | {"httpx2", "pydantic", "openai"},
    "chat_sdk": OWN | {"httpx2", "pydantic", "openai"},
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving({"text": ["fine"], "times": None, "usage": {"input": 20, "output": 1}}) as url:
        yield url


@pytest.mark.parametrize("wire", LOADS)
def test_what_a_turn_loads(tmp_path: Path, url: str, wire: str) -> None:
    entry, ref = (WIRES | BY_SDK)[wire]
    config = tmp_path / "config.yaml"
    # With a price the price table stays out, which is a library of its own.
    priced = f'prices: {{"{ref}": {{input: 1, output: 1}}}}'
    config.write_text(f"providers: {entry.format(url=url)}\nrouting: {{route: rules}}\n{priced}\n")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ralph", "-p", "tell me something", "-m", ref],
        cwd=tmp_path,
        env=environment(tmp_path, {"RALPH_DATA_DIR": str(tmp_path / "data"), "RALPH_CONFIG": str(config)}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    names = (line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:"))
    assert (done.returncode, done.stdout.strip()) == (0, "fine")
    loaded = list(names)
    assert {name.partition(".")[0] for name in loaded} & HEAVY == LOADS[wire]
    # The tools that run programs are offered, and what runs one is not loaded before there is one.
    assert "ralph.tools._program_arguments" in loaded
    assert [name for name in loaded if name.startswith("ralph.tools.sandbox")] == []


@pytest.mark.parametrize("question", ["what is 2+2", "tell me something"])
def test_a_turn_without_a_tool_of_a_server_loads_no_client(tmp_path: Path, url: str, question: str) -> None:
    """With a server that was never tried, and whose program does not exist."""
    entry, ref = WIRES["compatible"]
    config = tmp_path / "config.yaml"
    servers = "mcp: {servers: {time: {command: [no-such-program]}}}"
    config.write_text(f"providers: {entry.format(url=url)}\nrouting: {{route: rules}}\n{servers}\n")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ralph", "-p", question, "-m", ref],
        cwd=tmp_path,
        env=environment(tmp_path, {"RALPH_DATA_DIR": str(tmp_path / "data"), "RALPH_CONFIG": str(config)}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert done.returncode == 0
    loaded = {name.partition(".")[0] for name in names} & {"mcp", "mcp_types", "starlette"}
    assert loaded == set()
    assert "ralph.tools.mcp.servers" in names
