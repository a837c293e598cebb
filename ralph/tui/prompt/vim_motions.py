"""The motions of vim as pure functions over the lines of a text and a place in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from ralph.core.data import Data, frozen

Place = tuple[int, int]
Lines = Sequence[str]
# The reach of an operator: up to the place, with the place, or whole lines.
Reach = Literal["exclusive", "inclusive", "lines"]


@frozen
class Motion(Data):
    """A motion. `go` returns its target after some repeats. `w` and `l` may return the place after a line's end."""

    go: Callable[[Lines, Place, int], Place]
    reach: Reach = "exclusive"


def _kind(letter: str) -> int:
    """Return the kind of a character: 0 blank, 1 letter, digit or underscore, 2 other. A word has one kind."""
    return 0 if letter.isspace() or not letter else 1 if letter.isalnum() or letter == "_" else 2


def first(lines: Lines, row: int) -> Place:
    """Return the place of the first character of a line that is not blank."""
    return row, len(lines[row]) - len(lines[row].lstrip())


def _step(lines: Lines, at: Place, by: int) -> Place | None:
    """Return the next or the previous character, or None at the end. An empty line counts as a character."""
    row, column = at[0], at[1] + by
    if 0 <= column < len(lines[row]):
        return row, column
    row += by
    if not 0 <= row < len(lines):
        return None
    return row, 0 if by > 0 else max(0, len(lines[row]) - 1)


def _at(lines: Lines, at: Place) -> str:
    return lines[at[0]][at[1] : at[1] + 1]


def _end(lines: Lines) -> Place:
    return len(lines) - 1, max(0, len(lines[-1]) - 1)


def _word(lines: Lines, at: Place, count: int) -> Place:
    for _ in range(count):
        kind, row = _kind(_at(lines, at)), at[0]
        while (there := _step(lines, at, 1)) and there[0] == row and kind and _kind(_at(lines, there)) == kind:
            at = there
        while there and not _kind(_at(lines, there)) and lines[there[0]]:
            there = _step(lines, there, 1)
        if there is None:
            return len(lines) - 1, len(lines[-1])
        at = there
    return at


def _word_end(lines: Lines, at: Place, count: int) -> Place:
    for _ in range(count):
        there = _step(lines, at, 1)
        while there and not _kind(_at(lines, there)):
            there = _step(lines, there, 1)
        if there is None:
            return _end(lines)
        at, kind = there, _kind(_at(lines, there))
        while (there := _step(lines, at, 1)) and there[0] == at[0] and _kind(_at(lines, there)) == kind:
            at = there
    return at


def _word_back(lines: Lines, at: Place, count: int) -> Place:
    for _ in range(count):
        there = _step(lines, at, -1)
        while there and not _kind(_at(lines, there)) and lines[there[0]]:
            there = _step(lines, there, -1)
        if there is None:
            return 0, 0
        at, kind = there, _kind(_at(lines, there))
        while (there := _step(lines, at, -1)) and there[0] == at[0] and kind and _kind(_at(lines, there)) == kind:
            at = there
    return at


def _row(lines: Lines, at: Place, by: int) -> Place:
    row = max(0, min(len(lines) - 1, at[0] + by))
    return row, min(at[1], max(0, len(lines[row]) - 1))


MOTIONS: Mapping[str, Motion] = {
    "h": Motion(lambda lines, at, n: (at[0], max(0, at[1] - n))),
    "l": Motion(lambda lines, at, n: (at[0], min(len(lines[at[0]]), at[1] + n))),
    "j": Motion(_row, "lines"),
    "k": Motion(lambda lines, at, n: _row(lines, at, -n), "lines"),
    "w": Motion(_word),
    "b": Motion(_word_back),
    "e": Motion(_word_end, "inclusive"),
    "0": Motion(lambda lines, at, n: (at[0], 0)),
    "^": Motion(lambda lines, at, n: first(lines, at[0])),
    "$": Motion(lambda lines, at, n: (at[0], max(0, len(lines[at[0]]) - 1)), "inclusive"),
    "gg": Motion(lambda lines, at, n: first(lines, min(n, len(lines)) - 1), "lines"),
    "G": Motion(lambda lines, at, n: first(lines, min(n, len(lines)) - 1), "lines"),
}


def span(lines: Lines, at: Place, key: str, count: int) -> tuple[Place, Place]:
    """Return the range that an operator takes with this motion: the first place, and the place after the last."""
    there = MOTIONS[key].go(lines, at, count)
    start, end = sorted((at, there))
    if MOTIONS[key].reach == "inclusive":
        end = (end[0], min(len(lines[end[0]]), end[1] + 1))
    elif key == "w" and end[0] > start[0] and end[1] <= first(lines, end[0])[1]:
        end = (end[0] - 1, len(lines[end[0] - 1]))  # the last word of a line, without the line break
    return start, end


def to_word_end(lines: Lines, at: Place, count: int) -> tuple[Place, Place]:
    """Return the range of `cw`: up to the end of the word, without blanks. On a blank return the range of `dw`."""
    if not _kind(_at(lines, at)):
        return span(lines, at, "w", count)
    row, column = at
    while column + 1 < len(lines[row]) and _kind(lines[row][column + 1]) == _kind(lines[row][column]):
        column += 1
    there = _word_end(lines, (row, column), count - 1)
    return at, (there[0], there[1] + 1)
