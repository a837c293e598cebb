"""The choices of a person for the next turns, and the events that record them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ralph.core.errors import Failure, Kind, did_you_mean
from ralph.core.llm.routing import Routing
from ralph.core.log import events as ev
from ralph.core.ports.overrides import TurnOverrides
from ralph.core.timeline.timeline import Timeline
from ralph.pipeline.plan import Models
from ralph.session.models.directory import ModelDirectory

NOTHING = ev.TimelineChanged()


class Choices:
    """Models, settings, pinned tools, system prompt, title and pins of one conversation.

    Choices before the first event are recorded with it: looking at a new timeline leaves no trace. `changes` are all
    changes of models in the timeline, `settings` are those of its last turn, and `system` is the command line's prompt.
    """

    def __init__(
        self, directory: ModelDirectory, changes: Sequence[ev.RolesChanged], settings: Mapping[str, Any], system: str
    ) -> None:
        self._directory = directory
        self._changes = changes
        self._by_hand = False
        self._routing = directory.resume(changes)
        self._models = directory.resolve(self._routing)
        self._settings = settings
        self._tools: tuple[str, ...] | None = None
        self._system = system
        self._pending = NOTHING
        self._pending_roles: ev.RolesChanged | None = None

    @property
    def models(self) -> Models:
        """Return the models of the next turn."""
        return self._models

    @property
    def overrides(self) -> TurnOverrides:
        return TurnOverrides(self._routing, self._settings, self._tools)

    def system(self, timeline: Timeline) -> str:
        """Return the system prompt of the next turn."""
        pending = self._pending.system
        return (timeline.system or self._system) if pending is None else pending

    def apply(self, timeline: Timeline) -> Timeline:
        """Return the timeline with the changes that were made before its first event."""
        pending = self._pending
        if pending == NOTHING:
            return timeline
        pins = timeline.pins if pending.pins is None else pending.pins
        return replace(timeline, title=pending.title or timeline.title, pins=pins, system=self.system(timeline))

    def models_with(self, routing: Routing) -> Models:
        """Return the models of one turn with this routing; the choices stay. Raises `Failure` for an invalid ref."""
        return self._directory.resolve(routing)

    def override(
        self,
        overrides: TurnOverrides,
        offered: Collection[str],
        *,
        recorded: bool,
        quiet: bool = False,
        copied: bool = False,
    ) -> ev.RolesChanged | None:
        """Choose from the next turn on; return the event to record now. Raises `Failure`, and then changes nothing.

        `recorded`: the timeline has events. `quiet`: a new choice of models is not recorded. `copied`: choices go into
        a fork, where models that were chosen before it are already in use, whatever this run names.
        """
        if missing := [name for name in overrides.tools or () if name not in offered]:
            hint = did_you_mean(missing[0], offered) or f"; there are {', '.join(sorted(offered))}"
            raise Failure(Kind.USAGE, f"there is no tool '{missing[0]}'{hint}")
        models = self._directory.resolve(overrides.routing)
        before, after = self._models.roles(), models.roles()
        if copied and self._changes:
            before = after if before == after else dict(self._changes[-1].to)
        self._routing, self._models, self._by_hand = overrides.routing, models, True
        self._settings, self._tools = dict(overrides.settings), overrides.tools
        if before == after or quiet:
            return None
        if recorded:
            return ev.RolesChanged(before, after, self._routing)
        first = self._pending_roles.from_ if self._pending_roles else before
        self._pending_roles = ev.RolesChanged(first, after, self._routing) if first != after else None
        return None

    def change(self, changed: ev.TimelineChanged, *, recorded: bool) -> ev.TimelineChanged | None:
        """Set another title, pins or system prompt; return the event to record now."""
        if changed.system is not None:
            self._system = ""  # the system prompt of the command line no longer applies
        if recorded:
            return changed
        known = {k: v for k in ("title", "pins", "system") if (v := getattr(changed, k)) is not None}
        self._pending = replace(self._pending, **known)
        return None

    def opening(self, title: str, versions: Mapping[str, str]) -> list[ev.Event]:
        """Return the first events of a timeline: its opening, then the choices made before it."""
        pending, self._pending = self._pending, NOTHING
        events: list[ev.Event] = [ev.TimelineOpened(pending.title or title, versions=versions)]
        if (rest := replace(pending, title=None)) != NOTHING:
            events.append(rest)
        if self._pending_roles:
            events.append(self._pending_roles)
        return events

    def reconsider(self) -> None:
        """Resolve `auto` again, since other providers may be available; nothing is recorded."""
        if not self._by_hand:
            self._routing = self._directory.resume(self._changes)
        self._models = self._directory.resolve(self._routing)
