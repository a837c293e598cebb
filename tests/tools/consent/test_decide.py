"""The order of what decides: deny, dry run, outside content, sandbox, grants, ask, allow, the effect."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ralph.config.rule_settings import RuleSetting
from ralph.core.llm.consent import Decision, Taint
from ralph.core.llm.tool import EFFECTS, Effect
from ralph.tools.consent.decide import NO_SANDBOX
from ralph.tools.consent.reach import reaches
from ralph.tools.consent.rule import UnreadableRule, read_rule
from tests.tools.consent.judge import judge, run, shell

PAGE = Taint(("example.com since 1.3c1",), private=True)


@pytest.mark.parametrize(
    ("effect", "verdict", "with_yes"),
    [
        ("none", "allowed", "allowed"), ("read", "allowed", "allowed"), ("network", "ask", "allowed"),
        ("write", "ask", "allowed"), ("unknown", "ask", "allowed"), ("run", "ask", "ask"),
    ],
)  # fmt: skip
def test_the_effect_decides(effect: Effect, verdict: str, with_yes: str) -> None:
    decision = judge(effect, "tool")
    assert (decision.verdict, decision.by, decision.scope) == (verdict, f"effect {effect}", "builtin")
    assert judge(effect, "tool", yes=True).verdict == with_yes


@pytest.mark.parametrize(
    ("effect", "rules", "verdict", "by", "scope"),
    [
        ("network", {"allow": ["web_*"]}, "allowed", "tools.allow: web_*", "config"),
        ("none", {"deny": ["*"], "yes": True, "allow": ["*"]}, "denied", "tools.deny: *", "config"),
        ("none", {"ask": ["web_fetch"]}, "ask", "tools.ask: web_fetch", "config"),
        ("none", {"ask": ["web_fetch"], "allow": ["*"]}, "ask", "tools.ask: web_fetch", "config"),
        ("network", {"ask": ["web_fetch"], "yes": True}, "allowed", "--yes", "headless"),
        ("run", {"ask": ["web_fetch"], "yes": True}, "ask", "tools.ask: web_fetch", "config"),
        ("run", {"ask": ["*"], "allow": ["web_fetch"], "yes": True}, "allowed", "--yes", "headless"),
        ("network", {"allow": ["WEB_*"]}, "ask", "effect network", "builtin"),
        ("write", {"dry": True, "allow": ["*"], "yes": True}, "denied", "dry run", "headless"),
        ("unknown", {"dry": True}, "denied", "dry run", "headless"),
        ("read", {"dry": True}, "allowed", "effect read", "builtin"),
        ("write", {"ask": ["*"], "grants": ["*"]}, "allowed", "your answer always: *", "always"),
        ("write", {"deny": ["*"], "grants": ["*"]}, "denied", "tools.deny: *", "config"),
    ],
)
def test_rules_overrule_the_effect(effect: Effect, rules: dict[str, Any], verdict: str, by: str, scope: str) -> None:
    decision = judge(effect, "web_fetch", **rules)
    assert (decision.verdict, decision.by, decision.scope) == (verdict, by, scope)


@pytest.mark.parametrize("effect", ["write", "run", "unknown", "network"])
@pytest.mark.parametrize("given", [{"allow": ["tool"]}, {"grants": ["tool"]}, {"yes": True}], ids=str)
def test_outside_content_asks_whatever_allows_the_call(effect: Effect, given: dict[str, Any]) -> None:
    decision = judge(effect, "tool", taint=PAGE, **given)
    assert (decision.verdict, decision.always) == ("ask", "")
    assert decision.by == "outside content: example.com is in the context since 1.3c1"
    assert judge(effect, "tool", taint=PAGE, deny=["tool"], **given).verdict == "denied"
    assert judge(effect, "tool", taint=PAGE, tainted="allow", **{"allow": ["tool"], **given}).verdict == "allowed"


def test_outside_content_alone_stops_no_reading_and_no_fetching() -> None:
    seen = Taint(PAGE.sources)
    assert judge("read", "files", taint=PAGE).verdict == "allowed"
    assert judge("network", "web_fetch", taint=seen, allow=["web_fetch"]).verdict == "allowed"
    many = Taint(("a.org since 1.3c1", "b.org since 2.3c1"), private=True)
    assert judge("write", "w", taint=many).by == "outside content: a.org is in the context since 1.3c1, and 1 more"


def test_without_a_sandbox_every_program_asks_each_time() -> None:
    for rules in ({"allow": ["run"]}, {"grants": ["run(ls)"]}, {"yes": True, "allow": ["run"]}):
        decision = run("ls", rung="none", **rules)
        assert (decision.verdict, decision.by, decision.always) == ("ask", NO_SANDBOX, "")
    assert run("ls", rung="none", allow=["run"], needs_sandbox=False).verdict == "allowed"
    assert run("ls", rung="bwrap", allow=["run"]).verdict == "allowed"
    assert judge("write", "write_file", rung="none", allow=["write_file"]).verdict == "allowed"


def test_the_network_is_let_in_by_a_mapping_rule() -> None:
    online = RuleSetting("run(npm install)", network=True)
    assert run("npm", "install", allow=["run(npm install)"]) == Decision(
        "allowed", "tools.allow: run(npm install)", "config", "run(npm install)"
    )
    assert run("npm", "install", allow=["run(npm install)", online]).network
    assert run("npm", "install", ask=[online]).network
    assert not run("npm", "test", allow=["run", online]).network


def test_a_call_that_does_not_say_what_it_uses_asks_where_some_are_denied() -> None:
    rules = {"allow": ["tool"], "deny": ["tool(secret/**)"]}
    assert judge("write", "tool", "a", **rules).verdict == "allowed"
    assert judge("write", "tool", "", **rules).verdict == "ask"


@pytest.mark.parametrize("text", ["", "(", "()", "a b", "run(", "run()", "run(git", "run)(x", "run(x)y", "a(b)c(d"])
def test_what_is_no_rule_says_so_and_as_a_denial_stops_its_tool(text: str) -> None:
    with pytest.raises(UnreadableRule):
        read_rule(text)
    assert run("git", allow=[text]).verdict == "ask"
    if text.startswith("run("):
        assert run("git", allow=["run"], deny=[text]).verdict == "denied"


PROGRAMS = st.sampled_from(["rm", "curl", "git", "ls", "python", "sh", "env"])
GLUE = st.sampled_from([" ", "; ", " && ", " | ", "\n", " $(", " `", "'", '"', "\\", ")", "(", "{", "}", ">", " -c ",
                        " <<E\n", "\nE\n", "=", " --", "$x", "*", "#", "é", "\u202e", "\x00"])  # fmt: skip
LINES = st.lists(st.one_of(PROGRAMS, GLUE), max_size=14).map("".join)
RULES = st.lists(
    st.sampled_from(["*", "shell", "shell(rm)", "shell(git *)", "shell(*)", "shell(ls)", "shell(sh -c rm)", "sh*(env)",
                     "shell(", "run(rm)", "shell('a)"]), max_size=3)  # fmt: skip


@given(LINES, RULES, RULES, RULES, RULES, st.booleans())
@settings(max_examples=400, deadline=None)
def test_deny_beats_all_and_more_allow_rules_never_free_it(
    line: str, allow: list[str], ask: list[str], deny: list[str], grants: list[str], yes: bool
) -> None:
    strict = shell(line, deny=deny)
    assert strict.by
    decision = shell(line, allow=allow, ask=ask, deny=deny, grants=grants, yes=yes)
    assert (decision.verdict == "denied") is (strict.verdict == "denied")
    if decision.verdict == "allowed" and line:
        assert not any(sign in line for sign in ";&|<>$`(){}*?~\\\n")


@given(st.one_of(st.text(max_size=60), LINES), st.lists(st.text(max_size=8), max_size=4))
@settings(max_examples=400, deadline=None)
def test_no_text_makes_the_readers_fail(text: str, argv: list[str]) -> None:
    assert reaches(("rm",), text) in (True, False)
    assert reaches(("rm",), argv) in (True, False)
    for effect in EFFECTS:
        for resource in (text, tuple(argv)):
            rules = {"allow": ["t(src/**)", "t(rm)", f"t({text})"], "deny": [f"t({text[:5]})"], "ask": ["t(x)"]}
            assert judge(effect, "t", resource, **rules).by


@given(PROGRAMS, st.lists(st.sampled_from(["rm", "-c", "x", "--", "sh", "env", "A=1", "-n"]), max_size=5))
@settings(max_examples=200, deadline=None)
def test_no_argv_with_a_denied_program_behind_a_starter_is_allowed(program: str, rest: list[str]) -> None:
    argv = (program, *rest)
    decision = run(*argv, allow=["run", "run(*)"], deny=["run(rm)"], yes=True)
    if program == "rm" or (program in ("env", "sh", "python") and "rm" in rest):
        assert decision.verdict == "denied"
