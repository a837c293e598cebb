"""Reads lists of rules as they are written, and tries their examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ralph.config.rule_settings import Example, RuleSetting, text_of
from ralph.core.llm.consent import CallFacts, Scope
from ralph.core.llm.tool import Effect
from ralph.tools.consent.decide import PlacedRule
from ralph.tools.consent.hosts import read_host_rule
from ralph.tools.consent.matching import covers, touches
from ralph.tools.consent.rule import ToolRule, UnreadableRule, read_rule

# Returns the effect of a tool by its name; None for an unknown tool or a pattern.
EffectOf = Callable[[str], Effect | None]


def place_rules(written: Sequence[str | RuleSetting], origin: str, scope: Scope) -> tuple[PlacedRule, ...]:
    """Return the rules. One that cannot be read covers nothing, and denies or asks for its tools, or for all."""
    return tuple(_place(one, origin, scope) for one in written)


def check_rule(written: str | RuleSetting, verb: str, effect_of: EffectOf, root: Path) -> Iterator[str]:
    """Yield a sentence for each mistake of a rule in the list `tools.<verb>`, and for each example that fails."""
    try:
        rule = read_rule(written)
    except UnreadableRule as why:
        yield f"{why}"
        return
    effect = effect_of(rule.name)
    if mistake := _find_mistake(rule, verb, effect):
        yield mistake
        return
    about = covers if verb == "allow" else touches
    for examples, wanted in ((rule.match, True), (rule.not_match, False)):
        for example in examples:
            facts = _example(rule, example, effect)
            if about(rule, facts, root) is not wanted:
                shown = f"'{rule.text}' {{}} {_quote(example)}, but its example says that it {{}}"
                yield shown.format(*(("does not match", "does") if wanted else ("matches", "does not")))


def _place(written: str | RuleSetting, origin: str, scope: Scope) -> PlacedRule:
    try:
        rule = read_rule(written)
    except UnreadableRule:
        text = text_of(written).strip()
        return PlacedRule(ToolRule(text, text.partition("(")[0].strip() or "*"), origin, scope, unreadable=True)
    return PlacedRule(rule, origin, scope)


def _find_mistake(rule: ToolRule, verb: str, effect: Effect | None) -> str:  # noqa: PLR0911 - one line a mistake
    """Return why the resource can match no call of the tool; empty if it can."""
    if rule.resource is None:
        return ""
    if effect == "unknown" or "__" in rule.name:
        return f"'{rule.text}': a rule for a tool of a server takes the name only; write '{rule.name}'"
    if effect == "none":
        return f"'{rule.text}': calls of {rule.name} use no path, host or program; write '{rule.name}'"
    if effect == "network" and read_host_rule(rule.resource) is None:
        return f"'{rule.text}': the resource is a host, as docs.python.org, *.python.org or localhost:8080"
    if effect in ("read", "write") and ".." in rule.resource.split("/"):
        return f"'{rule.text}': a path has no '..', because links and '..' are resolved before it is matched"
    if effect == "run":
        if rule.tokens is None:
            return f"'{rule.text}': a quote is not closed"
        if verb == "allow" and rule.tokens and "/" in rule.tokens[0]:
            return f"'{rule.text}': an allow rule names a program, never its path"
    return ""


def _example(rule: ToolRule, example: Example, effect: Effect | None) -> CallFacts:
    if effect is None:
        run = isinstance(example, tuple) or " " in example
        effect = "run" if run else "network" if "://" in example else "write"
    return CallFacts(rule.name.replace("*", "x"), {}, effect, example)


def _quote(example: Example) -> str:
    return f"'{example}'" if isinstance(example, str) else str(list(example))
