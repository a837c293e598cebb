"""What was pasted names no files: the @ of a paste is told from one that was typed, whatever becomes of the text."""

from __future__ import annotations

import re

from textual.document._document import EditResult, Location
from textual.document._edit import Edit
from textual.widgets import TextArea

# Stands for the @ of a paste wherever the text is kept, but never where it is shown or sent. It is one of the
# noncharacters, which Unicode leaves to programs: https://www.unicode.org/faq/private_use.html#nonchar4
SIGN = "\ufdd0"
Signs = frozenset[Location]
NONE: Signs = frozenset()


def sign(text: str) -> str:
    """As it is kept when it comes by a paste."""
    return text.replace("@", SIGN)


def plain(text: str) -> str:
    """As it is shown and sent."""
    return text.replace(SIGN, "@")


def again(text: str, before: str) -> str:
    """`text` as somebody made it of `before` where no signs can be: words that were pasted are so still."""
    if text == plain(before):
        return text if SIGN not in before else before
    words = before.split()
    came = {plain(word): word for word in words if SIGN in word}
    for word in words:
        came.pop(word, None)
    return re.sub(r"\S*@\S*", lambda found: came.get(found[0], found[0]), text) if came else text


def signs(text: str, at: Location = (0, 0)) -> Signs:
    """Where the signs of a text come to stand that begins at this place."""
    if SIGN not in text:
        return NONE
    row, column = at
    return frozenset(
        (row + n, found.start() + (0 if n else column))
        for n, line in enumerate(text.split("\n"))
        for found in re.finditer(SIGN, line)
    )


class SignedEdit(Edit):
    """An edit of an area that knows the places of its signs: they move with the text, also by undo and redo."""

    def __init__(self, edit: Edit, area: SignedArea) -> None:
        super().__init__(plain(edit.text), edit.from_location, edit.to_location, edit.maintain_selection_offset)
        self._new = signs(edit.text, self.top)
        self._before = NONE
        self._area = area

    def do(self, text_area: TextArea, record_selection: bool = True) -> EditResult:
        self._before = self._area.signs
        result = super().do(text_area, record_selection)
        if self._before or self._new:
            self._area.signs = self._new | _move(self._before, self.top, self.bottom, result.end_location)
        return result

    def undo(self, text_area: TextArea) -> EditResult:
        self._area.signs = self._before
        return super().undo(text_area)


class SignedArea(TextArea):
    """A text area that takes text with signs and shows it without; `signed` is it with them."""

    signs: Signs = NONE

    @property
    def signed(self) -> str:
        return "\n".join(map(self.sign_line, range(self.document.line_count))) if self.signs else self.text

    def sign_line(self, row: int) -> str:
        letters = list(self.document.get_line(row))
        for at, column in self.signs:
            if at == row:
                letters[column] = SIGN
        return "".join(letters)

    def load_text(self, text: str) -> None:
        self.signs = signs(text)
        super().load_text(plain(text))

    def edit(self, edit: Edit) -> EditResult:
        return super().edit(SignedEdit(edit, self))


def _move(old: Signs, top: Location, bottom: Location, end: Location) -> Signs:
    """After what stood from `top` to `bottom` has given way to something that goes to `end`."""
    moved = {place for place in old if place < top}
    for row, column in old:
        if (row, column) >= bottom:
            across = end[1] - bottom[1] if row == bottom[0] else 0
            moved.add((row + end[0] - bottom[0], column + across))
    return frozenset(moved)
