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

    `lag` is added to what each first chunk is behind its delta, in ms.
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


def _number(letter: str) -> int:
    code = ord(letter)
    return code - (_FIRST if code < _LEFT_OUT else _FIRST + 1)


def pack(deltas: Sequence[Delta]) -> list[Pack] | None:
    """Return the packs of one run: the deltas of a channel in order, of which only the first may be a restart.

    Returns None if a delta has numbers that no letter can express.
    """
    made: list[Pack] = []
    group: list[tuple[Delta, int]] = []
    start = offset = 0
    for delta in deltas:
        if group and not _fits(group, delta, offset - start):
            made.append(_close(group, start))
            group = []
        if not group:
            start = offset
        group.append((delta, offset - start))
        offset += len(delta.text)
    if group:
        made.append(_close(group, start))
    return made if all(one.lines for one in made) else None


def _behind(delta: Delta) -> int:
    """Return how many whole ms the first chunk is behind its delta; the clock of a block begins later."""
    return delta.ms // 1000 - delta.chunks[0][0] if delta.chunks else 0


def _fits(group: Sequence[tuple[Delta, int]], delta: Delta, offset: int) -> bool:
    first = group[0][0]
    late = [_behind(one) for one, _ in group if one.chunks] + ([_behind(delta)] if delta.chunks else [])
    return (
        len(group) < MOST
        and delta.turn == first.turn
        and not delta.restart
        and delta.seq - first.seq <= LARGEST
        and 0 <= delta.ms - first.ms < LARGEST * 1000
        and -LARGEST <= _drift(delta, first) * 2 <= LARGEST
        and offset <= LARGEST
        and max(late, default=0) - min(late, default=0) <= LARGEST
    )


def _drift(delta: Delta, first: Delta) -> int:
    return (delta.at - first.at) - (delta.ms - first.ms)


def _close(group: Sequence[tuple[Delta, int]], start: int) -> Pack:
    """Return the pack; without lines if a chunk cannot be expressed."""
    first, last = group[0][0], group[-1][0]
    lag = min((_behind(delta) for delta, _ in group if delta.chunks), default=0)
    lines: list[str] = []
    for delta, offset in group:
        drift, ms = _drift(delta, first), delta.ms - first.ms
        numbers = [delta.seq - first.seq, ms // 1000, ms % 1000, drift * 2 if drift >= 0 else -drift * 2 - 1, offset]
        before = delta.ms // 1000 - lag
        for place, (moment, text) in enumerate(delta.chunks):
            numbers += [before - moment if not place else moment - before, len(text)]
            before = moment
        if not all(0 <= number <= LARGEST for number in numbers):
            lines = []
            break
        lines.append("".join(map(_letter, numbers)))
    made = "\n".join(lines)
    return Pack(first.seq, last.seq, first.turn, first.at, first.ms, first.channel, first.restart, start, lag, made)


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
