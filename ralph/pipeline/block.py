"""An open block of a running turn: it starts, streams, and finishes exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any

from ralph.core.errors import ErrorInfo, Failure, Kind
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Channel, Piece, Restart
from ralph.core.llm.usage import total_cost, total_usage
from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.recording import Recorder

CANCELLED = ErrorInfo(Kind.CANCELLED, "stopped; what had arrived was kept")


class OpenBlock:
    """An open block, as a context manager: `__exit__` emits the finish, so that no path leaves the block open.

    A failure finishes the block as `failed` and is raised to the turn; a cancel finishes the block as `cancelled`.
    The block is an `AttemptScope`: the gateway numbers its attempts here and leaves their finishes.
    """

    def __init__(
        self, recorder: Recorder, block: str, kind: ev.BlockKind, title: str = "", *, kept_from: str | None = None
    ) -> None:
        self.block = block
        self.kind: ev.BlockKind = kind
        self.status: ev.Status = "ok"
        self.reason: str | None = None
        self.error: ErrorInfo | None = None
        self.data: Mapping[str, Any] = {}
        self.attempts: list[ev.AttemptFinished] = []
        self.chosen: tuple[ModelRef, str] | None = None
        self._recorder = recorder
        self._title = title
        self._kept_from = kept_from
        self._text: dict[str, list[str]] = {"text": [], "thinking": []}
        self._began = 0.0
        self.discarding = False
        self.refusal: Failure | None = None
        self.held_ms: float | None = None
        self.waited: dict[str, float] = {}
        self._numbered = 0
        self._calls = 0

    def __enter__(self) -> OpenBlock:
        self._began = self._recorder.measure_ms()
        self._recorder.emit(ev.BlockStarted(self.block, self.kind, self._title, copied_from=self._kept_from))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.status, self.error = _ending(error)
        self._recorder.emit(
            ev.BlockFinished(
                self.block,
                self.status,
                reason=self.reason,
                partial=self.status in ("failed", "cancelled") and bool(self.text),
                text=self.text,
                thinking=self.thinking,
                usage=total_usage(a.usage for a in self.attempts),
                cost=total_cost(a.cost for a in self.attempts),
                ttft_ms=self.attempts[-1].ttft_ms if self.attempts else None,
                duration_ms=self._now(),
                error=self.error,
                data={**self.data, **self._choice()},
                waited=dict(self.waited),
            )
        )

    def _choice(self) -> Mapping[str, Any]:
        """Return the model chosen for this step and the reason, if a model was asked."""
        if not self.chosen or not self.attempts:
            return {}
        ref, reason = self.chosen
        return {"chosen": {"model": str(replace(ref, model=ref.model or self.attempts[0].model)), "reason": reason}}

    @property
    def text(self) -> str:
        return "".join(self._text["text"])

    @property
    def thinking(self) -> str:
        return "".join(self._text["thinking"])

    def say(self, text: str) -> None:
        """Set the text of a block that was not streamed."""
        self._text["text"].append(text)

    def put(self, channel: Channel, text: str) -> None:
        """Add a live piece to this block; an empty piece is ignored."""
        if not text:
            return
        ms = self._now()
        kept = self._text.get(channel)
        if kept is not None:
            kept.append(text)
        self._recorder.delta(self.block, channel, ms, text)

    def take(self, item: Piece | Restart) -> None:
        """Take a piece, or a restart, which voids the earlier pieces."""
        if isinstance(item, Piece):
            self.put(item.channel, item.text)
        else:
            self.restart()

    def release(self) -> None:
        """Show the text that was held back. The time is recorded, also on a running attempt."""
        self.held_ms = self._now()
        self.data = {**self.data, "held_ms": self.held_ms}

    def restart(self) -> None:
        """Drop the streamed text; the stored deltas record this too."""
        for channel in ("text", "thinking"):
            if self._text[channel]:
                self._text[channel].clear()
                self._recorder.delta(self.block, channel, self._now(), "", restart=True)

    def skip(self, reason: str) -> None:
        self.status, self.reason = "skipped", reason

    def fail(self, error: ErrorInfo) -> None:
        """Finish the block as failed while the turn continues."""
        self.status, self.error = "failed", error

    def next_attempt(self) -> str:
        self._numbered += 1
        return ids.attempt_id(self.block, self._numbered)

    def add_attempt(self, finish: ev.AttemptFinished) -> None:
        self.attempts.append(finish)

    def next_call(self) -> str:
        self._calls += 1
        return ids.call_id(self.block, self._calls)

    def _now(self) -> float:
        return round(self._recorder.measure_ms() - self._began, 3)


def _ending(error: BaseException) -> tuple[ev.Status, ErrorInfo]:
    if isinstance(error, asyncio.CancelledError):
        return "cancelled", CANCELLED
    if isinstance(error, Failure):
        return "failed", error.info
    return "failed", ErrorInfo(Kind.INTERNAL, f"ralph hit a bug: {error!r}; please report it, with the log")
