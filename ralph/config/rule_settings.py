"""The rules of `tools:` as written: a text, or a mapping with examples."""

from __future__ import annotations

from ralph.core.data import Data, frozen

Example = str | tuple[str, ...]
"""An example of a rule: a shell line, path or URL (a text), or an argv (a tuple)."""


@frozen
class RuleSetting(Data):
    """A rule of `tools.allow`, `tools.ask` or `tools.deny`."""

    rule: str
    """`NAME`, or `NAME(RESOURCE)`."""
    match: tuple[Example, ...] = ()
    """Calls that the rule is about; `ralph config check` tries them."""
    not_match: tuple[Example, ...] = ()
    """Calls that the rule is not about; `ralph config check` tries them."""
    network: bool = False
    """Whether a program that the rule allows may use the network."""
    line: int = 0
    """The line in the file; 0 for a rule from elsewhere."""


def text_of(rule: str | RuleSetting) -> str:
    """Return the rule without its examples."""
    return rule if isinstance(rule, str) else rule.rule
