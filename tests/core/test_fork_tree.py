"""The forks of a timeline as a tree."""

from __future__ import annotations

from dataclasses import replace

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


def test_forks_are_told_apart_by_turn_and_model() -> None:
    fork = replace(row("f", "a", turn=1), title="explain how tides work (fork) (fork)")
    assert replace(fork, model="anthropic:claude-sonnet-5-5").label == "⑂2 sonnet-5-5 · explain how tides work"
    assert replace(fork, model="local:/models/llm_small.gguf").label == "⑂2 llm_small.gguf · explain how tides work"
    assert fork.label == "⑂2 · explain how tides work"
    compared = replace(fork, title="tides (ollama:b)", model="ollama:b", fork_turn=0)
    assert compared.label == "⑂1 b · tides"
    assert replace(fork, forked_from=None, title="tides").label == "tides"
    assert replace(fork, forked_from=None, title="").label == "untitled"
