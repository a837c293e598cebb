"""Finds rules of `tools:` that name no tool: a misspelt rule would protect nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from ralph import registry
from ralph.config.rule_settings import RuleSetting, text_of
from ralph.config.settings import ToolSettings
from ralph.core.errors import did_you_mean
from ralph.core.llm.tool import Effect
from ralph.tools.consent.read_rules import check_rule

# A name with one of these is a pattern. Tools of a server that connects later have two underscores.
_OPEN = ("*", "?", "[", "__")


def check_tool_names(
    rules: ToolSettings, loaded: Collection[str] = (), *, all_loaded: bool = False, place: str = "tools."
) -> tuple[str, ...]:
    """Return a sentence for each rule with an unknown tool. `loaded`: the known tools in addition to the package's own.
    Until the sources of other packages have been opened (`all_loaded`), the tools that they bring are unknown. `place`
    stands before the verb: `tools.allow`, `--allow`.
    """
    built_in = registry.builtin_names("tools")
    wanted = [(rule, name) for rule, name in _names(rules) if name not in built_in and name not in loaded]
    if not wanted:
        return ()
    if registry.plugin_names("tool_sources") and not all_loaded:
        return ()
    known = {*built_in, *loaded, *registry.plugin_names("tools")}
    known.update(tool.spec.name for tool in registry.Offers("tools"))
    return tuple(
        f"{place}{rule}: there is no tool '{name}'{did_you_mean(name, known) or '; /tools lists them'}"
        for rule, name in wanted
        if name not in known
    )


def find_rule_mistakes(rules: ToolSettings, root: Path | None = None) -> tuple[str, ...]:
    """Return `:LINE: tools.RULE: why` for each rule that cannot be read, and for each of its examples that fails.

    The tools are loaded only if a rule needs their effect; those of a server have the effect `unknown`.
    """
    effects: dict[str, Effect] = {}

    def effect_of(name: str) -> Effect | None:
        if not effects:
            effects.update({tool.spec.name: tool.effect for tool in registry.Offers("tools")})
        return effects.get(name)

    return tuple(
        f"{f':{rule.line}' if isinstance(rule, RuleSetting) and rule.line else ''}: tools.{verb}: {why}"
        for verb in ("allow", "ask", "deny")
        for rule in getattr(rules, verb)
        for why in check_rule(rule, verb, effect_of, root or Path())
    )


def _names(rules: ToolSettings) -> Iterator[tuple[str, str]]:
    """Yield each rule and the tool that it names; patterns name none."""
    for rule, patterns in (("allow", rules.allow), ("ask", rules.ask), ("deny", rules.deny)):
        for pattern in patterns:
            name = text_of(pattern).partition("(")[0].strip()
            if not any(mark in name for mark in _OPEN):
                yield rule, name
