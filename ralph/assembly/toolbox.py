"""The tools that are offered, and what may run without asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from typing import Any

from ralph import registry
from ralph.config.model import Tools
from ralph.core.events import Effect
from ralph.core.tool import Decision, Tool
from ralph.tools import _consent as consent


class Toolbox:
    """All tools but those that are always denied. Loaded at the first turn, not before the screen."""

    def __init__(self, rules: Tools, *, yes: bool) -> None:
        self._rules = rules
        self._yes = yes
        self._offered: dict[str, Tool] | None = None

    def offered(self) -> Mapping[str, Tool]:
        """By name; what cannot be loaded is left out, and logged."""
        if self._offered is None:
            self._offered = self._load()
        return self._offered

    def decide(self, name: str, arguments: Mapping[str, Any], effect: Effect) -> Decision:
        """Whether this call runs, asks or is denied."""
        rules = self._rules
        return consent.decide(name, arguments, effect, allow=rules.allow, ask=rules.ask, deny=rules.deny, yes=self._yes)

    def _load(self) -> dict[str, Tool]:
        tools: Sequence[Tool] = registry.Offers("tools")
        return {tool.spec.name: tool for tool in tools if self._may_run(tool)}

    def _may_run(self, tool: Tool) -> bool:
        """Not denied whatever the arguments; a rule such as `shell(git *)` allows it for some."""
        name = tool.spec.name
        for_some = any(fnmatch(name, rule.partition("(")[0]) for rule in self._rules.allow if "(" in rule)
        return for_some or self.decide(name, {}, tool.effect).verdict != "denied"
