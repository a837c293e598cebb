"""The prompt: where a person writes, sends, and finds what they wrote before."""

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

# Terminals without the kitty protocol send a plain Enter for Shift+Enter; xterm's modifyOtherKeys gives `shift+\r`.
NEWLINE_KEYS = frozenset({"shift+enter", "shift+\r", "alt+enter"})
_WORD_BEHIND = re.compile(r"\S+\s*$|\s+$")


class Prompt(TokenArea):
    """Grows to ten rows. Enter sends; a newline is Ctrl+J, Shift+Enter, or a backslash before Enter.

    A large paste stands in it as a token; no paste names files. While `completion` is open, Up, Down, Tab, Enter and
    Esc are its.
    """

    BINDINGS = keys.PROMPT

    class Sent(Message):
        """The person pressed Enter on some text; `typed` is it with the signs of what was pasted, and `pastes` says
        where large pastes stand in it."""

        def __init__(self, typed: str, pastes: tuple[tuple[int, int], ...] = ()) -> None:
            super().__init__()
            self.text = plain(typed)
            self.typed = typed
            self.pastes = pastes

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, placeholder="Ask something, / for commands, @ for files")
        self.recall = PromptHistory()
        self.completion: Completion | None = None
        # With `ui.vim: on`.
        self.vim: VimKeys | None = None
        # Loaded with the first slash or @.
        self.begin_completion: Callable[[], Completion] | None = None
        # What Up on an empty prompt takes before anything else.
        self.take_back: Callable[[], str] = str

    def use_vim(self, clock: Clock, changed: Callable[[], None]) -> None:
        """Take the keys of vim; `changed` is called when the mode is another."""
        from ralph.tui.prompt.vim import VimKeys  # a start without vim needs none of it

        self.vim = VimKeys(self, clock.monotonic, changed)

    def remember(self, prompts: Iterable[str]) -> None:
        """The prompts that Up finds first, oldest first."""
        self.recall.own(prompts)

    def write(self, text: str, *, made_of: str = "") -> None:
        """Replace what stands there, with the cursor behind it. Up brings back what stood there, unless the person has
        made the new text of it."""
        made = text.strip() and made_of == self.typed
        left = self.recall.aside("" if made else self.typed, text)
        self._put(text)
        if left:
            self._tell_left()

    def _put(self, text: str) -> None:
        """What is very long is folded, and what was pasted when the same was sent before is so still."""
        self.write_folded(self.recall.recall_typed(text))
        self.move_cursor(self.document.end)

    def _tell_left(self) -> None:
        back, all_ = (
            keys.name_key(self.app, "prompt.earlier", "Up"),
            keys.name_key(self.app, "prompts.search", "Ctrl+R"),
        )
        self.app.notify(f"draft saved: {back} restores it, {all_} lists it", markup=False)

    def add_before(self, text: str) -> None:
        """Before what stands there, as a paragraph of its own."""
        if text:
            self.write("\n\n".join(part for part in (text, self.typed) if part.strip()))

    # Overrides without `super`: Textual calls the handler of every class in the MRO by itself.

    async def _on_key(self, event: events.Key) -> None:
        """The prompt's keys are done at once: by way of the app they would come behind letters typed after them."""
        if self.vim and self.vim.press(event.key, event.character):
            pass
        elif event.key == "enter":
            self._enter()
        elif event.character == "?" and not self.text:
            await self.run_action("app.open('/help')")
        elif event.key in NEWLINE_KEYS:
            self.action_newline()
        elif event.character and event.character in WRITTEN:  # to Textual they are no letters
            self._replace_selection(event.character)
        elif not await self._own_key(event):
            if event.key.startswith("alt+"):
                event.prevent_default()  # it is no letter
            return
        event.prevent_default()
        event.stop()

    async def _own_key(self, event: events.Key) -> bool:
        """Whether one of our bindings, as they are mapped, took it."""
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
        """The list of completions is open."""
        return bool(self.completion and self.completion.open)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of the list are there while it is."""
        if action in {"complete", "close_list"}:
            return self.listing
        return super().check_action(action, parameters)

    def action_newline(self) -> None:
        self._replace_selection("\n")

    def action_earlier(self) -> None:
        """Up on the first row goes back in what was sent; elsewhere it moves the cursor."""
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
        """A command that was called up opens no list, which would take the next Up."""
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
        """Shift+Up selects while there is text, else it goes up to the blocks."""
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
        """Home and End are the line's while there is text, else the timeline's."""
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
        """Ctrl+W as in a shell: a path or a name with hyphens goes as one."""
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
        """The offer at this place was clicked."""
        if self.completion:
            self.completion.point(at)
            self.action_complete()
            self.focus()

    def end_completion(self) -> None:
        """What it offers is of a timeline that is left: it begins anew when it is wanted."""
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
