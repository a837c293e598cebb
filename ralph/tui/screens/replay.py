"""The replay of a stored timeline: the same view, feed and drawings as live, on a clock that a person moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen

from ralph.core.clock import Clock, local
from ralph.core.formatting import plural, seconds
from ralph.core.llm.model_names import ref_name
from ralph.core.llm.usage import format_charge
from ralph.core.log.envelope import Envelope
from ralph.session.player import Player
from ralph.session.replay import Replay, TurnClock
from ralph.session.timetable import IDLE_CAP_S, timetable
from ralph.tui.feed.feed import FRAME_S, Feed
from ralph.tui.keys import display
from ralph.tui.screens._ports import ScreenPorts
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.view import TimelineView
from ralph.tui.widgets.scrubber import Scrubber, length
from ralph.tui.widgets.status import KeyLine, StatusBar

SKIP_MS = 5000.0
# The line of keys: the ids of bindings, and their descriptions.
KEYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("replay.play",), "play, pause"), (("replay.step",), "next block"), (("replay.leave",), "leave"),
    (("replay.turn_back", "replay.turn"), "turn"), (("replay.skip_back", "replay.skip"), "5 s"),
    (("replay.faster", "replay.slower"), "speed"), (("replay.idle",), "waits"), (("replay.details",), "details"),
    (("replay.thinking",), "thinking"),
)  # fmt: skip
SIGNS = {
    "full_stop": ".", "left_square_bracket": "[", "right_square_bracket": "]", "plus": "+", "minus": "-",
    "left": "←", "right": "→",
}  # fmt: skip


class ReplayScreen(ModalScreen[None]):
    """A player of a timeline. Its timer ticks only while it plays."""

    SCOPED_CSS = False  # subclasses share the styles
    CSS = """
    ReplayScreen { background: $background; align: left top; }
    ReplayScreen Scrubber { height: 2; background: $surface; }
    """
    BINDINGS = [
        Binding("space", "play", "play, pause", id="replay.play"),
        Binding("full_stop", "step(1)", "next block", id="replay.step"),
        Binding("comma", "step(-1)", "block before", id="replay.step_back"),
        Binding("right_square_bracket", "turn(1)", "next turn", id="replay.turn"),
        Binding("left_square_bracket", "turn(-1)", "turn before", id="replay.turn_back"),
        Binding("right", "skip(1)", "5 seconds on", id="replay.skip"),
        Binding("left", "skip(-1)", "5 seconds back", id="replay.skip_back"),
        Binding("plus,equals_sign", "faster", "faster", id="replay.faster"),
        Binding("minus", "slower", "slower", id="replay.slower"),
        Binding("home", "tenth(0)", "start", id="replay.start"),
        Binding("end", "tenth(10)", "end", id="replay.end"),
        *(Binding(str(n), f"tenth({n})", f"{n} tenths", id=f"replay.tenth_{n}") for n in range(10)),
        Binding("i", "idle", "cut waits short, or not", id="replay.idle"),
        Binding("pageup", "page(-1)", "page up", id="replay.page_up"),
        Binding("pagedown", "page(1)", "page down", id="replay.page_down"),
        Binding("up", "roll(-1)", "up", id="replay.up"),
        Binding("down", "roll(1)", "down", id="replay.down"),
        Binding("ctrl+o", "details", "details", id="replay.details"),
        Binding("ctrl+t", "thinking", "thinking", id="replay.thinking"),
        Binding("q,escape", "leave", "leave", id="replay.leave"),
        Binding("ctrl+c", "interrupt", "copy what is selected, or leave", id="replay.interrupt"),
    ]

    WORD = "replay"
    KEYS = KEYS

    def __init__(
        self,
        timeline: str,
        envelopes: Sequence[Envelope],
        clock: Clock,
        *,
        speed: float | None = 1.0,
        turn: int | None = None,
        idle_cap_s: float | None = IDLE_CAP_S,
        look: FoldState | None = None,
    ) -> None:
        super().__init__()
        self._envelopes = envelopes
        self._cap_s = idle_cap_s
        table = timetable(envelopes, idle_cap_s)
        self.replay = Replay(timeline, envelopes, table)
        self.player = Player(table, self.replay, clock, speed=speed)
        self._look = look or FoldState()
        self._begin = table.start(turn) if turn is not None else None
        self._below = 0

    def compose(self) -> ComposeResult:
        self.view = TimelineView(id="replayed")
        self.status = StatusBar(id="replay-status")
        self.scrubber = Scrubber(id="replay-scrubber")
        yield self.status
        yield self.view
        yield self.scrubber
        yield KeyLine(id="replay-keys")

    def on_mount(self) -> None:
        self.query_one(KeyLine).show([(" ".join(map(self._key, ids)), what) for ids, what in self.KEYS])
        self.feed = Feed(self.view, TurnClock(self.player), self._tell, began=0.0)
        self.feed.folding.now = self._look
        self._ticker = self.set_interval(FRAME_S, self._tick, pause=True)
        self.replay.rewound = self._rewound
        self.feed.open(self.replay)
        if self._begin is not None:
            self.player.seek(self._begin)
        self.player.play()
        self._redraw()

    def on_unmount(self) -> None:
        self.feed.close()

    def on_resize(self) -> None:
        self.call_after_refresh(self._tell)

    def _tick(self) -> None:
        self.player.advance()
        if self.player.playing:
            self._tell()
        else:
            self._redraw()

    def _rewound(self) -> None:
        self.feed.open(self.replay, stay=not self.view.follow)

    def _redraw(self) -> None:
        """Draw the playing or the paused state, after an action or at the end."""
        still = not self.player.playing
        self.feed.hold(still)
        if still:
            self._ticker.pause()
            self.feed.beat()  # draw the clock of the turn at the paused moment
        else:
            self._ticker.resume()
        self._tell()

    # The lines around the timeline.

    def _tell(self) -> None:
        player, timeline = self.player, self.replay.timeline()
        table = player.table
        spent = format_charge(timeline.cost, timeline.usage) if any(a.finished for a in timeline.own_attempts) else ""
        opened = local(timeline.opened_at)[:16] if timeline.opened_at else ""
        ref = ref_name(self.replay.roles.get("format", ""))
        self.status.show(("ralph", self.WORD, timeline.title or timeline.id, ref), (opened, spent))
        whole = table.length or 1.0
        below = f"↓ {plural(self._below, 'line')} below" if self._below else ""
        self.scrubber.show(player.position / whole, [m.at / whole for m in table.marks], self._words(), below)

    def _words(self) -> list[str]:
        player, table = self.player, self.player.table
        speed = "as fast as possible" if player.speed is None else f"{player.speed:g}×"
        state = "▸ playing" if player.playing else "■ at the end" if player.ended else "‖ paused"
        marks, number = table.marks, table.number(player.position)
        turn = f"turn {marks[number - 1].turn} of {marks[-1].turn}" if number else "before the first turn"
        idle = table.idle(player.position)
        if idle:
            waits = f"a wait of {seconds(idle.ms)}, shown in {seconds(idle.end - idle.start)}"
        elif table.idle_cap_ms is None:
            waits = "waits in full"
        else:
            left_out = f", {seconds(table.left_out)} left out" if table.left_out else ""
            waits = f"waits cut to {table.idle_cap_ms / 1000:g} s{left_out}"
        return [f"{state} {speed}", f"{length(player.position)} of {length(table.length)}", turn, waits]

    def on_item_scroll_scrolled(self, event: TimelineView.Scrolled) -> None:
        """Stop the message: it is of this view, and the app must not count it for the conversation's view."""
        event.stop()
        self._below = event.below
        self._tell()

    def _key(self, name: str) -> str:
        """Return the first mapped key of a binding."""
        known = (b for cls in type(self).__mro__ for b in vars(cls).get("BINDINGS", ()))
        bound = next(b.key for b in known if isinstance(b, Binding) and b.id == name)
        key = self.app._keymap.get(name, bound).partition(",")[0]
        return SIGNS.get(key) or (key if len(key) == 1 else display(key))

    # Keys and the mouse.

    def on_scrubber_sought(self, event: Scrubber.Sought) -> None:
        self._seek(event.part * self.player.table.length)

    def action_play(self) -> None:
        if self.player.playing:
            self.player.pause()
        else:
            self.player.play()
        self._redraw()

    def action_step(self, direction: int) -> None:
        self.player.step(direction)
        self._redraw()

    def action_turn(self, direction: int) -> None:
        self.player.to_turn(direction)
        self._redraw()

    def action_skip(self, direction: int) -> None:
        self._seek(self.player.position + direction * SKIP_MS)

    def action_tenth(self, tenth: int) -> None:
        self._seek(self.player.table.length * (tenth / 10))  # ten tenths must be exactly the whole

    def action_faster(self) -> None:
        self.player.faster()
        self._redraw()

    def action_slower(self) -> None:
        self.player.slower()
        self._redraw()

    def action_idle(self) -> None:
        """Switch between shortened and full waits. The shown moment stays."""
        cap = None if self.player.table.idle_cap_ms is not None else self._cap_s or IDLE_CAP_S
        table = timetable(self._envelopes, cap)
        self.replay.retime(table)
        self.player.use(table)
        self._redraw()

    def action_page(self, direction: int) -> None:
        self.view.page(direction)

    def action_roll(self, lines: int) -> None:
        self.view.scroll_to(y=self.view.scroll_y + lines, animate=False)

    def action_details(self) -> None:
        self.feed.folding.details()

    def action_thinking(self) -> None:
        self.feed.folding.thinking()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_interrupt(self) -> None:
        selected = self.get_selected_text()
        if selected:
            self.app.copy_to_clipboard(selected)
            self.clear_selection()
            self.notify("copied")
        else:
            self.action_leave()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll the view, also when the mouse is over the lines around it."""
        self.action_roll(-3)
        event.stop()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.action_roll(3)
        event.stop()

    def _seek(self, position: float) -> None:
        self.player.seek(position)
        self._redraw()


def screen(ports: ScreenPorts, timeline: str, envelopes: Sequence[Envelope], **more: Any) -> ReplayScreen:
    """Return the screen for `show("replay", …)`."""
    return ReplayScreen(timeline, envelopes, ports.clock, look=ports.fold_state, **more)
