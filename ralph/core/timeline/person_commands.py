"""The record of a command that the person ran with `!`: a block between turns with its line, output and exit code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.log.codec import build, plain
from ralph.core.timeline.turns import Block

KEY = "command"


@frozen
class PersonCommand(Data):
    """A command of the person."""

    line: str
    """The line for the person's shell."""
    shared: bool = True
    """Whether the output goes along with the next message."""
    exit: int | None = None
    """The exit code; below 0 the number of the signal; None while it runs, and if it was stopped or never began."""
    bytes: int = 0
    """The size of the whole output."""


def as_data(command: PersonCommand) -> dict[str, Any]:
    """Return the data of the block."""
    return {KEY: plain(command)}


def command_of(block: Block) -> PersonCommand | None:
    """Return the command of a block; None for another block. A running one has its line in its title."""
    if block.kind != "note":
        return None
    kept = block.data.get(KEY)
    if isinstance(kept, Mapping):
        made: PersonCommand = build(PersonCommand, kept)
        return made
    if block.title.startswith("!") and block.status != "ok":
        return PersonCommand(block.title.lstrip("!"), not block.title.startswith("!!"))
    return None
