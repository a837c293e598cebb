"""The deferred parse of a long answer: the streamed text stays on the screen until a thread has parsed the whole.

The parse of 100,000 characters takes 0.1 to 0.3 s. During that time the screen would answer no key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from textual.worker import Worker

from ralph.tui.timeline.answers import AnswerDrawing, LiveDrawing
from ralph.tui.timeline.item_list import Drawing
from ralph.tui.timeline.view import TimelineView

# The parse of 20,000 characters takes about 15 ms, less than a frame.
LONG = 20_000


class DeferredParse:
    """A parser of long answers in a thread. `ripe` is called with each parsed answer and its final drawings."""

    def __init__(self, view: TimelineView, ripe: Callable[[LiveDrawing, Sequence[Drawing]], None]) -> None:
        self._view = view
        self._ripe = ripe
        self._read: set[str] = set()
        self._reading: set[str] = set()

    def close(self) -> None:
        """Forget all answers: another timeline has blocks of the same names."""
        self._read, self._reading = set(), set()

    def hold(self, made: Sequence[Drawing], live: Mapping[str, LiveDrawing]) -> list[Drawing]:
        """Return the drawings, with the parts of each unparsed long answer replaced by the live drawing of the answer.

        The live drawing also stays if the parse fails.
        """
        kept: list[Drawing] = []
        for drawing in made:
            if not (isinstance(drawing, AnswerDrawing) and drawing.block in live and self._unread(drawing)):
                kept.append(drawing)
            elif drawing.part.at == 0:
                kept.append(live[drawing.block])
                parts = [d for d in made if isinstance(d, AnswerDrawing) and d.block == drawing.block]
                self._start(live[drawing.block], parts)
        return kept

    def _unread(self, drawing: AnswerDrawing) -> bool:
        return len(drawing.part.text) > LONG and drawing.block not in self._read

    def _start(self, live: LiveDrawing, parts: Sequence[AnswerDrawing]) -> None:
        block = parts[0].block
        if block not in self._reading:
            self._reading.add(block)
            work = partial(self._ripen, live, parts, self._reading)
            _: Worker[None] = self._view.run_worker(work, exit_on_error=False)

    async def _ripen(self, live: LiveDrawing, parts: Sequence[AnswerDrawing], reading: set[str]) -> None:
        await asyncio.to_thread(parts[0].part.leaves)
        if reading is self._reading:
            self._read.add(parts[0].block)
            self._ripe(live, parts)
