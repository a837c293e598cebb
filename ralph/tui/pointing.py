"""The keys on a block: what the cursor of the timeline points at is copied, folded, retried, forked, asked anew."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from textual import events
from textual.worker import Worker

from ralph.tui import keys, verbs
from ralph.tui.reading import ReadingApp
from ralph.tui.widgets.block_view import BlockView
from ralph.tui.widgets.places import Place
from ralph.tui.widgets.prompt import Prompt
from ralph.tui.widgets.status import KeyLine


class PointingApp(ReadingApp):
    """An app whose timeline has a block cursor; the bottom line tells what can be done with the block."""

    view: BlockView
    prompt: Prompt
    action_command: Callable[[str], None]
    write: Callable[[str], None]
    choose: Callable[[str, Sequence[tuple[str, str]]], Coroutine[Any, Any, str | None]]

    def action_point(self) -> None:
        """From the prompt up to the blocks."""
        if not self.view.enter():
            self.notify("there is no block yet")

    def action_block(self, verb: str) -> None:
        """Do this with what the cursor points at."""
        place = self.view.place
        if place is None:
            self.notify("no block is chosen")
            return
        match verb:
            case "copy":
                self._copy(place)
            case "fold" | "waterfall":
                self._fold(place, verb)
            case "menu":
                _: Worker[None] = self.run_worker(self._menu, exit_on_error=False)
            case "edit":
                self._edit(place)
            case _:
                self._send(place, verb)

    def on_block_view_pointed(self) -> None:
        self.show_keys()

    def on_block_view_left(self, event: BlockView.Left) -> None:
        self.prompt.focus()
        if event.typed:
            self.prompt.insert(event.typed)
        if event.pasted:
            self.prompt.post_message(events.Paste(event.pasted))

    def on_text_area_changed(self) -> None:
        """Who writes means no block any more."""
        if not self.view.has_focus and self.prompt.text:
            self.view.forget_cursor()

    def show_keys(self) -> None:
        """The bottom line: keys of the prompt, or of the block that the cursor points at."""
        line = self._keyline
        if self.view.has_focus:
            line.show(keys.marking(self) if self.view.marking else keys.pointing(self))
        else:
            line.show(keys.footer(self, pointed=self.view.place is not None))

    @property
    def _keyline(self) -> KeyLine:
        return self.view.screen.query_one(KeyLine)

    def _copy(self, place: Place) -> None:
        selected = self.view.screen.get_selected_text()
        if selected:
            what, text = "marked lines", selected
            self.view.action_leave() if self.view.marking else self.view.screen.clear_selection()
        elif place.part == "said":
            what, text = "words of ralph", self.view.source()
        else:
            what, text = verbs.copied(self.conversation.timeline(), place)
        if text.strip():
            self.copy_to_clipboard(text)
            self.notify(f"copied: {what}, {len(text):,} characters", markup=False)
        else:
            self.notify("there is nothing to copy here")

    def _fold(self, place: Place, verb: str) -> None:
        if not place.turn and place.part != "step":
            return
        waterfall = verb == "waterfall" or place.part in ("sum", "waterfall")
        if waterfall and not place.turn:
            return
        if place.part in ("answer", "note") and not waterfall:
            self.notify("nothing is folded here; an answer is always whole")
            return
        self.feed.fold(f"{place.turn}.waterfall" if waterfall else place.block)
        self.view.show_cursor()
        if waterfall:
            self.view.show_waterfall(place.turn)

    def _edit(self, place: Place) -> None:
        asked = verbs.question(self.conversation.timeline(), place)
        if asked:
            self.view.leave()
            self.write(asked)

    def _send(self, place: Place, verb: str) -> None:
        line = verbs.command(self.conversation.timeline(), place, verb)
        if line:
            self.view.leave()
            self.action_command(line)
        else:
            self.notify(f"there is no turn to {verb} here")

    async def _menu(self) -> None:
        """Every key of a block in a list; choosing one does it."""
        rows = [(action, f"{key:<18} {what}") for action, key, what in keys.block_rows(self)]
        chosen = await self.choose("What to do with this block", rows)
        if chosen:
            await self.run_action(chosen, self.view)
