"""The offered tools, and which calls run without a question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from ralph.assembly.grant_book import GrantBook, TurnGrants
from ralph.assembly.run_rules import RunRules
from ralph.assembly.tool_names import check_tool_names
from ralph.assembly.tool_sources import ToolSources
from ralph.config.kept_choices import with_rules
from ralph.config.settings import ToolSettings
from ralph.core.clock import Clock, SystemClock, stamp
from ralph.core.errors import Failure, Kind, NotFound, did_you_mean
from ralph.core.llm.consent import CallFacts, Decision
from ralph.core.llm.tool import Effect, Tool
from ralph.core.llm.tool_output import Rung
from ralph.core.log.events import Note
from ralph.core.ports.grants import GrantRow
from ralph.core.ports.rows import Rule, ToolRow
from ralph.tools.consent.decide import PlacedRule, Ruleset, decide
from ralph.tools.consent.read_rules import check_rule, place_rules

VERBS = ("allow", "ask", "deny")


class Toolbox:
    """Offers all tools except those that are always denied. Loaded at the first turn, after the screen."""

    def __init__(
        self,
        rules: ToolSettings,
        sources: ToolSources,
        *,
        run: RunRules | None = None,
        chosen: Mapping[str, str] | None = None,
        root: Path | None = None,
        book: GrantBook | None = None,
        clock: Clock | None = None,
        find_rung: Callable[[], Rung | None] | None = None,
    ) -> None:
        """`rules` are the configured ones, `chosen` the person's own, by pattern. `find_rung` returns the sandbox that
        would hold a program."""
        run = run or RunRules()
        self.dry = run.dry
        self._configured = rules
        self._chosen = dict(chosen or {})
        self._sources = sources
        self._run = run
        self._root = root or Path()
        self._clock = clock or SystemClock()
        self._book = book or GrantBook(Path(), self._clock, save=False)
        self._find_rung = find_rung

    def list_offered(self) -> Mapping[str, Tool]:
        """Return the tools by name; a tool that cannot be loaded is logged and left out."""
        denied = [one.rule for one in self._ruleset(()).deny if one.rule.resource is None]
        return {n: tool for n, tool in self._sources.tools().items() if not any(rule.names(n) for rule in denied)}

    def news(self, timeline: str) -> tuple[Note, ...]:
        """Return the notes about sources of tools that this timeline does not have yet."""
        return self._sources.news(timeline)

    async def rows(self) -> tuple[ToolRow, ...]:
        """Return every tool and the verdict on its calls, including tools that are not offered."""
        await self._sources.open()
        if self._find_rung is not None:
            await asyncio.to_thread(self._find_rung)  # the first time it proves the sandbox
        rules = _without_resources(self._ruleset(self._book.rows_in("")))
        made = []
        for name, tool in sorted(self._sources.tools().items()):
            decision = decide(self._name_sandbox(CallFacts(name, {}, tool.effect)), rules)
            made.append(
                ToolRow(
                    name, tool.spec.description, tool.effect, decision.verdict, decision.by,
                    self._sources.source_of(name), decision.rule, decision.scope,
                )
            )  # fmt: skip
        return tuple(made)

    async def check_rules(self) -> tuple[str, ...]:
        """Return a sentence for each rule that names no tool or cannot be read. Opens unopened sources if a rule needs
        it."""
        rules = self._settings
        written = [(verb, rule) for verb in VERBS for rule in getattr(rules, verb)]
        unnamed = self._check_names(())
        if unnamed:
            await self._sources.open()
            unnamed = self._check_names(self._sources.tools())
        mistakes = [f"tools.{verb}: {why}" for verb, rule in written for why in self._check(rule, verb)]
        return (*unnamed, *mistakes)

    def rule(self, pattern: str, rule: Rule) -> None:
        """Set the rule for the pattern, replacing its other rule. Raises `NotFound` if no tool matches, and `Failure`
        for a rule that cannot be read."""
        wanted, there = pattern.partition("(")[0].strip(), self._sources.tools()
        if not any(fnmatch(name, wanted) for name in there):
            hint = did_you_mean(wanted, there) or f"; there are {', '.join(sorted(there))}"
            raise NotFound(f"there is no tool '{wanted}'{hint}")
        for mistake in check_rule(pattern, rule, self._effect_of, self._root):
            raise Failure(Kind.USAGE, mistake)
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
    def notice(self) -> str:
        """Return why the file of grants cannot be used; empty if it can."""
        return self._book.notice

    def grants(self) -> tuple[GrantRow, ...]:
        """Return the grants of every timeline that later turns can use."""
        return self._book.rows()

    def revoke(self, rule: str) -> tuple[GrantRow, ...]:
        """Remove every grant of this rule, and return them. Raises `NotFound`, and `Failure`."""
        return self._book.revoke(rule)

    @property
    def sandbox(self) -> Rung:
        """Return the sandbox that would hold a program."""
        return (self._find_rung() if self._find_rung else None) or "none"

    def for_turn(self, timeline: str) -> tuple[Callable[[CallFacts], Decision], TurnGrants]:
        """Return what decides about the calls of one turn, and its grants."""
        grants = TurnGrants(self._book, timeline, lambda: stamp(self._clock.now()))
        return lambda facts: self._decide(facts, grants.rows()), grants

    def decide(self, facts: CallFacts) -> Decision:
        """Return whether this call runs, asks or is denied, outside any timeline."""
        return self._decide(facts, self._book.rows_in(""))

    def _decide(self, facts: CallFacts, grants: Sequence[GrantRow]) -> Decision:
        facts = self._name_sandbox(facts)
        return replace(decide(facts, self._ruleset(grants)), sandbox=facts.rung)

    def _name_sandbox(self, facts: CallFacts) -> CallFacts:
        if facts.effect != "run" or facts.rung is not None or self._find_rung is None:
            return facts
        return replace(facts, rung=self._find_rung())

    @property
    def _settings(self) -> ToolSettings:
        return with_rules(self._configured, self._chosen)

    def _ruleset(self, grants: Iterable[GrantRow]) -> Ruleset:
        rules, run = self._settings, self._run
        flags = {verb: place_rules(getattr(run, verb), f"--{verb}", "headless") for verb in ("allow", "deny")}
        placed = {verb: place_rules(getattr(rules, verb), f"tools.{verb}", "config") for verb in VERBS}
        return Ruleset(
            self._root,
            allow=(*flags["allow"], *placed["allow"]),
            ask=placed["ask"],
            deny=(*flags["deny"], *placed["deny"]),
            grants=tuple(one for g in grants for one in place_rules((g.rule,), f"your answer {g.scope}", g.scope)),
            yes=run.yes,
            dry=self.dry,
            tainted=rules.tainted,
            needs_sandbox=rules.sandbox != "off",
        )

    def _check_names(self, loaded: Collection[str]) -> tuple[str, ...]:
        """Return a sentence for each rule of the settings and of the command line that names no tool."""
        flags = ToolSettings(allow=self._run.allow, deny=self._run.deny)
        return (
            *check_tool_names(self._settings, loaded, all_loaded=True),
            *check_tool_names(flags, loaded, all_loaded=True, place="--"),
        )

    def _check(self, rule: object, verb: str) -> Iterable[str]:
        """Yield the mistakes of a rule with a resource, without its examples."""
        text = getattr(rule, "rule", rule)
        return check_rule(str(text), verb, self._effect_of, self._root) if "(" in str(text) else ()

    def _effect_of(self, name: str) -> Effect | None:
        tool = self._sources.tools().get(name)
        return tool.effect if tool else None


def _without_resources(rules: Ruleset) -> Ruleset:
    """Return the rules about every call of a tool: a list shows no single call."""

    def general(placed: Iterable[PlacedRule]) -> tuple[PlacedRule, ...]:
        return tuple(one for one in placed if one.rule.resource is None)

    return replace(rules, allow=general(rules.allow), ask=general(rules.ask), deny=general(rules.deny),
                   grants=general(rules.grants), dry=False)  # fmt: skip
