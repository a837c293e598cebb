"""The ids of a turn's blocks, counted in the order of the steps, whichever step begins first."""

from __future__ import annotations

from ralph.core.log import ids
from ralph.core.log.events import BlockKind


class BlockIds:
    """The counter of one turn. Speculation opens format early, so the ids of earlier steps are reserved first."""

    def __init__(self, turn: int) -> None:
        self._turn = turn
        self._last = 0
        self._reserved: list[tuple[BlockKind, str]] = []

    def reserve(self, *kinds: BlockKind) -> None:
        """Reserve the next ids for the next blocks of these kinds, in this order."""
        self._reserved += [(kind, self._next()) for kind in kinds]

    def take(self, kind: BlockKind) -> str:
        """Return the id of a block that begins now."""
        for one in self._reserved:
            if one[0] == kind:
                self._reserved.remove(one)
                return one[1]
        return self._next()

    def _next(self) -> str:
        self._last += 1
        return ids.block_id(self._turn, self._last)
