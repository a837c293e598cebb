"""Rules and grants on the command line, each run a process of its own with tools of another package."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.cli.process import ROOT, ralph
from tests.schema.test_schemas import check

TOOLS = """
from ralph.core.llm.request import ToolSpec


class Tool:
    def __init__(self, name, effect, key):
        self.spec = ToolSpec(name, "Does it.", {"type": "object"})
        self.effect = effect
        self.key = key

    def resource(self, arguments):
        return arguments[self.key]

    def preview(self, arguments):
        return f"would use {arguments[self.key]}"

    async def run(self, arguments, call):
        (call.root / "done").write_text(self.spec.name)
        return f"used {arguments[self.key]}"


class Source:
    name = "the bench"

    async def open(self, env):
        return [Tool("note", "write", "path"), Tool("get", "network", "url"), Tool("launch", "run", "argv"),
                Tool("line", "run", "command"), Tool("peek", "read", "path")]

    async def aclose(self):
        pass


SOURCE = Source()
"""
SCRIPT = """
- {{role: route, text: '{{"tools": ["{name}"], "rounds": 1, "intent": "other", "difficulty": "low", "reason": "-"}}'}}
- {{role: tool, calls: [{{name: {name}, arguments: {arguments}}}]}}
- {{role: tool, text: done}}
- {{role: format, text: "All is well."}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    info = tmp_path / "site" / "ralph_bench-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "site" / "ralph_bench.py").write_text(TOOLS)
    (info / "METADATA").write_text("Name: ralph-bench\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ralph.tool_sources]\nbench = ralph_bench:SOURCE\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "work").mkdir()
    return tmp_path


def start(home: Path, *arguments: str, config: str = "") -> CompletedProcess[str]:
    (home / "config" / "config.yaml").write_text(config)
    env = {"RALPH_DATA_DIR": str(home / "data"), "RALPH_CONFIG": str(home / "config" / "config.yaml"),
           "PYTHONPATH": f"{ROOT}:{home / 'site'}"}  # fmt: skip
    return ralph(home, *arguments, env=env, cwd=home / "work")


def ask(home: Path, name: str, arguments: dict[str, Any], *flags: str, config: str = "") -> dict[str, dict[str, Any]]:
    """Ask for one call; what its events say by type, with the exit code of the run."""
    (home / "script.yaml").write_text(SCRIPT.format(name=name, arguments=json.dumps(arguments)))
    script = f"scripted:{home / 'script.yaml'}"
    (home / "work" / "done").unlink(missing_ok=True)
    done = start(home, "-p", "please", "-m", script, "--route", script, "--output", "jsonl", *flags, config=config)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    found = {e["type"]: e["data"] for e in events if e["type"].startswith("tool.")}
    assert found, done.stderr
    assert (home / "work" / "done").exists() is (found["tool.decided"]["decision"] == "allowed")
    return {**found, "run": {"code": done.returncode}}


LOG = {"argv": ["git", "log"]}


@pytest.mark.parametrize(
    ("name", "arguments", "flags", "decision", "by", "scope", "rule"),
    [
        ("launch", LOG, [], "denied", "effect run, and nobody is there to ask", "headless", ""),
        ("launch", LOG, ["--yes"], "denied", "effect run, and nobody is there to ask", "headless", ""),
        ("launch", LOG, ["--allow", "launch(git)"], "allowed", "--allow: launch(git)", "headless", "launch(git)"),
        ("launch", {"argv": ["git", "-c", "a=b", "log"]}, ["--allow", "launch(git)"], "denied",
         "effect run, and nobody is there to ask", "headless", ""),
        ("launch", LOG, ["--allow", "launch", "--deny", "launch(git)"], "denied", "--deny: launch(git)", "headless",
         "launch(git)"),
        ("line", {"command": "git log; rm x"}, ["--allow", "line(git)", "--allow", "line(rm)"], "denied",
         "effect run, and nobody is there to ask", "headless", ""),
        ("line", {"command": "git log"}, ["--allow", "line(git log)"], "allowed", "--allow: line(git log)", "headless",
         "line(git log)"),
        ("note", {"path": "a.md"}, ["--yes"], "allowed", "--yes", "headless", ""),
        ("note", {"path": "a.md"}, ["--allow", "note(*.md)"], "allowed", "--allow: note(*.md)", "headless",
         "note(*.md)"),
        ("note", {"path": "../a.md"}, ["--allow", "note(*.md)"], "denied", "effect write, and nobody is there to ask",
         "headless", ""),
        ("note", {"path": "a.md"}, ["--dry-run", "--yes", "--allow", "note"], "denied", "dry run", "headless", ""),
        ("peek", {"path": "a.md"}, ["--dry-run"], "allowed", "effect read", "builtin", ""),
        ("get", {"url": "https://a.org/"}, ["--allow", "get(*.a.org)", "--allow", "get(a.org)"], "allowed",
         "--allow: get(a.org)", "headless", "get(a.org)"),
        ("get", {"url": "https://a.org@b.org/"}, ["--allow", "get(a.org)"], "denied",
         "effect network, and nobody is there to ask", "headless", ""),
    ],
)  # fmt: skip
def test_a_call_is_decided_by_the_flags(
    home: Path, name: str, arguments: dict[str, Any], flags: list[str], decision: str, by: str, scope: str, rule: str
) -> None:
    found = ask(home, name, arguments, *flags)
    decided = found["tool.decided"]
    assert (decided["decision"], decided["by"], decided["scope"], decided["rule"]) == (decision, by, scope, rule)
    assert found["run"]["code"] == 0
    if name != "peek":
        assert found["tool.requested"]["preview"].startswith("would use ")
    if decision == "denied":
        assert "was not allowed" in found["tool.finished"]["output"]


def test_rules_of_the_file_decide_too_and_say_so(home: Path) -> None:
    rules = "tools: {allow: [{rule: launch(git log), match: [[git, log, -3]]}], ask: [note], deny: ['get(*)']}"
    assert ask(home, "launch", LOG, config=rules)["tool.decided"]["scope"] == "config"
    assert ask(home, "note", {"path": "a"}, config=rules)["tool.decided"]["by"].startswith("tools.ask: note")
    assert ask(home, "get", {"url": "https://a.org"}, "--yes", config=rules)["tool.decided"]["rule"] == "get(*)"


GRANTS = """\
- {rule: note(src/**), scope: always, since: "2026-11-28T12:00:00.000000Z"}
- {rule: launch(git log), scope: timeline, since: "2026-11-28T12:00:00.000000Z", timeline: 0123456789}
"""


def test_grants_decide_are_listed_and_are_revoked(home: Path) -> None:
    (home / "config" / "grants.yaml").write_text(GRANTS.replace("0123456789", "'0123456789'"))
    decided = ask(home, "note", {"path": "src/a"})["tool.decided"]
    assert (decided["decision"], decided["scope"], decided["rule"]) == ("allowed", "always", "note(src/**)")
    assert ask(home, "launch", LOG)["tool.decided"]["decision"] == "denied"  # another timeline
    listed = json.loads(start(home, "tools", "--json").stdout)
    check("tools", listed)
    assert [g["rule"] for g in listed["grants"]] == ["note(src/**)", "launch(git log)"]
    assert [g["timeline"] for g in listed["grants"]] == [None, "0123456789"]
    sources = {row["name"]: row["source"] for row in listed["tools"]}
    assert (sources["note"], sources["calculate"]) == ("the bench", "ralph")
    done = start(home, "tools", "revoke", "note(src/**)")
    assert done.returncode == 0
    assert "revoked: note(src/**)  always" in done.stdout
    path = home / "config" / "grants.yaml"
    assert "note(" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ask(home, "note", {"path": "src/a"})["tool.decided"]["decision"] == "denied"
    done = start(home, "tools", "revoke", "note(src/**)")
    assert (done.returncode, "there is no grant 'note(src/**)'" in done.stderr) == (10, True)
    shown = start(home, "tools").stdout
    assert "\n\nsandbox of programs: " in shown
    assert "\ngranted: launch(git log)  in the timeline 0123456789, since " in shown


@pytest.mark.parametrize(
    "text", ["- {rule: [", "rule: note", "- {rule: note}", "- {rule: note, scope: timeline}", "- 3"]
)
def test_a_broken_file_of_grants_is_told_and_kept(home: Path, text: str) -> None:
    path = home / "config" / "grants.yaml"
    path.write_text(text)
    done = start(home, "tools")
    assert done.returncode == 0
    assert f"{path} cannot be read as grants" in done.stderr
    assert start(home, "tools", "revoke", "note").returncode == 10
    assert path.read_text() == text


def test_config_check_reads_the_rules_and_runs_their_examples(home: Path) -> None:
    good = "tools:\n  allow:\n  - {rule: files(docs/**), match: [docs/a.md], not_match: [src/a.py, docs/../b]}\n"
    assert start(home, "config", "check", config=good).returncode == 0
    bad = (
        "tools:\n  allow:\n  - clock(now)\n  - files(\n  - {rule: files(docs/**), match: [src/a.py]}\n"
        "  deny:\n  - {rule: files(docs), not_match: [docs/a]}\n"
    )
    done = start(home, "config", "check", config=bad)
    assert done.returncode == 3
    path = home / "config" / "config.yaml"
    assert done.stderr.splitlines() == [
        f"ralph: {path}:3: tools.allow: 'clock(now)': calls of clock use no path, host or program; write 'clock'",
        f"ralph: {path}:4: tools.allow: the parenthesis of 'files(' is not closed at the end of the rule",
        f"ralph: {path}:5: tools.allow: 'files(docs/**)' does not match 'src/a.py', but its example says that it does",
        f"ralph: {path}:7: tools.deny: 'files(docs)' matches 'docs/a', but its example says that it does not",
    ]
    wrong = start(home, "config", "check", config="tools: {allow: [{match: [a]}]}")
    assert (wrong.returncode, "a mapping with the key rule" in wrong.stderr) == (3, True)


def test_config_show_has_the_rules_as_a_person_writes_them(home: Path) -> None:
    config = "tools: {allow: ['files(a)', {rule: clock, network: true}]}"
    shown = start(home, "config", "show", config=config).stdout
    assert "allow: [files(a), {network: true, rule: clock}]  # file" in shown


@pytest.mark.parametrize("flag", ["--allow", "--deny"])
def test_a_flag_takes_only_a_rule(home: Path, flag: str) -> None:
    done = start(home, "-p", "hi", flag, "note(")
    assert done.returncode == 2
    assert "is not closed at the end of the rule" in done.stderr


def test_a_dry_run_is_switched_by_a_command(home: Path) -> None:
    done = start(home, "-p", "/tools dry on", "--output", "json")
    assert json.loads(done.stdout)["data"] == {"dry": True}
    assert start(home, "-p", "/tools dry perhaps").returncode == 2
    assert start(home, "-p", "/tools revoke nothing").returncode == 10
