"""The prompt: a person writes and sends messages here, and recalls earlier ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from ralph.tui import keys
from ralph.tui.prompt.history import PromptHistory
from ralph.tui.prompt.pasted import plain
from ralph.tui.prompt.token_area import TokenArea
from ralph.tui.text import WRITTEN

if TYPE_CHECKING:
    from ralph.core.clock import Clock
    from ralph.tui.prompt.completion import Completion, CompletionChoice
    from ralph.tui.prompt.vim import VimKeys

# Terminals without the kitty protocol send a plain Enter for Shift+Enter. xterm's modifyOtherKeys sends `shift+\r`.
NEWLINE_KEYS = frozenset({"shift+enter", "shift+\r", "alt+enter"})
_WORD_BEHIND = re.compile(r"\S+\s*$|\s+$")


class Prompt(TokenArea):
    """The prompt. It grows to ten rows. Enter sends; Ctrl+J, Shift+Enter, or a backslash before Enter begins a line.

    A large paste is shown as a token. A paste names no files. While `completion` is open, it gets Up, Down, Tab, Enter
    and Esc.
    """

    BINDINGS = keys.PROMPT

    class Sent(Message):
        """The person pressed Enter on a text.

        `typed` is the text with the signs of pastes. `pastes` is the start and the end of each large paste.
        """

        def __init__(self, typed: str, pastes: tuple[tuple[int, int], ...] = ()) -> None:
            super().__init__()
            self.text = plain(typed)
            self.typed = typed
            self.pastes = pastes

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, placeholder="Ask something, / for commands, @ for files")
        self.recall = PromptHistory()
        self.completion: Completion | None = None
        # Set with `ui.vim: on`.
        self.vim: VimKeys | None = None
        # The first slash or @ calls it.
        self.begin_completion: Callable[[], Completion] | None = None
        # Returns the last waiting message, which Up on an empty prompt takes first.
        self.take_back: Callable[[], str] = str

    def use_vim(self, clock: Clock, changed: Callable[[], None]) -> None:
        """Use the keys of vim. `changed` is called when the mode or the partial command changes."""
        from ralph.tui.prompt.vim import VimKeys  # a start without vim does not need it

        self.vim = VimKeys(self, clock.monotonic, changed)

    def remember(self, prompts: Iterable[str]) -> None:
        """Set the prompts that Up recalls first, oldest first."""
        self.recall.own(prompts)

    def write(self, text: str, *, made_of: str = "") -> None:
        """Replace the text, and put the cursor at its end.

        Up recalls the old text, unless the person made the new text of it (`made_of`).
        """
        made = text.strip() and made_of == self.typed
        left = self.recall.aside("" if made else self.typed, text)
        self._put(text)
        if left:
            self._tell_left()

    def _put(self, text: str) -> None:
        """Put a text into the prompt. A very long text is folded, and pasted words of an earlier prompt stay pasted."""
        self.write_folded(self.recall.recall_typed(text))
        self.move_cursor(self.document.end)

    def _tell_left(self) -> None:
        back, all_ = (
            keys.name_key(self.app, "prompt.earlier", "Up"),
            keys.name_key(self.app, "prompts.search", "Ctrl+R"),
        )
        self.app.notify(f"draft saved: {back} restores it, {all_} lists it", markup=False)

    def add_before(self, text: str) -> None:
        """Put a text before the present one, as a paragraph of its own."""
        if text:
            self.write("\n\n".join(part for part in (text, self.typed) if part.strip()))

    # These handlers do not call `super`: Textual itself calls the handler of every class in the MRO.

    async def _on_key(self, event: events.Key) -> None:
        """Run the prompt's keys at once. By way of the app, they would run after letters that were typed later."""
        if self.vim and self.vim.press(event.key, event.character):
            pass
        elif event.key == "enter":
            self._enter()
        elif event.character == "?" and not self.text:
            await self.run_action("app.open('/help')")
        elif event.key in NEWLINE_KEYS:
            self.action_newline()
        elif event.character and event.character in WRITTEN:  # Textual does not treat them as letters
            self._replace_selection(event.character)
        elif not await self._own_key(event):
            if event.key.startswith("alt+"):
                event.prevent_default()  # it is no letter
            return
        event.prevent_default()
        event.stop()

    async def _own_key(self, event: events.Key) -> bool:
        """Run the mapped binding of a key. Return whether there was one."""
        if event.is_printable and not event.key.startswith("alt+"):
            return False
        bindings = self._bindings.copy()
        bindings.apply_keymap(self.app._keymap)
        for binding in bindings.key_to_bindings.get(event.key, ()):
            if not binding.priority and await self.app.run_action(binding.action, self):
                return True
        return False

    def on_text_area_changed(self) -> None:
        self._look()

    def on_text_area_selection_changed(self) -> None:
        self._look()

    @property
    def listing(self) -> bool:
        """Whether the list of completions is open."""
        return bool(self.completion and self.completion.open)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable the keys of the list only while it is open."""
        if action in {"complete", "close_list"}:
            return self.listing
        return super().check_action(action, parameters)

    def action_newline(self) -> None:
        self._replace_selection("\n")

    def action_earlier(self) -> None:
        """Recall an earlier prompt with Up on the first row, or move the cursor up on other rows."""
        if self.completion and self.completion.open:
            self.completion.move(-1)
        elif not self.text and (waited := self.take_back()):
            self.write(waited)
        elif (
            self.navigator.is_first_wrapped_line(self.cursor_location)
            and (found := self.recall.earlier(self.typed)) is not None
        ):
            self._walk_to(found)
        else:
            self.action_cursor_up()

    def action_later(self) -> None:
        if self.completion and self.completion.open:
            self.completion.move(1)
        elif (
            self.navigator.is_last_wrapped_line(self.cursor_location)
            and (found := self.recall.later(self.typed)) is not None
        ):
            self._walk_to(found)
        else:
            self.action_cursor_down()

    def _walk_to(self, text: str) -> None:
        """Show a recalled text without a list of completions, which would take the next Up."""
        self._put(text)
        self._look()
        if self.completion:
            self.completion.leave()

    def action_complete(self) -> None:
        if self.completion and (choice := self.completion.choose()):
            self._take(choice)

    def action_close_list(self) -> None:
        if self.completion:
            self.completion.leave()

    async def action_select_up(self) -> None:
        """Select upwards, or go up to the blocks if the prompt is empty."""
        if self.text:
            self.action_cursor_up(True)
        else:
            await self.run_action("app.point")

    async def action_delete_or_quit(self) -> None:
        if self.text:
            self.action_delete_right()
        else:
            await self.run_action("app.quit")

    async def action_home(self) -> None:
        """Go to the start of the line, or of the timeline if the prompt is empty."""
        if self.text:
            self.action_cursor_line_start()
        else:
            await self.run_action("app.top")

    async def action_end(self) -> None:
        if self.text:
            self.action_cursor_line_end()
        else:
            await self.run_action("app.end")

    def action_delete_to_blank(self) -> None:
        """Delete back to a blank (Ctrl+W), as a shell does: a path or a name with hyphens is one word."""
        row, column = self.cursor_location
        found = _WORD_BEHIND.search(self.document.get_line(row)[:column])
        if not self.selection.is_empty:
            self._replace_selection("")
        elif found:
            self.delete((row, found.start()), (row, column), maintain_selection_offset=False)
        else:
            self.action_delete_left()

    def _look(self) -> None:
        row, column = self.cursor_location
        line = self.sign_line(row)
        if self.completion is None and self.begin_completion and (line.startswith("/") or "@" in line):
            self.completion = self.begin_completion()
        if self.completion:
            self.completion.look(line, column, alone=self.document.line_count == 1)

    def click_completion(self, at: int) -> None:
        """Choose the offer at this index, because it was clicked."""
        if self.completion:
            self.completion.point(at)
            self.action_complete()
            self.focus()

    def end_completion(self) -> None:
        """Drop the completion, because its offers belong to the timeline that is left."""
        if self.completion:
            self.completion.close()
            self.completion = None

    def _take(self, choice: CompletionChoice, *, send: bool = False) -> None:
        row, _ = self.cursor_location
        self.replace(choice.text, (row, choice.start), (row, choice.end), maintain_selection_offset=False)
        if send:
            self._send()

    def _enter(self) -> None:
        self._look()
        choice = self.completion.enter() if self.completion else None
        row, column = self.cursor_location
        line = self.document.get_line(row)
        if choice:
            self._take(choice, send=choice.send)
        elif column and line[column - 1] == "\\":
            self.replace("\n", (row, column - 1), (row, column))
        else:
            self._send()

    def _send(self) -> None:
        typed = self.typed
        if not typed.strip():
            return
        if self.completion:
            self.completion.close()
        left, pastes = self.recall.add(typed), self.pastes
        self.empty()
        if self.vim:
            self.vim.insert()
        if left:
            self._tell_left()
        self.post_message(self.Sent(typed, pastes))
