"""The offered tools, and which calls run without a question."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch

from ralph.assembly.tool_names import check_tool_names
from ralph.assembly.tool_sources import ToolSources
from ralph.config.kept_choices import with_rules
from ralph.config.settings import ToolSettings
from ralph.core.errors import NotFound, did_you_mean
from ralph.core.llm.consent import CallFacts, Decision
from ralph.core.llm.tool import Tool
from ralph.core.ports.rows import Rule, ToolRow
from ralph.tools import _consent as consent


class Toolbox:
    """Offers all tools except those that are always denied. Loaded at the first turn, after the screen."""

    def __init__(
        self, rules: ToolSettings, sources: ToolSources, *, yes: bool, chosen: Mapping[str, str] | None = None
    ) -> None:
        """`rules` are the configured ones, `chosen` the person's own, by pattern."""
        self._configured = rules
        self._chosen = dict(chosen or {})
        self._sources = sources
        self._yes = yes

    def list_offered(self) -> Mapping[str, Tool]:
        """Return the tools by name; a tool that cannot be loaded is logged and left out."""
        return {name: tool for name, tool in self._sources.tools().items() if self._may_run(tool)}

    async def rows(self) -> tuple[ToolRow, ...]:
        """Return every tool and the verdict on its calls, including tools that are not offered."""
        await self._sources.open()
        made = []
        for name, tool in sorted(self._sources.tools().items()):
            decision = self.decide(CallFacts(name, {}, tool.effect))
            made.append(ToolRow(name, tool.spec.description, tool.effect, decision.verdict, decision.by))
        return tuple(made)

    async def check_rules(self) -> tuple[str, ...]:
        """Return a sentence for each rule that names no tool. Opens unopened sources if a rule needs it."""
        if not check_tool_names(self._rules, all_loaded=True):
            return ()
        await self._sources.open()
        return check_tool_names(self._rules, self._sources.tools(), all_loaded=True)

    def rule(self, pattern: str, rule: Rule) -> None:
        """Set the rule for the pattern, replacing its other rule. Raises `NotFound` if no tool matches."""
        wanted, there = pattern.partition("(")[0].strip(), self._sources.tools()
        if not any(fnmatch(name, wanted) for name in there):
            hint = did_you_mean(wanted, there) or f"; there are {', '.join(sorted(there))}"
            raise NotFound(f"there is no tool '{wanted}'{hint}")
        self._chosen.pop(pattern, None)
        self._chosen[pattern] = rule

    def reset(self, pattern: str = "") -> tuple[str, ...]:
        """Drop the person's rule for this pattern, or all of them; return the patterns. Raises `NotFound`."""
        if pattern and pattern not in self._chosen:
            there = f"; there are {', '.join(sorted(self._chosen))}" if self._chosen else ""
            raise NotFound(f"there is no rule of yours for '{pattern}'{there}")
        dropped = (pattern,) if pattern else tuple(self._chosen)
        for one in dropped:
            del self._chosen[one]
        return dropped

    @property
    def _rules(self) -> ToolSettings:
        return with_rules(self._configured, self._chosen)

    def decide(self, facts: CallFacts) -> Decision:
        """Return whether this call runs, asks or is denied."""
        rules = self._rules
        return consent.decide(facts, allow=rules.allow, ask=rules.ask, deny=rules.deny, yes=self._yes)

    def _may_run(self, tool: Tool) -> bool:
        """Return whether some call may run; a rule such as `shell(git *)` allows some arguments."""
        name = tool.spec.name
        for_some = any(fnmatch(name, rule.partition("(")[0]) for rule in self._rules.allow if "(" in rule)
        return for_some or self.decide(CallFacts(name, {}, tool.effect)).verdict != "denied"
