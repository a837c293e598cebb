"""Every provider as a screen: the connected ones, and how to connect the others. Typing narrows the rows."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._connecting import describe_state
from ralph.core.ports.rows import ProviderRow
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.screens.help import HelpScreen, Row, Section
from ralph.tui.text import one_line


class ProvidersScreen(HelpScreen):
    NAME = "Providers"


def sections(rows: Sequence[ProviderRow]) -> list[Section]:
    """Return the providers that can answer, then the others, then the commands for one of them."""
    there = [_row(row) for row in rows if row.configured or row.roles]
    others = [_row(row) for row in rows if not (row.configured or row.roles)]
    steps = [("/provider NAME use", "let its model answer"), ("/provider NAME", "all that is known of one")]
    named = [("✓ Connected", there), ("– Not connected", others), ("Then", steps)]
    return [(title, found) for title, found in named if found]


def _row(row: ProviderRow) -> Row:
    roles = f"used for {', '.join(row.roles)}" if row.roles else ""
    closed = f"paused after failures: {', '.join(row.breakers)}" if row.breakers else ""
    return row.name, " · ".join(one_line(t) for t in (describe_state(row), row.base_url, roles, closed) if t)


def screen(ports: ScreenPorts, rows: Sequence[ProviderRow] = ()) -> ProvidersScreen:  # noqa: ARG001 - as all
    """Return the screen for `show("providers", rows=…)`."""
    return ProvidersScreen(sections(rows))
