"""The marks of pasted text: an `@` in a paste names no file, so a sign stands for it while the text is kept."""

from __future__ import annotations

import re

from textual.document._document import EditResult, Location
from textual.document._edit import Edit
from textual.widgets import TextArea

# The sign for an `@` of a paste. It is in kept text, but never in shown or sent text. It is one of the noncharacters,
# which Unicode leaves to programs: https://www.unicode.org/faq/private_use.html#nonchar4
SIGN = "\ufdd0"
Signs = frozenset[Location]
NONE: Signs = frozenset()


def sign(text: str) -> str:
    """Return a pasted text in its kept form, with signs."""
    return text.replace("@", SIGN)


def plain(text: str) -> str:
    """Return a kept text in its shown and sent form, without signs."""
    return text.replace(SIGN, "@")


def again(text: str, before: str) -> str:
    """Return `text`, an edited version of `before`, with the signs of its pasted words. The editor sees no signs."""
    if text == plain(before):
        return text if SIGN not in before else before
    words = before.split()
    came = {plain(word): word for word in words if SIGN in word}
    for word in words:
        came.pop(word, None)
    return re.sub(r"\S*@\S*", lambda found: came.get(found[0], found[0]), text) if came else text


def signs(text: str, at: Location = (0, 0)) -> Signs:
    """Return the places of the signs of a text that begins at `at`."""
    if SIGN not in text:
        return NONE
    row, column = at
    return frozenset(
        (row + n, found.start() + (0 if n else column))
        for n, line in enumerate(text.split("\n"))
        for found in re.finditer(SIGN, line)
    )


class SignedEdit(Edit):
    """An edit of a signed area. The places of the signs move with the text, also in undo and redo."""

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
    """A text area that takes text with signs and shows it without. `signed` is its text with signs."""

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
    """Return the moved signs after the text from `top` to `bottom` was replaced by a text that ends at `end`."""
    moved = {place for place in old if place < top}
    for row, column in old:
        if (row, column) >= bottom:
            across = end[1] - bottom[1] if row == bottom[0] else 0
            moved.add((row + end[0] - bottom[0], column + across))
    return frozenset(moved)
