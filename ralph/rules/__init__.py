"""The built-in route rules: which tools a question plainly needs, found without a model."""

from ralph.rules.matching import decide, match
from ralph.rules.plan import Match, PlannedCall

__all__ = ["Match", "PlannedCall", "decide", "match"]
