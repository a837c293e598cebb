"""Builds and parses the ids inside a timeline: block `1.3` of turn 1, its attempt `1.3a1`, its call `1.3c1`."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"([0-9]+)\.([0-9]+)")
_PART = re.compile(r"(.+)[ac]([0-9]+)")

# The end of the id of a block's first attempt.
FIRST_ATTEMPT = "a1"


def block_id(turn: int, number: int) -> str:
    """Return `1.3` for the third block of turn 1. Work between turns has turn 0."""
    return f"{turn}.{number}"


def attempt_id(block: str, number: int) -> str:
    """Return `1.3a1` for the first attempt of block `1.3`."""
    return f"{block}a{number}"


def call_id(block: str, number: int) -> str:
    """Return `1.3c1` for the first tool call of block `1.3`."""
    return f"{block}c{number}"


def origin_id(timeline: str, block: str) -> str:
    """Return `TIMELINE/1.3` for a block of another timeline from which a block was kept."""
    return f"{timeline}/{block}"


def block_of(part: str) -> str:
    """Return the block of an attempt or a tool call; empty for any other id."""
    found = _PART.fullmatch(part)
    return found[1] if found else ""


def turn_of(block: str) -> int:
    """Return the turn of a block, or of another id below a turn: 4 for `4.2`; 0 for work between turns."""
    turn, dot, _ = block.partition(".")
    return int(turn) if dot and turn.isdecimal() else 0


def number_of(one: str) -> int:
    """Return the number of a block, attempt or call in its parent: 3 for `1.3`, 2 for `1.3a2`; else 0."""
    found = _PART.fullmatch(one) or _BLOCK.fullmatch(one)
    return int(found[2]) if found else 0
