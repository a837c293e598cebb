"""A text area in which a large paste stands as a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.geometry import Offset
from textual.widgets.text_area import Edit, EditResult

from ralph.tui.prompt.paste_tokens import PasteTokens
from ralph.tui.prompt.pasted import SignedArea, plain, sign
from ralph.tui.text import clean_but_tabs


class TokenArea(SignedArea):
    """A text area with tokens. A token is deleted as a whole, and nothing is inserted into it."""

    def __init__(self, *, id: str | None = None, placeholder: str = "") -> None:  # noqa: A002 - Textual's own name
        super().__init__(
            id=id,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder=placeholder,
        )
        self._folds = PasteTokens()
        self._cut = ""

    @property
    def whole(self) -> str:
        """The text with its pastes."""
        return plain(self.typed)

    @property
    def typed(self) -> str:
        """The text with its pastes, and with the signs of pasted text."""
        return self._folds.whole(self.signed)

    @property
    def pastes(self) -> tuple[tuple[int, int], ...]:
        """The start and the end of each folded paste in the whole text."""
        return self._folds.spans(self.signed)

    def write_folded(self, text: str) -> None:
        """Replace the whole text. A very long text is folded."""
        self._folds.clear()
        self.load_text(self._folds.write(clean_but_tabs(text)))

    def empty(self) -> None:
        """Forget the text and its pastes."""
        self.load_text("")
        self._folds.clear()

    # The part that the keys of vim use.

    @property
    def lines(self) -> Sequence[str]:
        return [self.document.get_line(row) for row in range(self.document.line_count)]

    @property
    def place(self) -> tuple[int, int]:
        return self.cursor_location

    def go(self, place: tuple[int, int]) -> None:
        self.move_cursor(place)

    def read(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """Return the text between two places, whole and with its signs."""
        wide = (
            self._beside_tokens(Edit("", start, end, False))
            if self._folds and start != end
            else Edit("", start, end, False)
        )
        (top, left), (bottom, right) = wide.top, wide.bottom
        rows = [self.sign_line(row) for row in range(top, bottom + 1)]
        rows[-1] = rows[-1][:right]
        rows[0] = rows[0][left:]
        return self._folds.whole("\n".join(rows))

    def take(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """Delete the text between two places, and return it whole and with its signs."""
        text = self.read(start, end)
        self.history.checkpoint()
        self.delete(start, end, maintain_selection_offset=False)
        return text

    def put(self, text: str, place: tuple[int, int]) -> None:
        """Insert a text with signs at a place, and put the cursor after it."""
        self.history.checkpoint()
        self.replace(self._folds.fold(text), place, place, maintain_selection_offset=False)

    # These handlers do not call `super`: Textual itself calls the handler of every class in the MRO.

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        self._replace_selection(self._folds.fold(sign(clean_but_tabs(text))))

    def action_cut(self) -> None:
        """Cut the selection. Typed text counts as typed where it is pasted again."""
        before = len(self.signs)
        super().action_cut()
        self._cut = self.app.clipboard if len(self.signs) == before else ""

    def action_paste(self) -> None:
        """Paste the clipboard (Ctrl+V). The clipboard may hold the text of a model."""
        text = self.app.clipboard
        if text and text == self._cut:
            self._replace_selection(text)
        else:
            self._paste(text)

    def edit(self, edit: Edit) -> EditResult:
        """Apply an edit. An edit that cuts a token takes the whole token; an insertion goes beside it.

        Control characters are removed from the inserted text.
        """
        edit = replace(edit, text=clean_but_tabs(edit.text))
        if self._folds:
            edit = self._beside_tokens(edit)
        result = super().edit(edit)
        if "\n" in edit.text:  # TextArea scrolls before it knows its new row
            self.scroll_cursor_visible()
        return result

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Scroll to the cursor, except in a row that an undo removed.

        If the undo removes the scrollbar, Textual 8.2.8 calls this while the cursor is still in that row, and would
        raise.
        """
        if self.cursor_location[0] >= self.document.line_count:
            return self.scroll_offset
        return super().scroll_cursor_visible(center, animate)

    def _beside_tokens(self, edit: Edit) -> Edit:
        (top, left), (bottom, right) = edit.top, edit.bottom
        before = self._folds.around(self.document.get_line(top), left)
        # Ctrl+X cuts a line up to the start of the next one, which may not exist.
        last = self.document.get_line(bottom) if bottom < self.document.line_count else ""
        behind = self._folds.around(last, right)
        if edit.top == edit.bottom:
            at = (top, before[1] if before else left)
            return replace(edit, from_location=at, to_location=at)
        return replace(
            edit,
            from_location=(top, before[0] if before else left),
            to_location=(bottom, behind[1] if behind else right),
        )

    def _replace_selection(self, text: str) -> None:
        start, end = self.selection
        self.replace(text, *sorted((start, end)), maintain_selection_offset=False)
