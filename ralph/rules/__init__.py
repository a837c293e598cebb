"""The built-in route rules: they find the tools that a question plainly needs, without a model."""

from ralph.rules.matching import decide, match
from ralph.rules.plan import Match, PlannedCall

__all__ = ["Match", "PlannedCall", "decide", "match"]
