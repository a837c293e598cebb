"""Parses a command's arguments: the turn or timeline that is meant, and completions of the last word."""

from __future__ import annotations

from collections.abc import Iterable

from ralph.core.clock import local
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.formatting import plural
from ralph.core.ports.face import Face, Named
from ralph.core.timeline.rows import TimelineRow
from ralph.core.timeline.turns import Turn


def turn_of(face: Face, word: str = "") -> Turn:
    """Return the turn of this number, or the last one. Raises `Failure` while one runs or if there is none."""
    if face.conversation.busy:
        raise Failure(Kind.BUSY, "a turn is running; wait for it, or stop it first")
    turns = face.conversation.timeline().turns
    if not turns:
        raise NotFound("there is no turn yet; ask something first")
    found = next((t for t in turns if str(t.number) == word.lstrip("#")), None) if word else turns[-1]
    if found is None:
        raise NotFound(f"this timeline has turns 1 to {turns[-1].number}, not {word}")
    return found


def is_number(word: str) -> bool:
    return word.lstrip("#").isdecimal()


def numbers(face: Face) -> list[str]:
    """Return the numbers of the turns, the last one first."""
    return [str(t.number) for t in reversed(face.conversation.timeline().turns)]


def endings(argument: str, options: Iterable[str]) -> list[str]:
    """Return the argument with its last word completed by each option that begins with it."""
    before, _, start = argument.rpartition(" ")
    head = f"{before} " if before else ""
    return [f"{head}{option}" for option in options if option.startswith(start)]


async def number(argument: str, face: Face) -> list[str]:
    """Complete the number of a turn."""
    return [n for n in numbers(face) if n.startswith(argument.strip())]


async def complete_timeline(argument: str, face: Face) -> list[Named]:
    """Complete a timeline: by the start of its id, or by words of its title."""
    rows, words = await face.workspace.timelines.rows(), argument.casefold().split()
    by_id = [row for row in rows if words and row.id.startswith(argument)]
    by_title = [row for row in rows if row not in by_id and all(word in row.title.casefold() for word in words)]
    return [Named(row.id, row.label, _facts(row, face)) for row in (*by_id, *by_title)]


def _facts(row: TimelineRow, face: Face) -> str:
    turns = plural(row.turns, "turn")
    where = row.place(face.conversation.id)
    return " · ".join(fact for fact in (local(row.updated_at)[:16], turns, row.id, where) if fact)
