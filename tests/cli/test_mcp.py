"""`ralph mcp` and `/mcp` as processes."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import validate

from tests.cli.process import ROOT, ralph
from tests.tools.mcp.peers import home_of, plan_peer

SCHEMA = json.loads((ROOT / "docs/schema/mcp.schema.json").read_text())


def test_the_servers_are_listed_tried_and_shown(tmp_path: Path) -> None:
    dead = "dead: {command: ['/bin/sh', '-c', 'echo no key >&2; exit 3']}"
    off = "rest: {url: 'http://127.0.0.1:9/mcp', enabled: false}"
    home = home_of(tmp_path, f"peer: {{{plan_peer(tmp_path)}}}, {dead}, {off}")
    listed = ralph(tmp_path, "mcp", "list", "--json", env=home.environ)
    data = json.loads(listed.stdout)
    validate(data, SCHEMA)
    rows = {row["name"]: row for row in data["servers"]}
    assert listed.returncode == 0
    assert (rows["peer"]["state"], rows["peer"]["protocol"]) == ("ready", "2025-11-25")
    assert "peer__echo" in rows["peer"]["tools"]
    assert (rows["dead"]["state"], rows["dead"]["error"]) == ("failed", "the server ended: no key")
    assert rows["dead"]["stderr"] == ["no key"]
    assert (rows["rest"]["state"], rows["rest"]["transport"]) == ("off", "http")

    tried = ralph(tmp_path, "mcp", "test", "dead", env=home.environ)
    assert tried.returncode == 4
    assert "the server dead cannot be used: the server ended: no key" in tried.stderr
    assert "stderr: no key" in tried.stdout
    missing = ralph(tmp_path, "mcp", "test", "pear", env=home.environ)
    assert (missing.returncode, "did you mean peer" in missing.stderr) == (10, True)

    shown = ralph(tmp_path, "-p", "/mcp", "--output", "json", env=home.environ)
    made = json.loads(shown.stdout)
    validate(made["data"], SCHEMA)
    assert [row["state"] for row in made["data"]["servers"]] == ["idle", "idle", "off"]
    again = ralph(tmp_path, "-p", "/mcp restart peer", env=home.environ)
    assert "✓ ready" in again.stdout, again.stderr


def test_without_servers_it_says_how_to_write_one(tmp_path: Path) -> None:
    done = ralph(tmp_path, "mcp")
    assert (done.returncode, done.stdout) == (
        0, "no server is configured; docs/mcp.md shows how to write one under mcp.servers\n"
    )  # fmt: skip
    assert "mcp.servers" in ralph(tmp_path, "-p", "/mcp").stdout
