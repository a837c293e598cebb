"""The words that say how a provider is connected from within ralph."""

from __future__ import annotations

from ralph.core.ports.discovery import NEIGHBOURS
from ralph.core.ports.rows import ProviderRow

SERVERS = {server.name: server for server in NEIGHBOURS}


def how_to_connect(row: ProviderRow) -> str:
    """Return how to connect a provider that is not connected: by `/connect` first, where that command can do it."""
    if "export " in row.why:
        return f"/connect {row.name}, or {row.why}"
    return f"{row.why}, then /connect {row.name}" if row.name in SERVERS else row.why


def describe_state(row: ProviderRow) -> str:
    """Return why a provider is connected, or how to connect it."""
    return row.why if row.configured else how_to_connect(row)
