"""The waterfall of a turn: route, tool and format on one time axis, with a bar of phases for each request and call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from textual.strip import Strip

from ralph.core.data import Data, frozen
from ralph.core.formatting import seconds
from ralph.core.llm.model_names import model_name
from ralph.core.log.ids import number_of
from ralph.core.timeline.calls import Call
from ralph.core.timeline.step_times import attempt_waits
from ralph.core.timeline.turns import Attempt, Block, Turn
from ralph.tui.brush import Brush, Span, fit, right
from ralph.tui.text import one_line
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.layout import INNER
from ralph.tui.timeline.targets import Target
from ralph.tui.timeline.tool_calls import describe_sandbox

# Phase to glyph, style and word. The glyphs differ, so that colour is not the only sign.
PHASES: Mapping[str, tuple[str, str, str]] = {
    "retry": ("~", "failed", "waits to try again"),
    "limited": (":", "muted", "rate limited"),
    "breaker": ("!", "failed", "waits for the breaker"),
    "queued": (".", "muted", "queued"),
    "loading": ("o", "muted", "model loads"),
    "client": ("c", "muted", "client loads"),
    "connect": ("-", "muted", "connects"),
    "first_token": ("░", "", "until the first token"),
    "decode": ("█", "", "writes"),
    "person": ("?", "running", "waits for you"),
    "own": ("=", "", "works without a request"),
    "call": ("▒", "tool", "tool runs"),
}
# These phases are no work of the step. The legend shows their times.
WAITS = ("retry", "limited", "client", "person")
TTFT = "▸"
LANES = ("route", "tool", "format")
# The server's load of a model is a part of the request. ralph's import of the client is not.
_GLYPH_OF = {"loading": "client"}
_STEPS_MS = tuple(m * 10**n for n in range(8) for m in (1, 2, 5))


@frozen
class Phase(Data):
    """A part of a bar. The times are ms since the start of the turn."""

    name: str
    start: float
    end: float


@frozen
class Bar(Data):
    """One row: its label, its phases, and the time of its first token in ms."""

    label: str
    kind: str
    phases: tuple[Phase, ...]
    ttft: float | None = None
    open: bool = False

    @property
    def took(self) -> float:
        """The time of the request or call itself in ms, or of the waits if the row has only waits."""
        own = [p.end - p.start for p in self.phases if p.name not in WAITS]
        return sum(own or [p.end - p.start for p in self.phases])


@frozen
class WaterfallDrawing(Data):
    """The waterfall of a turn. It takes no lines until it is unfolded. `now_ms` is the clock of a running turn."""

    number: int
    turn: Turn | None = None
    now_ms: float | None = None
    first: tuple[tuple[str, float], ...] = ()

    def of(
        self, turn: Turn, look: FoldState, now_ms: float | None = None, first: Mapping[str, float] | None = None
    ) -> WaterfallDrawing:
        """Return the waterfall of this turn if it is unfolded, or else an empty one."""
        if not look.of(self.key).details:
            return WaterfallDrawing(self.number)
        return WaterfallDrawing(self.number, turn, now_ms, tuple((first or {}).items()))

    @property
    def key(self) -> str:
        """The id under which a fold state keeps the waterfall."""
        return f"{self.number}.waterfall"

    @property
    def place(self) -> Target:
        return Target(self.number, "waterfall", self.key)

    def guess(self, width: int) -> int:
        if not self.turn:
            return 0
        return 5 + len(self.turn.attempts) + sum(len(b.calls) for b in self.turn.blocks)

    def draw(self, brush: Brush, width: int) -> list[Strip]:
        if not self.turn:
            return []
        made = bars(self.turn, self.now_ms, dict(self.first))
        whole = max(
            [self.now_ms or self.turn.duration_ms, 1.0, *(p.end for _, rows in made for b in rows for p in b.phases)]
        )
        longest = max((cell_len(b.label) for _, rows in made for b in rows), default=0)
        label = max(12, min(longest + 8, width * 2 // 5))
        room = max(4, width - len(INNER) - label - 9)
        lines: list[Strip] = []
        for lane, rows in made:
            for n, bar in enumerate(rows or (Bar("nothing to do", lane, ()),)):
                head = f"{lane if n == 0 else '':<7}"
                cells = paint(bar, whole, room)
                took = (seconds(bar.took) if bar.phases else "") + ("…" if bar.open else "")
                lines.append(
                    brush.line(
                        (INNER, ""),
                        (head, lane),
                        (fit(bar.label, label - 8) + " ", "muted"),
                        *cells,
                        (right(took, 9), "muted"),
                    )
                )
        lines.append(brush.line((INNER + " " * label, ""), (axis(whole, room), "faint")))
        return [*lines, *brush.text(legend([b for _, rows in made for b in rows]), width, "faint", (INNER, ""))]


def bars(turn: Turn, now_ms: float | None, first: Mapping[str, float]) -> list[tuple[str, list[Bar]]]:
    """Return the three lanes with a bar for each request and each call, in the order of their starts."""
    made = []
    for lane in LANES:
        rows: list[tuple[float, Bar]] = []
        for block in turn.blocks:
            if block.kind != lane:
                continue
            rows += [(a.started_ms, _attempt(a, block, now_ms, first.get(block.id))) for a in block.attempts]
            rows += [(c.requested_ms, _call(c, now_ms)) for c in block.calls]
            rows += _between(block, now_ms)
            if not block.attempts and not block.calls and block.status != "skipped":
                rows.append((block.started_ms, _bare(block, now_ms)))
        made.append((lane, [bar for _, bar in sorted(rows, key=lambda row: row[0])]))
    return made


def _attempt(attempt: Attempt, block: Block, now_ms: float | None, first: float | None) -> Bar:
    word = "" if attempt.finished is None or attempt.end.outcome == "ok" else f"{attempt.end.outcome} "
    label = f"{number_of(attempt.id)} {word}{model_name(attempt.model)}"
    if attempt.finished is None:
        return _running(attempt, block, label, now_ms if now_ms is not None else attempt.started_ms, first)
    end = attempt.end
    phases = [Phase(_GLYPH_OF.get(w.cause, w.cause), w.start, w.end) for w in reversed(attempt_waits(attempt))]
    at = attempt.started_ms
    known = {name: end.phases[name] for name in ("connect", "first_token", "decode") if name in end.phases}
    if not known:
        ttft = end.ttft_ms if end.ttft_ms is not None else end.duration_ms
        known = {"first_token": ttft, "decode": end.duration_ms - ttft}
    for name, took in known.items():
        phases.append(Phase(name, at, at + took))
        at += took
    ttft_at = attempt.started_ms + end.ttft_ms if end.ttft_ms is not None else None
    return Bar(label, block.kind, tuple(p for p in phases if p.end > p.start), ttft_at)


def _running(attempt: Attempt, block: Block, label: str, now: float, first: float | None) -> Bar:
    """Return the bar of a running request, from its start, its present wait and the time of its first token."""
    start = attempt.started_ms
    cause = attempt.waits[-1].cause if attempt.waits else "first_token"
    if first is None or first < start:
        return Bar(label, block.kind, (Phase(cause, start, max(now, start + 1)),), open=True)
    phases = (Phase(cause, start, first), Phase("decode", first, max(now, first + 1)))
    return Bar(label, block.kind, phases, first, open=True)


def _between(block: Block, now_ms: float | None) -> list[tuple[float, Bar]]:
    """Return the bar of an open step that waits between a failed request and the next one."""
    last = block.attempts[-1] if block.attempts else None
    if now_ms is None or block.status is not None or not block.waits or not last or last.end.outcome != "failed":
        return []
    start = last.started_ms + last.end.duration_ms
    waits = Phase(block.waits[-1].cause, start, max(now_ms, start + 1))
    return [(start, Bar("waits", block.kind, (waits,), open=True))]


def _call(call: Call, now_ms: float | None) -> Bar:
    asked, decided = call.requested_ms, call.decided_ms or None
    if call.status:
        began = decided or asked + call.waited_ms
        end = began + call.duration_ms
    else:
        end = max(now_ms if now_ms is not None else asked, asked + 1)
        began = decided or end
    waited = call.waited_ms if call.status or decided else began - asked
    phases = (Phase("person", began - waited, began), Phase("call", began, end))
    label = f"{'' if call.status in ('ok', None) else f'{call.status} '}{one_line(call.name)}"
    label += f" · {describe_sandbox(call).removeprefix('sandbox ')}" if call.sandbox else ""
    return Bar(label, "tool", tuple(p for p in phases if p.end > p.start), open=not call.status)


def _bare(block: Block, now_ms: float | None) -> Bar:
    """Return the bar of a step without a request: by the rules, from the cache, or before its first request."""
    start = block.started_ms
    if block.status is None:
        cause = block.waits[-1].cause if block.waits else "connect"
        return Bar("waits", block.kind, (Phase(cause, start, max(now_ms or start, start + 1)),), open=True)
    label = "from the cache" if any(n.kind == "cache" for n in block.notes) else "no request"
    return Bar(label, block.kind, (Phase("own", start, start + max(block.duration_ms, 0.001)),))


def paint(bar: Bar, whole_ms: float, room: int) -> list[Span]:
    """Draw a bar in `room` cells. Each phase has at least one cell, and other cells are blank."""
    cells: list[Span] = [(" ", "")] * room
    scale = room / whole_ms
    for phase in bar.phases:
        glyph, style, _ = PHASES[phase.name]
        first = min(room - 1, max(0, int(phase.start * scale)))
        for at in range(first, min(room, max(first + 1, round(phase.end * scale)))):
            cells[at] = (glyph, style or bar.kind)
    if bar.ttft is not None:
        cells[min(room - 1, max(0, int(bar.ttft * scale)))] = (TTFT, bar.kind)
    made: list[Span] = []
    for text, style in cells:
        if made and made[-1][1] == style:
            made[-1] = (made[-1][0] + text, style)
        else:
            made.append((text, style))
    return made


def axis(whole_ms: float, room: int) -> str:
    """Return the scale under the bars: as many marks with times as fit, all in one unit."""
    step = next((s for s in _STEPS_MS if room * s / whole_ms >= 10), _STEPS_MS[-1])
    unit, size = ("s", 1000) if whole_ms >= 1000 else ("ms", 1)
    made = ""
    for n in range(int(whole_ms // step) + 1):
        at = int(n * step * room / whole_ms)
        mark = f"╵{n * step / size:g}{unit}"
        if at + cell_len(mark) > room:
            break
        made = f"{made:<{at}}{mark}"
    return f"{made:<{room}}"


def legend(shown: Sequence[Bar]) -> str:
    """Return the meaning of each visible glyph, and the times of the waits."""
    took: dict[str, float] = {}
    for phase in (p for bar in shown for p in bar.phases):
        took[phase.name] = took.get(phase.name, 0.0) + phase.end - phase.start
    words = [
        f"{glyph} {word}{f' {seconds(took[name])}' if name in WAITS else ''}"
        for name, (glyph, _, word) in PHASES.items()
        if name in took
    ]
    if any(bar.ttft is not None for bar in shown):
        words.append(f"{TTFT} first token")
    return " · ".join(words)
