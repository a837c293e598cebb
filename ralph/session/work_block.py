"""Records work between turns as a block: a start, what streams, and one finish on every path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.clock import Clock
from ralph.core.log import events as ev
from ralph.core.log.recording import Recorder
from ralph.core.masking import Hiding
from ralph.core.ports.side_work import SideWork


async def record_work(block: str, title: str, work: SideWork, recorder: Recorder, clock: Clock) -> None:
    """Do the work, with the keys of this run hidden in what it shows."""
    began, hiding = clock.monotonic(), Hiding(recorder.secrets)
    shown: list[str] = []
    status: ev.Status = "failed"
    text: str | None = None
    data: Mapping[str, Any] = {}

    def measure_ms() -> float:
        return round((clock.monotonic() - began) * 1000, 3)

    def put(piece: str) -> None:
        if piece:
            shown.append(piece)
            recorder.delta(block, "text", measure_ms(), piece)

    recorder.emit(ev.BlockStarted(block, "note", title))
    try:
        end = await work(lambda piece: put(hiding.feed(piece)))
        status, text, data = end.status, end.text, end.data
    finally:
        whole = "".join(shown) if text is None else recorder.secrets.hide(text)
        partial = status != "ok" and bool(whole)
        recorder.emit(ev.BlockFinished(block, status, partial=partial, text=whole, duration_ms=measure_ms(), data=data))
