"""The search in the open timeline, upwards from the last match, in slices so that a person can type meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from textual.worker import Worker

from ralph.tui.controllers.ports import KeyName, Notify
from ralph.tui.controllers.shell_state import ShellState
from ralph.tui.feed.folding import Folding
from ralph.tui.timeline.answers import LiveDrawing
from ralph.tui.timeline.block_view import BlockView
from ralph.tui.timeline.item_list import TimelineItem
from ralph.tui.timeline.matches import Folded, Hits, Matches, fold
from ralph.tui.timeline.targets import target_of

if TYPE_CHECKING:
    from ralph.tui.widgets.find_bar import FindBar

SLICE_S = 0.008


class TextSearch:
    """The search bar while it is open, and the places of the matches."""

    def __init__(
        self,
        shell: ShellState,
        view: BlockView,
        folding: Folding,
        *,
        to_prompt: Callable[[], None],
        notify: Notify,
        key: KeyName,
    ) -> None:
        """`to_prompt` gives the keys to the prompt."""
        self._shell = shell
        self._view = view
        self._folding = folding
        self._to_prompt = to_prompt
        self._notify = notify
        self._key = key
        self._bar: FindBar | None = None
        self._folded: Folded | None = None
        self._hits = Hits()
        self._sought = ""
        self._at = -1
        self._searched = 0

    @property
    def open(self) -> bool:
        return self._bar is not None

    async def begin(self) -> None:
        """Open the search bar, or focus it if it is open."""
        if self._bar is None:
            from ralph.tui.widgets.find_bar import FindBar  # the first search imports it

            self._bar = FindBar(self._to_prompt, self._sought)
            await self._view.screen.mount(self._bar, before="#ask")
            self.seek(self._sought)
        else:
            self._bar.again()
        self._shell.set_searching(True)

    async def end(self) -> None:
        """Close the search bar. The timeline does not scroll, and the block of the match has the cursor."""
        bar, self._bar, self._folded = self._bar, None, None
        self._view.show_found(None)
        self._to_prompt()
        self._shell.set_searching(False)
        if bar:
            await bar.remove()

    async def forget(self) -> None:
        """Forget the search, because another timeline opens."""
        self._sought, self._hits, self._at = "", Hits(), -1
        if self._bar:
            await self.end()

    def next(self, step: int) -> None:
        """Go to the next match in the direction `step`, also after the search bar was closed."""
        if not self._sought:
            search = self._key("find.open", "Ctrl+F")
            self._notify(f"nothing was searched for; {search} searches", markup=False)
        elif self._searched != len(self._view.model):  # new items have come
            self.seek(self._sought)
        else:
            self.go(step)

    def go(self, step: int) -> None:
        """Go to the next match, and count the text that has streamed in first."""
        self._recount()
        self._go(step)

    def seek(self, text: str) -> None:
        """Search for another text."""
        self._sought, self._hits, self._at = text, Hits(), -1
        sought = fold(text)
        self._view.show_found(Matches(text) if sought else None)
        self._tell()
        _: Worker[None] = self._view.run_worker(
            partial(self._search, sought), group="find", exclusive=True, exit_on_error=False
        )

    async def _search(self, sought: str) -> None:
        """Count the matches of every item. Then go to the last match that is not below the view."""
        found, until = [], perf_counter() + SLICE_S
        if not sought:
            return
        self._folded = folded = self._folded or Folded()
        self._searched = len(self._view.model)
        for item in list(self._view.model.items):
            if count := folded.count(item, sought):
                found.append((item, count))
            if perf_counter() > until:
                await asyncio.sleep(0)
                until = perf_counter() + SLICE_S
        self._hits = Hits(tuple(found))
        if found:
            self._go_near()
        self._tell()

    def _go_near(self) -> None:
        """Go to the match that is nearest to the bottom of the view, from there upwards."""
        model, number, at = self._view.model, 0, 0
        bottom = model.at(int(self._view.scroll_y) + self._view.size.height - 1)
        above = {id(item) for item in model.items[: bottom + 1]}
        for item, count in self._hits.items:
            if id(item) in above:
                at = number + count - 1
            number += count
        self._at = at
        self._go(0)

    def _recount(self) -> None:
        """Count the matches of a streaming answer again: its text has grown since the search."""
        model, folded, sought = self._view.model, self._folded or Folded(), fold(self._sought)
        live = [item for item in model.items if isinstance(item.drawing, LiveDrawing)]
        if live and sought:
            counts = dict(self._hits.items) | {item: n for item in live if (n := folded.count(item, sought))}
            self._hits = Hits(tuple((item, counts[item]) for item in model.items if item in counts))

    def _go(self, step: int) -> None:
        total = self._hits.total
        if not total:
            return
        self._at = (self._at + step) % total
        item, nth = self._hits.place(self._at)
        index = self._view.model.index(item)
        if index is None:  # the item was replaced: its answer has ended
            self.seek(self._sought)
            return
        found = self._view.found or Matches(self._sought)
        self._unhide(item, index, found)
        found.current = item, nth
        self._view.show_found(found)
        self._view.cursor.set(index)
        self._view.show_match(index, nth)
        self._tell()

    def _unhide(self, item: TimelineItem, index: int, found: Matches) -> None:
        """Unfold a block that shows fewer matches than it has."""
        where, count = target_of(item), dict(self._hits.items)[item]
        foldable = where is not None and where.part in ("step", "user")
        if where and foldable and len(found.lines(self._view.draw_wrapped(index))) < count:
            self._folding.unfold(where.block)

    def _tell(self) -> None:
        total = self._hits.total
        if self._bar and self._bar.is_mounted:
            none = f"no match · {self._key('find.close', 'Esc')}" if fold(self._sought) else ""
            self._bar.tell(f"{self._at + 1:,} of {total:,}" if total else none)
