"""The forks of a timeline as a tree: its ancestors, their other forks, and its own forks."""

from __future__ import annotations

from collections.abc import Iterable

from ralph.core.data import Data, frozen
from ralph.core.timeline.rows import TimelineRow


@frozen
class Branch(Data):
    """A timeline in its tree. `last` says for each generation above it whether it was the last of its parent."""

    row: TimelineRow
    last: tuple[bool, ...] = ()

    @property
    def twig(self) -> str:
        """Return the drawn lines that lead to it."""
        if not self.last:
            return ""
        return "".join("   " if end else "│  " for end in self.last[:-1]) + ("└─ " if self.last[-1] else "├─ ")


def fork_tree(rows: Iterable[TimelineRow], name: str) -> tuple[Branch, ...]:
    """Return the whole tree of this timeline, its oldest ancestor first; empty if the timeline is not saved."""
    by_id = {row.id: row for row in rows}
    if name not in by_id:
        return ()
    root = by_id[name]
    seen = {root.id}
    while root.forked_from in by_id and root.forked_from not in seen:
        root = by_id[root.forked_from]
        seen.add(root.id)
    children: dict[str, list[TimelineRow]] = {}
    for row in sorted(by_id.values(), key=lambda r: (r.fork_turn, r.opened_at, r.id)):
        if row.forked_from and row.id != root.id:
            children.setdefault(row.forked_from, []).append(row)
    made: list[Branch] = []
    waiting = [Branch(root)]
    while waiting:
        branch = waiting.pop()
        made.append(branch)
        below = children.get(branch.row.id, [])
        waiting += [Branch(row, (*branch.last, row is below[-1])) for row in reversed(below)]
    return tuple(made)
