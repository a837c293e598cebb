"""The keys on a block: what the cursor of the timeline points at is copied, folded, retried, forked, asked anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ralph.tui import keys
from ralph.tui.controllers import block_commands
from ralph.tui.timeline.targets import Target

if TYPE_CHECKING:
    from ralph.tui.app import RalphApp


class BlockActions:
    """Does things with the block that the cursor of the timeline is on."""

    def __init__(self, app: RalphApp) -> None:
        self._app = app

    def enter(self) -> None:
        """From the prompt up to the blocks."""
        if not self._app.view.enter():
            self._app.notify("there is no block yet")

    def do(self, verb: str) -> None:
        """Do this with what the cursor points at."""
        place = self._app.view.place
        if place is None:
            self._app.notify("no block is chosen")
            return
        match verb:
            case "copy":
                self.copy(place)
            case "fold" | "waterfall":
                self._fold(place, verb)
            case "menu":
                self._app.work(self._menu)
            case "edit":
                self._edit(place)
            case _:
                self._send(place, verb)

    def copy(self, place: Target | None) -> None:
        """What is marked, or else what is there; the last answer, where no block is chosen."""
        app, view = self._app, self._app.view
        selected = view.screen.get_selected_text()
        if selected:
            what, text = "marked lines", selected
            view.action_leave() if view.marking else view.screen.clear_selection()
        elif place is None:
            turns = app.conversation.timeline().turns
            what, text = "the last answer", next((t.text for t in reversed(turns) if t.text), "")
        elif place.part == "said":
            what, text = "words of ralph", view.source()
        else:
            what, text = block_commands.copy_of(app.conversation.timeline(), place)
        if text.strip():
            app.copy_to_clipboard(text)
            app.notify(f"copied: {what}, {len(text):,} characters", markup=False)
        else:
            app.notify("there is nothing to copy here" if place else "there is no answer yet")

    def _fold(self, place: Target, verb: str) -> None:
        if not place.turn and place.part != "step":
            return
        waterfall = verb == "waterfall" or place.part in ("sum", "waterfall")
        if waterfall and not place.turn:
            return
        if place.part in ("answer", "note") and not waterfall:
            self._app.notify("nothing is folded here; an answer is always whole")
            return
        self._app.feed.folding.fold(f"{place.turn}.waterfall" if waterfall else place.block)
        self._app.view.show_cursor()
        if waterfall:
            self._app.view.show_waterfall(place.turn)

    def _edit(self, place: Target) -> None:
        asked = block_commands.question_of(self._app.conversation.timeline(), place)
        if asked:
            self._app.view.leave()
            self._app.prompt.write(asked)

    def _send(self, place: Target, verb: str) -> None:
        line = block_commands.command_of(self._app.conversation.timeline(), place, verb)
        if line:
            self._app.view.leave()
            self._app.action_command(line)
        else:
            self._app.notify(f"there is no turn to {verb} here")

    async def _menu(self) -> None:
        """Every key of a block in a list; choosing one does it."""
        rows = [(action, f"{key:<18} {what}") for action, key, what in keys.block_rows(self._app)]
        chosen = await self._app.dialogs.choose("What to do with this block", rows)
        if chosen:
            await self._app.run_action(chosen, self._app.view)
