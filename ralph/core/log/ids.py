"""The ids inside a timeline, made and taken apart: block `1.3` of turn 1, its attempt `1.3a1`, its call `1.3c1`."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"([0-9]+)\.([0-9]+)")
_PART = re.compile(r"(.+)[ac]([0-9]+)")

# How the id of the first attempt of a block ends.
FIRST_ATTEMPT = "a1"


def block_id(turn: int, number: int) -> str:
    """`1.3`: the third block of turn 1. Work between turns has turn 0."""
    return f"{turn}.{number}"


def attempt_id(block: str, number: int) -> str:
    """`1.3a1`: the first attempt of block `1.3`."""
    return f"{block}a{number}"


def call_id(block: str, number: int) -> str:
    """`1.3c1`: the first tool call of block `1.3`."""
    return f"{block}c{number}"


def origin_id(timeline: str, block: str) -> str:
    """`TIMELINE/1.3`: a block of another timeline, as a block that was kept from there names it."""
    return f"{timeline}/{block}"


def block_of(part: str) -> str:
    """The block of an attempt or a tool call; empty for what is the id of neither."""
    found = _PART.fullmatch(part)
    return found[1] if found else ""


def turn_of(block: str) -> int:
    """The turn of a block, or of what else is named below a turn: 4 of `4.2`; 0 for work between turns."""
    turn, dot, _ = block.partition(".")
    return int(turn) if dot and turn.isdecimal() else 0


def number_of(one: str) -> int:
    """The number of a block in its turn, or of an attempt or a call in its block: 3 of `1.3`, 2 of `1.3a2`; else 0."""
    found = _PART.fullmatch(one) or _BLOCK.fullmatch(one)
    return int(found[2]) if found else 0
