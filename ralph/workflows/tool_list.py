"""The words for grants, which the command line and `/tools` share."""

from __future__ import annotations

from ralph.core.clock import local
from ralph.core.ports.grants import GrantRow


def describe_grant(grant: GrantRow) -> str:
    """Return the rule, how far it reaches, and since when."""
    reach = "always" if grant.timeline is None else f"in the timeline {grant.timeline}"
    since = f", since {local(grant.since)}" if grant.since else ""
    return f"{grant.rule}  {reach}{since}"
