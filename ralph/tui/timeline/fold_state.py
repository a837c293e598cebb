"""How much is seen of the blocks of a timeline."""

from __future__ import annotations

from dataclasses import replace

from ralph.core.data import Data, frozen

OUTPUT_LINES = 200
WHOLE_LINES = 3000


@frozen
class FoldState(Data):
    """What the person has chosen to see: of every block, and of single ones by their ids. `whole`: long outputs too."""

    details: bool = False
    thinking: bool = False
    whole: bool = False
    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def of(self, block: str) -> FoldState:
        """What is to be seen of one block."""
        if not (self.opened or self.closed or self.whole):
            return self  # thousands of drawings share it
        if block in self.opened:
            return FoldState(True, True, True)
        return FoldState() if block in self.closed else FoldState(self.details, self.thinking)

    @property
    def lines(self) -> int:
        """How many lines of an output are shown."""
        return WHOLE_LINES if self.whole else OUTPUT_LINES

    def open(self, block: str) -> FoldState:
        """With this block unfolded."""
        return replace(self, opened=self.opened | {block}, closed=self.closed - {block})

    def toggle(self, block: str) -> FoldState:
        """With this block folded, if anything of it is unfolded, else unfolded."""
        if not self.of(block).details and not self.of(block).thinking:
            return self.open(block)
        return replace(self, opened=self.opened - {block}, closed=self.closed | {block})
