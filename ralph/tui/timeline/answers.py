"""The drawings of an answer: a part of a finished answer, or a streaming answer."""

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
    """Return the renderer of answers. The first answer imports the parser (19 ms)."""
    from ralph.tui.markdown.strips import Markdown

    return Markdown(brush)


@frozen
class AnswerDrawing(Data):
    """A part of a finished answer."""

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
    """A streaming answer. It equals only itself, and is drawn again after each flush."""

    def __init__(self, text: str = "", block: str = "") -> None:
        self.place = Target(turn_of(block), "answer", block)
        self._text = [text] if text else []
        self._doc: StreamDoc | None = None
        self._same: int | None = None
        self.dirty = True

    @property
    def text(self) -> str:
        """The text that has come so far."""
        return "".join(self._text)

    def feed(self, text: str) -> None:
        self._text.append(text)
        self.dirty = True
        if self._doc:
            self._doc.feed(text)

    def guess(self, width: int) -> int:
        return len(self._doc.lines) if self._doc else 0

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        """Draw the text that came since the last call, or the whole text at another width or theme."""
        doc = self._doc
        if doc is None or doc.width != width or doc.markdown.brush is not brush:
            from ralph.tui.markdown.stream_doc import StreamDoc  # a late import with the parser: 19 ms

            doc = self._doc = StreamDoc(markdown(brush), width, INDENT)
            doc.feed("".join(self._text))
            self._same = 0
        doc.render()
        self.dirty = False
        self._same = doc.same if self._same is None else min(self._same, doc.same)
        return doc.lines

    def same(self) -> int:
        """Return how many first lines have not changed since the last call."""
        same, self._same = self._same or 0, None
        return same
