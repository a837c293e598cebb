"""The rules of the guide are about what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ralph.config.load import load
from ralph.config.rule_settings import RuleSetting
from ralph.core.llm.tool import Effect
from ralph.tools.consent.read_rules import check_rule
from tests.tools.consent.judge import judge

PAGE = Path(__file__).parents[3] / "docs" / "tools.md"
EFFECTS: dict[str, Effect] = {"write_file": "write", "web_fetch": "network", "run": "run", "shell": "run"}


def rules(tmp_path: Path, verb: str) -> tuple[RuleSetting, ...]:
    blocks = [b for b in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL) if "allow:" in b]
    path = tmp_path / "config.yaml"
    path.write_text(blocks[0])
    assert yaml.safe_load(blocks[0])
    found: tuple[RuleSetting, ...] = getattr(load(path, {}, lambda kind: None, required=True).tools, verb)
    return found


@pytest.mark.parametrize("verb", ["allow", "ask", "deny"])
def test_every_rule_of_the_guide_can_be_read_and_its_examples_hold(tmp_path: Path, verb: str) -> None:
    for rule in rules(tmp_path, verb):
        assert list(check_rule(rule, verb, EFFECTS.get, tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "resource", "verdict"),
    [
        ("write_file", "src/deep/a.py", "allowed"), ("write_file", "docs/a.md", "ask"),
        ("write_file", "src/.env", "denied"), ("web_fetch", "https://docs.python.org/3/", "allowed"),
        ("web_fetch", "https://ralph.readthedocs.io", "allowed"),
        ("web_fetch", "http://localhost:8080/", "allowed"), ("web_fetch", "http://localhost/", "ask"),
        ("run", ("git", "log", "-3"), "allowed"), ("run", ("git", "push"), "ask"), ("run", ("npm", "test"), "allowed"),
        ("shell", "ls; rm x", "denied"), ("search_files", "", "denied"), ("timeline_search", "", "allowed"),
    ],
)  # fmt: skip
def test_the_rules_of_the_guide_decide_as_it_says(
    tmp_path: Path, name: str, resource: str | tuple[str, ...], verdict: str
) -> None:
    given = {verb: rules(tmp_path, verb) for verb in ("allow", "ask", "deny")}
    decision = judge(EFFECTS.get(name, "read"), name, resource, root=tmp_path, **given)
    assert decision.verdict == verdict
    assert decision.network is (resource == ("npm", "test"))
