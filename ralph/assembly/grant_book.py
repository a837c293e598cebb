"""The grants of a person: those of the file, and those of this run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from ralph.config.kept_grants import KeptGrants, add_grant, read_grants, remove_grants
from ralph.core.clock import Clock, stamp
from ralph.core.errors import Failure, Kind, NotFound, did_you_mean
from ralph.core.llm.consent import Scope
from ralph.core.ports.grants import GrantRow

log = logging.getLogger("ralph.assembly")


class GrantBook:
    """Answers that cover later calls. Without `save` they end with this run; so do those that cannot be written."""

    def __init__(self, path: Path, clock: Clock, *, save: bool) -> None:
        self._path = path
        self._clock = clock
        self._save = save
        self._own: list[GrantRow] = []
        self._read = KeptGrants()
        self._seen: tuple[int, int] | None = None

    @property
    def notice(self) -> str:
        """Return why the file cannot be used; empty if it can."""
        return self._read_file().notice

    def rows(self) -> tuple[GrantRow, ...]:
        """Return the grants of every timeline, as another window may have changed them by now."""
        return (*self._read_file().rows, *self._own)

    def rows_in(self, timeline: str) -> tuple[GrantRow, ...]:
        """Return the grants that hold in this timeline."""
        return tuple(row for row in self.rows() if row.timeline in (None, timeline))

    def add(self, rule: str, scope: Scope, timeline: str) -> None:
        """Keep the rule of an answer `timeline` or `always`."""
        since = stamp(self._clock.now())
        row = GrantRow(rule, "always", since) if scope == "always" else GrantRow(rule, "timeline", since, timeline)
        if self._save:
            try:
                add_grant(self._path, row)
            except (OSError, Failure) as error:
                log.warning("the grant %s is not kept: %s", rule, error)
            else:
                return
        self._own.append(row)

    def revoke(self, rule: str) -> tuple[GrantRow, ...]:
        """Remove every grant of this rule, and return them. Raises `Failure`."""
        if rule not in (rules := [row.rule for row in self.rows()]):
            there = f"; there are {', '.join(sorted(set(rules)))}" if rules else ""
            raise NotFound(f"there is no grant '{rule}'{did_you_mean(rule, rules) or there}")
        own = tuple(row for row in self._own if row.rule == rule)
        self._own = [row for row in self._own if row.rule != rule]
        if not any(row.rule == rule for row in self._read_file().rows):
            return own
        try:
            return (*remove_grants(self._path, rule), *own)
        except OSError as error:
            raise Failure(Kind.IO, f"{self._path} could not be written ({error.strerror})") from error

    def _read_file(self) -> KeptGrants:
        """Return what the file holds; it is read again when it changed."""
        try:
            found = self._path.stat()
            seen = (found.st_mtime_ns, found.st_size)
        except OSError:
            seen = None
        if seen != self._seen or seen is None:
            self._read, self._seen = read_grants(self._path), seen
        return self._read


class TurnGrants:
    """The grants that hold in one turn of one timeline."""

    def __init__(self, book: GrantBook, timeline: str, now: Callable[[], str]) -> None:
        self._book = book
        self._timeline = timeline
        self._now = now
        self._turn: list[GrantRow] = []

    def rows(self) -> tuple[GrantRow, ...]:
        return (*self._turn, *self._book.rows_in(self._timeline))

    def keep(self, rule: str, scope: Scope) -> None:
        """Keep the rule of an answer for this turn, this timeline or always."""
        if scope == "turn":
            self._turn.append(GrantRow(rule, "turn", self._now(), self._timeline))
        elif scope in ("timeline", "always"):
            self._book.add(rule, scope, self._timeline)
