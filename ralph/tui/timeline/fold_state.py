"""The fold state of the blocks of a timeline."""

from __future__ import annotations

from dataclasses import replace

from ralph.core.data import Data, frozen

OUTPUT_LINES = 200
WHOLE_LINES = 3000


@frozen
class FoldState(Data):
    """The choices of the person: for every block, and for single blocks by id. `whole` shows all of long outputs."""

    details: bool = False
    thinking: bool = False
    whole: bool = False
    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def of(self, block: str) -> FoldState:
        """Return the state of one block."""
        if not (self.opened or self.closed or self.whole):
            return self  # thousands of drawings share this object
        if block in self.opened:
            return FoldState(True, True, True)
        return FoldState() if block in self.closed else FoldState(self.details, self.thinking)

    @property
    def lines(self) -> int:
        """The most lines of an output."""
        return WHOLE_LINES if self.whole else OUTPUT_LINES

    def open(self, block: str) -> FoldState:
        """Return the state with this block unfolded."""
        return replace(self, opened=self.opened | {block}, closed=self.closed - {block})

    def toggle(self, block: str) -> FoldState:
        """Return the state with this block folded, or unfolded if it was wholly folded."""
        if not self.of(block).details and not self.of(block).thinking:
            return self.open(block)
        return replace(self, opened=self.opened - {block}, closed=self.closed | {block})
