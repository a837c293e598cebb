"""Who may run what: effects, patterns, --yes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.llm.consent import CallFacts, Decision
from ralph.core.llm.tool import Effect
from ralph.tools._consent import decide


def _decide(effect: Effect, name: str = "web_fetch", arguments: dict[str, Any] | None = None, **rules: Any) -> Decision:
    given: dict[str, Any] = {"allow": (), "ask": (), "deny": (), "yes": False, **rules}
    return decide(CallFacts(name, arguments or {}, effect, given.pop("resource", "")), **given)


@pytest.mark.parametrize(
    ("effect", "verdict", "with_yes"),
    [
        ("none", "allowed", "allowed"),
        ("read", "allowed", "allowed"),
        ("network", "ask", "allowed"),
        ("write", "ask", "allowed"),
        ("unknown", "ask", "allowed"),
        ("run", "denied", "denied"),
    ],
)
def test_the_effect_decides(effect: Effect, verdict: str, with_yes: str) -> None:
    assert _decide(effect) == Decision(verdict, f"effect {effect}")  # type: ignore[arg-type]
    assert _decide(effect, yes=True).verdict == with_yes


@pytest.mark.parametrize(
    ("effect", "rules", "decision"),
    [
        ("network", {"allow": ["web_*"]}, Decision("allowed", "tools.allow: web_*")),
        ("run", {"allow": ["web_fetch"]}, Decision("allowed", "tools.allow: web_fetch")),
        ("none", {"deny": ["*"], "yes": True, "allow": ["*"]}, Decision("denied", "tools.deny: *")),
        ("none", {"ask": ["web_fetch"]}, Decision("ask", "tools.ask: web_fetch")),
        ("none", {"ask": ["web_fetch"], "allow": ["*"]}, Decision("ask", "tools.ask: web_fetch")),
        ("network", {"ask": ["web_fetch"], "yes": True}, Decision("allowed", "--yes")),
        ("network", {"allow": ["WEB_*"]}, Decision("ask", "effect network")),
    ],
)
def test_patterns_overrule_the_effect(effect: Effect, rules: dict[str, Any], decision: Decision) -> None:
    assert _decide(effect, **rules) == decision


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        ({"command": "git status"}, "allowed"),
        ({"command": "rm -rf /"}, "denied"),
        ({"command": "git status", "stdin": "rm -rf /"}, "denied"),
        ({"commands": ["git log", "git diff"]}, "allowed"),
        ({"commands": ["git log", "rm x"]}, "denied"),
        ({}, "denied"),
        ({"count": 3}, "denied"),
    ],
)
def test_a_call_is_allowed_by_its_arguments_only_if_all_fit(arguments: dict[str, Any], verdict: str) -> None:
    assert _decide("run", "shell", arguments, allow=["shell(git *)"]).verdict == verdict


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ({"allow": ["fetch(example.org)"]}, "allowed"),
        ({"allow": ["fetch(https://*)"]}, "denied"),
        ({"allow": ["fetch"], "deny": ["fetch(*.org)"]}, "denied"),
        ({"allow": ["fetch"], "deny": ["fetch(*secret*)"]}, "denied"),
        ({"allow": ["fetch"], "ask": ["fetch(example.*)"]}, "ask"),
    ],
)
def test_a_call_is_allowed_by_its_resource_alone_and_stopped_by_any_text(rules: dict[str, Any], verdict: str) -> None:
    arguments = {"url": "https://example.org/secret"}
    assert _decide("run", "fetch", arguments, resource="example.org", **rules).verdict == verdict


def test_one_argument_is_enough_to_deny() -> None:
    arguments = {"a": "fine", "b": {"c": ["rm -rf /"]}}
    assert _decide("none", "shell", arguments, deny=["shell(rm *)"], allow=["shell"], yes=True).verdict == "denied"


PATTERNS = st.lists(
    st.sampled_from(["*", "web_*", "web_fetch", "shell", "web_fetch(*)", "web_fetch(x*)", "(", ")", ""]), max_size=3
)


@given(
    st.sampled_from(["none", "read", "network", "write", "run", "unknown"]), PATTERNS, PATTERNS, PATTERNS, st.booleans()
)
def test_deny_always_wins(effect: Effect, allow: list[str], ask: list[str], deny: list[str], yes: bool) -> None:
    decided = _decide(effect, arguments={"url": "x"}, allow=allow, ask=ask, deny=deny, yes=yes)
    assert decided.by
    if {"*", "web_*", "web_fetch", "web_fetch(*)", "web_fetch(x*)"} & set(deny):
        assert decided.verdict == "denied"
