"""An answer in the timeline: a part of one that has ended, or one that is still coming."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.log.ids import turn_of
from ralph.tui.brush import Brush
from ralph.tui.markdown.parts import Part
from ralph.tui.timeline.layout import INDENT
from ralph.tui.timeline.targets import Target

if TYPE_CHECKING:
    from ralph.tui.markdown.stream_doc import StreamDoc
    from ralph.tui.markdown.strips import Markdown


def markdown(brush: Brush) -> Markdown:
    """The renderer of answers; its parser is imported when the first one is drawn (19 ms)."""
    from ralph.tui.markdown.strips import Markdown

    return Markdown(brush)


@frozen
class AnswerDrawing(Data):
    """A part of an answer."""

    part: Part
    block: str = ""

    @property
    def place(self) -> Target:
        return Target(turn_of(self.block), "answer", self.block)

    def guess(self, width: int) -> int:
        return self.part.lines(width - len(INDENT))

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        leaves, references = self.part.leaves()
        return brush.prefix(markdown(brush).leaves(leaves, width - len(INDENT), references), (INDENT, ""))


class LiveDrawing:
    """An answer that is still coming: equal only to itself, drawn again after each flush."""

    def __init__(self, text: str = "", block: str = "") -> None:
        self.place = Target(turn_of(block), "answer", block)
        self._text = [text] if text else []
        self._doc: StreamDoc | None = None
        self._same: int | None = None
        self.dirty = True

    @property
    def text(self) -> str:
        """What has come so far."""
        return "".join(self._text)

    def feed(self, text: str) -> None:
        self._text.append(text)
        self.dirty = True
        if self._doc:
            self._doc.feed(text)

    def guess(self, width: int) -> int:
        return len(self._doc.lines) if self._doc else 0

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        """Another width or theme starts the document anew; else only what came since is drawn."""
        doc = self._doc
        if doc is None or doc.width != width or doc.markdown.brush is not brush:
            from ralph.tui.markdown.stream_doc import StreamDoc  # with the parser: 19 ms, for the first answer only

            doc = self._doc = StreamDoc(markdown(brush), width, INDENT)
            doc.feed("".join(self._text))
            self._same = 0
        doc.render()
        self.dirty = False
        self._same = doc.same if self._same is None else min(self._same, doc.same)
        return doc.lines

    def same(self) -> int:
        """How many of its first lines are what they were when this was last asked."""
        same, self._same = self._same or 0, None
        return same
