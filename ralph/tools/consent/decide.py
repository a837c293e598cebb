"""The decision on a call: rules, then outside content, the sandbox, grants, and the effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from ralph.core.data import Data, frozen
from ralph.core.llm.consent import CallFacts, Decision, Scope
from ralph.core.llm.tool import Effect
from ralph.tools.consent.always import make_rule
from ralph.tools.consent.matching import covers, is_blind, touches
from ralph.tools.consent.rule import ToolRule

DRY_RUN = "dry run"
NO_SANDBOX = "no sandbox holds programs on this machine"

_BY_EFFECT: Mapping[Effect, Literal["allowed", "ask"]] = {"none": "allowed", "read": "allowed"}


@frozen
class PlacedRule(Data):
    """A rule, and where it stands."""

    rule: ToolRule
    origin: str
    """`tools.allow`, `--allow`, `your answer always`."""
    scope: Scope
    unreadable: bool = False
    """Whether its resource could not be read: it covers nothing, and denies or asks for every call of its tools."""

    @property
    def by(self) -> str:
        return f"{self.origin}: {self.rule.text}"


@frozen
class Ruleset(Data):
    """Everything that decides about calls of one turn. `yes`: `--yes`. `dry`: only effects none and read run."""

    root: Path
    allow: tuple[PlacedRule, ...] = ()
    ask: tuple[PlacedRule, ...] = ()
    deny: tuple[PlacedRule, ...] = ()
    grants: tuple[PlacedRule, ...] = ()
    """The answers of a person that cover later calls."""
    yes: bool = False
    dry: bool = False
    tainted: Literal["ask", "allow"] = "ask"
    needs_sandbox: bool = True
    """Whether a program without a sandbox asks each time."""


def decide(facts: CallFacts, rules: Ruleset) -> Decision:  # noqa: PLR0911 - one line a reason, in their order
    """Return the decision on one call, and the reason in words.

    `deny` beats all. Outside content and a missing sandbox ask, whatever allows the call, and so does a changed
    definition, which `yes` answers. Then `ask` beats `allow`, a
    grant is the answer to both `ask` and the effect, and `yes` is the answer to every other question, except for a
    program that no rule covers.
    """
    if denied := _find(rules.deny, facts, rules.root):
        return Decision("denied", denied.by, denied.scope, denied.rule.text)
    if rules.dry and facts.effect not in ("none", "read"):
        return Decision("denied", DRY_RUN, "headless")
    allowed = _find_cover(rules.allow, facts, rules.root)
    granted = _find_cover(rules.grants, facts, rules.root)
    network = any(one.rule.network for one in (allowed, granted) if one)
    if rules.tainted == "ask" and facts.taint.stops(facts.effect):
        return Decision("ask", name_sources(facts.taint.sources), "builtin", network=network)
    if facts.effect == "run" and facts.rung == "none" and rules.needs_sandbox:
        return Decision("ask", NO_SANDBOX, "builtin", network=network)
    if facts.changed and not rules.yes:
        return Decision("ask", facts.changed, "builtin", network=network)
    if granted:
        return Decision("allowed", granted.by, granted.scope, granted.rule.text, network)
    asked = _find(rules.ask, facts, rules.root) or _find_blind((*rules.deny, *rules.ask), facts)
    if allowed and not asked:
        return Decision("allowed", allowed.by, allowed.scope, allowed.rule.text, network)
    if not asked and _BY_EFFECT.get(facts.effect) == "allowed":
        return Decision("allowed", f"effect {facts.effect}", "builtin")
    if rules.yes and (facts.effect != "run" or allowed):
        return Decision("allowed", "--yes", "headless", network=network)
    always = make_rule(facts, rules.root)
    if asked:
        network = network or asked.rule.network
        return Decision("ask", asked.by, asked.scope, asked.rule.text, network, always)
    return Decision("ask", f"effect {facts.effect}", "builtin", network=network, always=always)


def name_sources(sources: Sequence[str]) -> str:
    """Return why outside content asks: `example.com is in the context since 1.3c1`."""
    first, *rest = sources
    host, since, call = first.partition(" since ")
    more = f", and {len(rest)} more" if rest else ""
    return f"outside content: {host} is in the context{since}{call}{more}"


def _find(rules: Iterable[PlacedRule], facts: CallFacts, root: Path) -> PlacedRule | None:
    return next((r for r in rules if (r.unreadable and r.rule.names(facts.name)) or touches(r.rule, facts, root)), None)


def _find_blind(rules: Iterable[PlacedRule], facts: CallFacts) -> PlacedRule | None:
    return next((r for r in rules if is_blind(r.rule, facts)), None)


def _find_cover(rules: Iterable[PlacedRule], facts: CallFacts, root: Path) -> PlacedRule | None:
    """Return the rule that covers the call; of several, one that lets a program use the network."""
    found = [r for r in rules if not r.unreadable and covers(r.rule, facts, root)]
    return next((r for r in found if r.rule.network), found[0] if found else None)
