"""Plays a stored timeline's own streams: the same answers at the same pace, without any request."""

from __future__ import annotations

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec


def _open(settings: ProviderSettings) -> Provider:
    from ralph.providers._timeline_player import Stored  # late: the offer alone needs no player

    return Stored(settings)


PROVIDER = ProviderSpec(
    open=_open,
    summary="plays the streams of a stored timeline again",
    local=True,
    free=True,
    connect="ralph -m timeline:ID",
    order=910,
)
