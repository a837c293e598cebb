"""Whether a rule is about a call: an allow rule has to cover all of it, a deny or ask rule a part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ralph.core.llm.consent import CallFacts
from ralph.tools.consent.hosts import covers_url, touches_url
from ralph.tools.consent.paths import covers_path, touches_path
from ralph.tools.consent.programs import find_signs
from ralph.tools.consent.reach import reaches
from ralph.tools.consent.rule import ToolRule
from ralph.tools.consent.simple_line import read_simple


def covers(rule: ToolRule, facts: CallFacts, root: Path) -> bool:  # noqa: PLR0911 - one case an effect
    """Return whether an allow rule covers the whole call."""
    if not rule.names(facts.name):
        return False
    if rule.resource is None:
        return _covers_every_call(facts)
    match facts.effect, facts.resource:
        case (("read" | "write"), str(path)) if path:
            return covers_path(rule.resource, path, root)
        case "network", str(url) if url:
            return covers_url(rule.resource, url)
        case "run", str(line) if line:
            words = read_simple(line)
            return words is not None and _covers_argv(rule, words, _stdin(facts))
        case "run", (_, *_) as argv:
            return _covers_argv(rule, argv, _stdin(facts))
        case _:
            return False


def touches(rule: ToolRule, facts: CallFacts, root: Path) -> bool:
    """Return whether a deny or ask rule is about the call, or may be."""
    if not rule.names(facts.name):
        return False
    if rule.resource is None:
        return True
    match facts.effect, facts.resource:
        case (("read" | "write"), str(path)) if path:
            return touches_path(rule.resource, path, root)
        case "network", str(url) if url:
            return touches_url(rule.resource, url)
        case "run", resource if resource:
            tokens = rule.tokens
            return tokens is None or reaches(tokens, resource, _stdin(facts))
        case _:
            return False


def is_blind(rule: ToolRule, facts: CallFacts) -> bool:
    """Return whether the rule is about some calls of this tool, and this call does not say what it uses."""
    acts = facts.effect in ("write", "network", "run", "unknown")
    return acts and not facts.resource and rule.resource is not None and rule.names(facts.name)


def _covers_every_call(facts: CallFacts) -> bool:
    """Return whether a rule without a resource covers the call: a shell line still has to be one simple command, and
    not one that holds another."""
    if facts.effect != "run" or not isinstance(facts.resource, str) or not facts.resource:
        return True
    words = read_simple(facts.resource)
    return words is not None and not find_signs(words, words)


def _covers_argv(rule: ToolRule, argv: Sequence[str], stdin: str) -> bool:
    """Return whether the argv begins with the tokens of the rule, or is the whole of them."""
    tokens = rule.tokens
    if not tokens or "/" in tokens[0] or "\\" in tokens[0] or tuple(argv[: len(tokens)]) != tokens:
        return False
    signs = find_signs(argv, tokens)
    if signs and stdin:
        return False
    return len(argv) == len(tokens) or not signs


def _stdin(facts: CallFacts) -> str:
    given = facts.arguments.get("stdin")
    return given if isinstance(given, str) else ""
