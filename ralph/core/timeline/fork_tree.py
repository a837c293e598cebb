"""The forks of a timeline as a tree: where it comes from, what else came from there, and what came from it."""

from __future__ import annotations

from collections.abc import Iterable

from ralph.core.data import Data, frozen
from ralph.core.timeline.rows import TimelineRow


@frozen
class Branch(Data):
    """A timeline in its tree. `last` says for each generation down to it whether it was the last of its parents."""

    row: TimelineRow
    last: tuple[bool, ...] = ()

    @property
    def twig(self) -> str:
        """The lines that lead to it, as a tree is drawn."""
        if not self.last:
            return ""
        return "".join("   " if end else "│  " for end in self.last[:-1]) + ("└─ " if self.last[-1] else "├─ ")


def fork_tree(rows: Iterable[TimelineRow], name: str) -> tuple[Branch, ...]:
    """The whole tree that this timeline belongs to, its oldest ancestor first; empty where it is not saved."""
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
