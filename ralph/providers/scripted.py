"""Plays a file of answers with given timings: for demos, snapshots and tests."""

from __future__ import annotations

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec


def _open(settings: ProviderSettings) -> Provider:
    from ralph.providers._scripted_player import Scripted  # late: the offer alone needs no player

    return Scripted(settings)


PROVIDER = ProviderSpec(
    open=_open,
    summary="plays a file of answers with given timings",
    local=True,
    free=True,
    connect="ralph -m scripted:answers.yaml",
    order=900,
)
