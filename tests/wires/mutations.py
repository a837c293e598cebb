"""Mutations of recorded answers: every way to drop, double, reorder, retype, rename, cut, split and litter them.

Pure: a seed gives the same mutations on every machine. A mutation is named by its kind and its place, so that a
failing one can be found again.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tests.wires.recordings import Event, Recording, framed, recordings

# What stands in place of a field: every type of JSON, and the numbers that no counter has.
VALUES: tuple[Any, ...] = (
    None, "", "x", "12", 0, -7, 2**70, 1.5, float("nan"), float("inf"), True, False, [], ["x"], [None], {}, {"x": "y"},
    {"type": "x", "text": {"a": [1, {}]}},
)  # fmt: skip
LITTER: tuple[bytes, ...] = (
    b"\xef\xbb\xbf", b": keep-alive\n\n", b"\r\n", b"\n\n\n", b"data:\n\n", b"data: \n\n", b"event: ping\n\n",
    b"data: {}\n\n", b"{}\n", b"retry: 10\n\n", b"id: 7\n\n", b"garbage\n", b"data: garbage\n\n", b"\x00\n", b"null\n",
    b"data: null\n\n", b"data: []\n\n", b"data: [DONE]\n\n",
)  # fmt: skip


class Mutation(NamedTuple):
    """`chunks` are the network reads, each with the events that end in it; `where` finds it again."""

    kind: str
    where: str
    wire: str
    original: Recording
    events: Recording
    chunks: tuple[bytes, ...]


def mutations(wire: str, seed: int, pairs: int = 0) -> Iterator[Mutation]:
    """Every single mutation of every recording of the wire, and so many pairs of them, chosen by the seed."""
    for name, recording in recordings(wire).items():
        for kind, where, events in changed(recording):
            yield _of(wire, kind, f"{name} {where}", recording, events)
        yield from _bytes(wire, name, recording)
    yield from _pairs(wire, random.Random(seed), pairs)


def sample(wire: str, seed: int, count: int) -> list[Mutation]:
    """So many of them, some of each kind, chosen by the seed."""
    chance = random.Random(seed)
    kinds: dict[str, list[Mutation]] = {}
    for one in mutations(wire, seed, pairs=count):
        kinds.setdefault(one.kind, []).append(one)
    each = count // len(kinds) + 1
    return [one for of_kind in kinds.values() for one in chance.sample(of_kind, min(each, len(of_kind)))]


def changed(recording: Recording) -> Iterator[tuple[str, str, Recording]]:
    """The mutations of whole events and of their fields."""
    size = len(recording)
    for place in range(size):
        yield "drop", f"{place}", [*recording[:place], *recording[place + 1 :]]
        yield "double", f"{place}", [*recording[: place + 1], *recording[place:]]
        for other in range(place + 1, size):
            swapped = list(recording)
            swapped[place], swapped[other] = swapped[other], swapped[place]
            yield "reorder", f"{place}-{other}", swapped
    for place, event in enumerate(recording):
        for path in paths(event):
            yield from _fields(recording, place, path)


def _fields(recording: Recording, place: int, path: tuple[Any, ...]) -> Iterator[tuple[str, str, Recording]]:
    where = f"{place}:{'.'.join(map(str, path))}"
    old = _get(recording[place], path)
    for value in VALUES:
        yield "retype", f"{where}={value!r}", _with(recording, place, path, value)
    yield "nest", f"{where}", _with(recording, place, path, {"value": old})
    yield "list", f"{where}", _with(recording, place, path, [old])
    if isinstance(old, int | float) and not isinstance(old, bool):
        yield "as text", f"{where}", _with(recording, place, path, str(old))
        yield "negative", f"{where}", _with(recording, place, path, -old)
    if isinstance(old, str):
        for half in ("\ud83d", "\ude00"):
            yield "surrogate", f"{where}+", _with(recording, place, path, old + half)
            yield "surrogate", f"{where}-", _with(recording, place, path, half + old)
    if isinstance(path[-1], str):
        yield "delete", where, _without(recording, place, path)
        renamed = _without(recording, place, path)
        _get(renamed[place], path[:-1])[path[-1] + "_v2"] = old
        yield "rename", where, renamed


def _bytes(wire: str, name: str, recording: Recording) -> Iterator[Mutation]:
    """The same events, cut, split and littered on their way."""
    frames = [framed(wire, event) for event in recording]
    whole = b"".join(frames)

    def made(kind: str, where: object, *chunks: bytes) -> Mutation:
        return Mutation(kind, f"{name} {where}", wire, recording, recording, chunks)

    step = 1 if name in ("calls", "document", "one") else 5
    for place in range(0, len(whole), step):
        yield made("cut", place, whole[:place])
    for place in range(1, len(whole), step):
        yield made("split", place, whole[:place], whole[place:])
    yield made("split", "each byte", *(whole[n : n + 1] for n in range(len(whole))))
    yield made("line ends", "CRLF", *(frame.replace(b"\n", b"\r\n") for frame in frames))
    yield made("line ends", "CR", *(frame.replace(b"\n", b"\r") for frame in frames))
    crlf = whole.replace(b"\n", b"\r\n")
    half = crlf.index(b"\r") + 1
    yield made("line ends", "CRLF in two reads", crlf[:half], crlf[half:])
    yield made("line ends", "none at the end", *frames[:-1], frames[-1].rstrip(b"\n"))
    for litter in LITTER:
        for place in range(len(frames) + 1):
            yield made("litter", f"{litter!r} before {place}", *frames[:place], litter, *frames[place:])


def _pairs(wire: str, chance: random.Random, count: int) -> Iterator[Mutation]:
    """Two changes at once, in reads of random sizes."""
    of_wire = list(recordings(wire).items())
    for number in range(count):
        name, recording = chance.choice(of_wire)
        events = recording
        told = []
        for _ in range(2):
            kind, where, events = _any_change(events, chance)
            told.append(f"{kind} {where}")
        one = _of(wire, "pair", f"{number}: {name} {', then '.join(told)}", recording, events)
        yield one._replace(chunks=_reads(one.chunks, chance)) if chance.random() < 0.3 else one


def _any_change(recording: Recording, chance: random.Random) -> tuple[str, str, Recording]:
    """One change at a random place, without making all the others."""
    size = len(recording)
    place = chance.randrange(size) if size else 0
    found = list(paths(recording[place])) if size else []
    if not found or chance.random() < 0.2:
        every = list(changed([e if isinstance(e, str) else None for e in recording]))  # moves of whole events only
        kind, where, _ = chance.choice(
            [c for c in every if c[0] in ("drop", "double", "reorder")] or [("none", "", [])]
        )
        return kind, where, _moved(recording, kind, where)
    return chance.choice(list(_fields(recording, place, chance.choice(found))))


def _moved(recording: Recording, kind: str, where: str) -> Recording:
    first, _, second = where.partition("-")
    place = int(first or 0)
    match kind:
        case "drop":
            return [*recording[:place], *recording[place + 1 :]]
        case "double":
            return [*recording[: place + 1], *recording[place:]]
        case "reorder":
            swapped = list(recording)
            swapped[place], swapped[int(second)] = swapped[int(second)], swapped[place]
            return swapped
    return recording


def _reads(chunks: Sequence[bytes], chance: random.Random) -> tuple[bytes, ...]:
    whole, made = b"".join(chunks), []
    while whole:
        size = chance.randint(1, 400)
        made.append(whole[:size])
        whole = whole[size:]
    return tuple(made)


def _of(wire: str, kind: str, where: str, original: Recording, events: Recording) -> Mutation:
    return Mutation(kind, where, wire, original, events, tuple(framed(wire, event) for event in events))


def paths(value: Event, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every field of an event, the inner ones too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*at, key)
        yield from paths(one, (*at, key))


def _get(value: Any, path: Sequence[Any]) -> Any:
    for key in path:
        value = value[key]
    return value


def _with(recording: Recording, place: int, path: tuple[Any, ...], value: Any) -> Recording:
    made = list(recording)
    made[place] = copy.deepcopy(recording[place])
    _get(made[place], path[:-1])[path[-1]] = copy.deepcopy(value)
    return made


def _without(recording: Recording, place: int, path: tuple[Any, ...]) -> Recording:
    made = list(recording)
    made[place] = copy.deepcopy(recording[place])
    del _get(made[place], path[:-1])[path[-1]]
    return made
