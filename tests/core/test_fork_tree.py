"""The forks of a timeline as a tree."""

from __future__ import annotations

from ralph.core.llm.usage import Cost
from ralph.core.timeline.fork_tree import fork_tree
from ralph.core.timeline.rows import TimelineRow


def row(name: str, parent: str | None = None, turn: int = 0) -> TimelineRow:
    return TimelineRow(name, name, "2026", "2026", turn + 1, Cost(), parent, fork_turn=turn)


ROWS = (
    row("other"), row("a2", "a", 2), row("root"), row("b", "root", 3), row("a", "root", 1), row("a1", "a", 1),
    row("b1", "b", 3),
)  # fmt: skip


def test_the_whole_tree_from_anywhere_in_it() -> None:
    for name in ("root", "a", "a2", "b1"):
        assert [b.twig + b.row.id for b in fork_tree(ROWS, name)] == [
            "root", "├─ a", "│  ├─ a1", "│  └─ a2", "└─ b", "   └─ b1",
        ]  # fmt: skip


def test_one_that_stands_alone_is_not_saved_or_has_lost_its_parent() -> None:
    assert [b.row.id for b in fork_tree(ROWS, "other")] == ["other"]
    assert fork_tree(ROWS, "nosuch") == ()
    assert [b.row.id for b in fork_tree((row("x", "gone", 1), row("y", "x", 1)), "y")] == ["x", "y"]


def test_a_circle_ends() -> None:
    assert {b.row.id for b in fork_tree((row("x", "y"), row("y", "x")), "x")} == {"x", "y"}
