"""Decides about one call by rules as a person writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ralph.config.rule_settings import RuleSetting
from ralph.core.llm.consent import CallFacts, Decision, Taint
from ralph.core.llm.tool import Effect, Resource
from ralph.tools.consent.decide import Ruleset, decide
from ralph.tools.consent.read_rules import place_rules

Rules = Sequence[str | RuleSetting]


def rules(allow: Rules = (), ask: Rules = (), deny: Rules = (), grants: Rules = (), **more: Any) -> Ruleset:
    placed = {name: place_rules(given, f"tools.{name}", "config")
              for name, given in (("allow", allow), ("ask", ask), ("deny", deny))}  # fmt: skip
    more.setdefault("root", Path("/nowhere"))
    return Ruleset(**placed, grants=place_rules(grants, "your answer always", "always"), **more)


def judge(
    effect: Effect,
    name: str,
    resource: Resource = "",
    *,
    arguments: dict[str, Any] | None = None,
    taint: Taint | None = None,
    rung: Any = None,
    **given: Any,
) -> Decision:
    return decide(CallFacts(name, arguments or {}, effect, resource, taint or Taint(), rung), rules(**given))


def shell(line: str, **given: Any) -> Decision:
    return judge("run", "shell", line, **given)


def run(*argv: str, **given: Any) -> Decision:
    return judge("run", "run", argv, **given)
