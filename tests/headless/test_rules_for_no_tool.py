"""A rule of `tools:` for a tool that is not there is told: by `config check`, at a turn, and at the start."""

from __future__ import annotations

from pathlib import Path

from tests.cli.process import ralph
from tests.headless.ask import Home
from tests.headless.test_tool_sources import home  # noqa: F401 - with the tools of a plugin

TOLD = "tools.ask: there is no tool 'calcluate'; did you mean calculate?"


def test_config_check_names_it_and_leaves_patterns_alone(tmp_path: Path) -> None:
    rules = 'tools: {ask: [calcluate, "web*", files(*.md), github__search], deny: [nosuchthing]}\n'
    (tmp_path / "c.yaml").write_text(rules)
    done = ralph(tmp_path, "config", "check", "--config", "c.yaml")
    assert (done.returncode, done.stdout) == (0, "c.yaml: ok\n")
    second = "tools.deny: there is no tool 'nosuchthing'; /tools lists them"
    assert done.stderr == f"ralph: warning: c.yaml: {TOLD}\nralph: warning: c.yaml: {second}\n"


def test_a_turn_without_a_screen_tells_it_beside_the_answer(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("tools: {ask: [calcluate]}\n")
    done = ralph(tmp_path, "--config", "c.yaml", "-m", "builtin:rules", "-p", "10 km in miles")
    assert "6.2137" in done.stdout
    assert done.stderr.startswith(f"ralph: warning: {TOLD}\n")


def test_a_flag_for_no_tool_is_told_as_well(tmp_path: Path) -> None:
    flags = ("--allow", "wirte_file", "--deny", "rnu(ls)")
    done = ralph(tmp_path, "-m", "builtin:rules", *flags, "-p", "10 km in miles")
    assert "6.2137" in done.stdout
    assert "warning: --allow: there is no tool 'wirte_file'; did you mean write_file?\n" in done.stderr
    assert "warning: --deny: there is no tool 'rnu'" in done.stderr


async def test_the_tools_of_a_plugin_count_once_it_is_open(home: Home) -> None:  # noqa: F811
    (home.path / "config.yaml").write_text("tools: {ask: [water, wtaer]}")
    result = await home.ask("10 km in miles", model="builtin:rules")
    assert "warning: tools.ask: there is no tool 'wtaer'; did you mean water?" in result.err
    assert "'water'" not in result.err
