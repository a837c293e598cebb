"""Ids are made and taken apart in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.turns import fold_turn

NUMBERS = st.integers(0, 10**6)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_what_is_made_is_taken_apart_again(turn: int, number: int, part: int) -> None:
    block = ids.block_id(turn, number)
    assert (ids.turn_of(block), ids.number_of(block)) == (turn, number)
    for made in (ids.attempt_id(block, part), ids.call_id(block, part)):
        assert (ids.block_of(made), ids.number_of(made)) == (block, part)


def test_they_are_written_as_in_every_log() -> None:
    block = ids.block_id(1, 3)
    assert (block, ids.attempt_id(block, 1), ids.call_id(block, 2)) == ("1.3", "1.3a1", "1.3c2")
    assert ids.attempt_id(block, 1).endswith(ids.FIRST_ATTEMPT)
    assert ids.origin_id("k3f9w2m7qd", block) == "k3f9w2m7qd/1.3"


def test_a_part_of_a_turn_that_is_no_block_has_its_turn() -> None:
    assert (ids.turn_of("4.waterfall"), ids.number_of("4.waterfall")) == (4, 0)


@pytest.mark.parametrize("text", ["", "1", ".3", "a", "c1", "x.1y", "abc"])
def test_what_is_no_id_has_no_numbers(text: str) -> None:
    assert (ids.block_of(text), ids.turn_of(text), ids.number_of(text)) == ("", 0, 0)


def test_blocks_stand_by_their_numbers_however_many_there_are_and_whichever_began_first() -> None:
    kinds: dict[int, ev.BlockKind] = {1: "user", 12: "format", 2: "summarise", 3: "route", 4: "tool", 10: "tool"}
    events: list[ev.Event] = [ev.BlockStarted(ids.block_id(1, n), kind) for n, kind in kinds.items()]
    events += [ev.ToolRequested(f"1.{n}c1", None, "clock", {}, "none") for n in (10, 4)]
    turn = fold_turn([Envelope("t", n, 1, "2026-11-20T14:02:11Z", float(n), e) for n, e in enumerate(events, 1)])
    assert [b.kind for b in turn.blocks] == ["user", "summarise", "route", "tool", "tool", "format"]
    assert [c.id for b in turn.blocks for c in b.calls] == ["1.4c1", "1.10c1"]
