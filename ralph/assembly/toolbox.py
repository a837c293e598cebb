"""The tools that are offered, and what may run without asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any

from ralph import registry
from ralph.config.settings import ToolSettings
from ralph.core.errors import NotFound, did_you_mean
from ralph.core.llm.tool import Decision, Effect, Tool
from ralph.core.ports.rows import Rule, ToolRow
from ralph.tools import _consent as consent


class Toolbox:
    """Offers all tools but those that are always denied. Loaded at the first turn, not before the screen."""

    def __init__(self, rules: ToolSettings, *, yes: bool) -> None:
        self._rules = rules
        self._yes = yes
        self._all: dict[str, Tool] | None = None

    def offered(self) -> Mapping[str, Tool]:
        """By name; what cannot be loaded is left out, and logged."""
        return {name: tool for name, tool in self._there().items() if self._may_run(tool)}

    def rows(self) -> tuple[ToolRow, ...]:
        """Every tool and what becomes of a call of it, also those that are not offered."""
        made = []
        for name, tool in sorted(self._there().items()):
            decision = self.decide(name, {}, tool.effect)
            made.append(ToolRow(name, tool.spec.description, tool.effect, decision.verdict, decision.by))
        return tuple(made)

    def rule(self, pattern: str, rule: Rule) -> None:
        """This rule for the pattern, and no other one for the same. Raises `NotFound` for one that fits no tool."""
        wanted = pattern.partition("(")[0].strip()
        if not any(fnmatch(name, wanted) for name in self._there()):
            hint = did_you_mean(wanted, self._there()) or f"; there are {', '.join(sorted(self._there()))}"
            raise NotFound(f"there is no tool '{wanted}'{hint}")
        words: tuple[Rule, ...] = ("allow", "ask", "deny")
        rules = {word: tuple(p for p in getattr(self._rules, word) if p != pattern) for word in words}
        self._rules = replace(self._rules, **{**rules, rule: (*rules[rule], pattern)})

    def decide(self, name: str, arguments: Mapping[str, Any], effect: Effect) -> Decision:
        """Whether this call runs, asks or is denied."""
        rules = self._rules
        return consent.decide(name, arguments, effect, allow=rules.allow, ask=rules.ask, deny=rules.deny, yes=self._yes)

    def _there(self) -> dict[str, Tool]:
        if self._all is None:
            self._all = self._load()
        return self._all

    def _load(self) -> dict[str, Tool]:
        tools: Sequence[Tool] = registry.Offers("tools")
        return {tool.spec.name: tool for tool in tools}

    def _may_run(self, tool: Tool) -> bool:
        """Not denied whatever the arguments; a rule such as `shell(git *)` allows it for some."""
        name = tool.spec.name
        for_some = any(fnmatch(name, rule.partition("(")[0]) for rule in self._rules.allow if "(" in rule)
        return for_some or self.decide(name, {}, tool.effect).verdict != "denied"
