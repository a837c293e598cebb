"""Packs the deltas of a finished block: the text stands once, and a pack says how it was cut and when each piece came.

A pack is a line of letters for each delta. A letter is a number from 0 to `LARGEST`, written as one character:

    seq after the first of the pack · ms of the turn (two letters: whole ms and microseconds after the first delta) ·
    drift of the wall clock against these ms, in microseconds · offset of the text · then for each chunk its ms and its
    length: for the first chunk how much it is behind, for others how much after the one before

The view `events` unpacks the same in SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ralph.core.data import Data, frozen

# The characters below 35, 92 and the surrogates are left out, so that a pack needs no escapes in JSON.
_FIRST, _LEFT_OUT = 35, 92
LARGEST = 0xD800 - _FIRST - 2
# A chunk of a later delta may be less behind by so many ms. Small numbers are short.
_MARGIN = 20
# Longer packs would leave the page of their row.
MOST = 72


@frozen
class Delta(Data):
    """A `block.delta` as it is stored while its block is open: times in microseconds, chunks of (ms, text)."""

    seq: int
    turn: int
    at: int
    ms: int
    channel: str
    chunks: tuple[tuple[int, str], ...]
    restart: bool

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.chunks)


@frozen
class Pack(Data):
    """Deltas of one block and channel. `start` is the character of the text at which the pack begins.

    A first chunk came `lag` ms before its delta, and then so many as its line says.
    """

    first: int
    last: int
    turn: int
    at: int
    ms: int
    channel: str
    restart: bool
    start: int
    lag: int
    lines: str


def _letter(number: int) -> str:
    return chr(number + (_FIRST if number < _LEFT_OUT - _FIRST else _FIRST + 1))


_SHORT = 2_000
_LETTERS = [_letter(number) for number in range(_SHORT)]


def _number(letter: str) -> int:
    code = ord(letter)
    return code - (_FIRST if code < _LEFT_OUT else _FIRST + 1)


def pack(deltas: Sequence[Delta]) -> list[Pack] | None:
    """Return the packs of one run: the deltas of a channel in order, of which only the first may be a restart.

    Returns None if a delta has numbers that no letter can express.
    """
    made: list[Pack] = []
    start, place = 0, 0
    while place < len(deltas):
        lines, taken, size = _lines(deltas, place)
        if not lines:
            return None
        first, last = deltas[place], deltas[place + taken - 1]
        where = (first.seq, last.seq, first.turn, first.at, first.ms, first.channel, first.restart)
        made.append(Pack(*where, start, _lag(first), "\n".join(lines)))
        start, place = start + size, place + taken
    return made


def _lag(first: Delta) -> int:
    """Return how many ms the clock of the turn is before that of the block, and a margin for later chunks."""
    return first.ms // 1000 - first.chunks[0][0] - _MARGIN if first.chunks else 0


def _lines(deltas: Sequence[Delta], place: int) -> tuple[list[str], int, int]:
    """Return the lines of one pack, how many deltas it takes from here, and how many characters these have."""
    first = deltas[place]
    lag, lines, offset = _lag(first), list[str](), 0
    for delta in deltas[place : place + MOST]:
        if delta.turn != first.turn or (lines and delta.restart):
            break
        after = delta.ms - first.ms
        drift = delta.at - first.at - after
        numbers = [delta.seq - first.seq, after // 1000, after % 1000, drift * 2 if drift >= 0 else -drift * 2 - 1]
        numbers.append(offset)
        moment, size = delta.ms // 1000 - lag, 0
        for number, (ms, text) in enumerate(delta.chunks):
            numbers += (ms - moment if number else moment - ms, len(text))
            moment, size = ms, size + len(text)
        if min(numbers) < 0 or max(numbers) > LARGEST:
            break
        lines.append("".join([_LETTERS[n] if n < _SHORT else _letter(n) for n in numbers]))
        offset += size
    return lines, len(lines), offset


def unpack(pack: Pack, text: str) -> Iterator[Delta]:
    """Yield the deltas of a pack; `text` is the whole text of the run."""
    for place, line in enumerate(pack.lines.split("\n")):
        seq, whole, part, zigzag, offset, *chunks = map(_number, line)
        after = whole * 1000 + part
        drift = zigzag // 2 if zigzag % 2 == 0 else -(zigzag + 1) // 2
        at, ms = pack.at + after + drift, pack.ms + after
        begin, moment = pack.start + offset, ms // 1000 - pack.lag
        pieces: list[tuple[int, str]] = []
        for later, length in zip(chunks[::2], chunks[1::2], strict=True):
            moment = moment + later if pieces else moment - later
            pieces.append((moment, text[begin : begin + length]))
            begin += length
        restart = pack.restart and not place
        yield Delta(pack.first + seq, pack.turn, at, ms, pack.channel, tuple(pieces), restart)
