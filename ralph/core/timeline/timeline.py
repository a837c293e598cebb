"""The one fold: events in, a frozen timeline out. A reader that skips every delta gets the same timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.errors import ErrorInfo
from ralph.core.llm.usage import Cost, Usage, total_cost, total_usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.turns import Attempt, Block, Turn, fold_turn


@frozen
class Timeline(Data):
    """A saved conversation. `work` are the blocks between turns (`0.n`).

    `role_changes`: changes of models, each with the number of the turn before it.
    """

    id: str
    title: str = ""
    opened_at: str = ""
    forked_from: ev.ForkPoint | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    system: str = ""
    turns: tuple[Turn, ...] = ()
    work: tuple[Block, ...] = ()
    role_changes: tuple[tuple[int, ev.RolesChanged], ...] = ()
    last_seq: int = 0
    unknown_types: frozenset[str] = frozenset()

    @property
    def own_attempts(self) -> list[Attempt]:
        """Return the attempts of this timeline itself; the parent of a fork paid for inherited ones."""
        own = [a for t in self.turns if t.timeline == self.id for a in t.attempts]
        return own + [a for b in self.work if b.timeline == self.id for a in b.attempts]

    @property
    def usage(self) -> Usage:
        return total_usage(a.usage for a in self.own_attempts if a.finished)

    @property
    def cost(self) -> Cost:
        return total_cost(a.cost for a in self.own_attempts if a.finished)

    @property
    def inherited_cost(self) -> Cost:
        """Return what the parent paid for the turns that a fork shares; shown beside the cost, never added."""
        return total_cost(a.cost for t in self.turns if t.timeline != self.id for a in t.attempts if a.finished)

    @property
    def last_turn(self) -> int:
        return self.turns[-1].number if self.turns else 0

    def turn(self, number: int) -> Turn | None:
        return next((t for t in self.turns if t.number == number), None)


def fold(timeline: str, envelopes: Iterable[Envelope]) -> Timeline:
    """Return the timeline of these events, in order; a fork's events begin with its parent's."""
    folding = Fold(timeline)
    for envelope in envelopes:
        folding.add(envelope)
    return folding.timeline()


class Fold:
    """The fold, one event at a time: closed turns are folded once and kept."""

    def __init__(self, timeline: str) -> None:
        self.id = timeline
        self._head: dict[str, Any] = {}
        self._closed: list[Turn] = []
        self._open: dict[int, list[Envelope]] = {}
        self._unknown: set[str] = set()
        self._role_changes: list[tuple[int, ev.RolesChanged]] = []
        self._last_seq = 0

    def add(self, envelope: Envelope) -> None:
        self._last_seq = envelope.seq
        event = envelope.event
        if isinstance(event, ev.TimelineOpened | ev.TimelineChanged):
            self._change(envelope)
        elif isinstance(event, ev.RolesChanged):
            last = self._closed[-1].number if self._closed else 0
            self._role_changes.append((envelope.turn or last, event))
        elif isinstance(event, ev.Unknown):
            if not event.damage:
                self._unknown.add(event.type)
        else:
            self._open.setdefault(envelope.turn, []).append(envelope)
            if isinstance(event, ev.TurnFinished):
                self._closed.append(fold_turn(self._open.pop(envelope.turn)))

    def earlier(self, past: Timeline) -> None:
        """Add turns and changes of models that came before all others."""
        self._closed[:0] = past.turns
        self._role_changes[:0] = past.role_changes

    def _change(self, envelope: Envelope) -> None:
        event = envelope.event
        if isinstance(event, ev.TimelineOpened):
            self._head.setdefault("opened_at", envelope.at)
            if envelope.timeline == self.id:
                self._head.update(opened_at=envelope.at, forked_from=event.forked_from, versions=event.versions)
            self._head["title"] = event.title or self._head.get("title", "")
        elif isinstance(event, ev.TimelineChanged):
            for name in ("title", "labels", "pins", "system"):
                value = getattr(event, name)
                if value is not None:
                    self._head[name] = value

    @property
    def last_seq(self) -> int:
        """Return the number of the last event; 0 before the first."""
        return self._last_seq

    def open_turn(self) -> Turn | None:
        """Return the running turn so far."""
        numbers = [n for n in self._open if n]
        return fold_turn(self._open[numbers[-1]]) if numbers else None

    def timeline(self) -> Timeline:
        """Return the timeline of the events so far."""
        running = [fold_turn(events) for number, events in self._open.items() if number]
        outside = self._open.get(0)
        return Timeline(
            id=self.id,
            turns=tuple(sorted((*self._closed, *running), key=lambda turn: turn.number)),
            work=fold_turn(outside).blocks if outside else (),
            role_changes=tuple(self._role_changes),
            last_seq=self._last_seq,
            unknown_types=frozenset(self._unknown),
            **self._head,
        )


def describe_damage(envelopes: Iterable[Envelope]) -> list[str]:
    """Return a sentence for each unreadable row. Pure."""
    return [
        f"{e.timeline}: event {e.seq} ({e.event.type}) is damaged: {e.event.damage}"
        for e in envelopes
        if isinstance(e.event, ev.Unknown) and e.event.damage
    ]


def missing(timeline: str, first: int, last: int) -> str:
    """Return the sentence that the numbers from `first` to `last` are missing in the log."""
    return f"{timeline}: {f'event {first} is' if first == last else f'events {first} to {last} are'} missing"


def failure_of(turn: Turn) -> tuple[ErrorInfo, str] | None:
    """Return the failure that ended a turn, and the step in which it ended."""
    for block in turn.blocks:
        if block.error and block.kind != "route" and block.status in ("failed", "cancelled", "interrupted"):
            return block.error, block.kind
    for block in turn.blocks:
        if block.error and block.status in ("failed", "cancelled", "interrupted") and turn.status != "ok":
            return block.error, block.kind
    return None
