"""A rule on tool calls, read from its text: `NAME`, or `NAME(RESOURCE)`."""

from __future__ import annotations

import re
import shlex
from fnmatch import fnmatchcase

from ralph.config.rule_settings import Example, RuleSetting
from ralph.core.data import Data, frozen

_NAME = re.compile(r"[\w*?\[\]!.:/-]+")


class UnreadableRule(ValueError):
    """The text is no rule; the message says why."""


@frozen
class ToolRule(Data):
    """A rule. `resource` is None for a rule without parentheses, which is about every call of its tools."""

    text: str
    name: str
    resource: str | None = None
    network: bool = False
    """Whether a program that the rule allows may use the network."""
    match: tuple[Example, ...] = ()
    not_match: tuple[Example, ...] = ()
    line: int = 0

    def names(self, tool: str) -> bool:
        """Return whether the rule is about this tool."""
        return fnmatchcase(tool, self.name)

    @property
    def tokens(self) -> tuple[str, ...] | None:
        """Return the resource as the first tokens of an argv; None if its quotes do not match.

        A `*` that stands alone at the end adds nothing: any tokens may follow anyway.
        """
        text = (self.resource or "").strip()
        text = text[:-1] if text == "*" or text.endswith((" *", "\t*")) else text
        try:
            return tuple(shlex.split(text))
        except ValueError:
            return None


def read_rule(written: str | RuleSetting) -> ToolRule:
    """Return the rule. Raises `UnreadableRule`."""
    setting = RuleSetting(written) if isinstance(written, str) else written
    text = setting.rule.strip()
    name, opened, inner = text.partition("(")
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise UnreadableRule(f"a rule is NAME or NAME(RESOURCE), and '{text}' begins with no name of a tool")
    if opened and not inner.endswith(")"):
        raise UnreadableRule(f"the parenthesis of '{text}' is not closed at the end of the rule")
    resource = inner[:-1].strip() if opened else None
    if resource == "":
        raise UnreadableRule(f"there is nothing between the parentheses of '{text}'; write '{name}' for every call")
    return ToolRule(text, name, resource, setting.network, tuple(setting.match), tuple(setting.not_match), setting.line)
