"""Events from JSON and back: ralph's codec, JSON alone, and msgspec: `python -m tests.bench.codec [TURNS] [ROUNDS]`.

msgspec is no dependency. Where it is installed, the same events are read as structs that are made here from ralph's own
type hints, and its import is compared with that of `dataclasses`. All take turns, on CPU time; a ratio is the median of
those within a round.
"""

from __future__ import annotations

import dataclasses
import gc
import importlib.util
import json
import resource
import subprocess
import sys
import time
import types
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from statistics import median
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ralph.core.clock import stamp
from ralph.core.errors import Kind
from ralph.core.llm.messages import PARTS
from ralph.core.log.codec import dumps, envelope_of, plain
from ralph.core.log.envelope import Envelope
from ralph.core.log.events import EVENTS
from tests.bench.serving import row
from tests.bench.tui_stream import document
from tests.tui.play import START, Gate, Say, turn

TURNS, ROUNDS = 500, 9
Line = tuple[Envelope, bytes]


def log(turns: int) -> list[Line]:
    """The events of so many turns, with what the database keeps of each."""
    made: list[Line] = []
    for number in range(1, turns + 1):
        at = stamp(START + timedelta(minutes=number))
        for ms, step in turn(number, f"question {number}", document(700, "mixed")):
            if not isinstance(step, Say | Gate):
                envelope = Envelope("k3f9w2m7qd", len(made) + 1, number, at, ms, step)
                made.append((envelope, dumps(plain(step)).encode()))
    return made


def read(line: Line) -> Envelope:
    old, text = line
    return envelope_of(
        timeline=old.timeline, seq=old.seq, turn=old.turn, at=old.at, ms=old.ms, kind=old.event.type, v=old.v,
        data=json.loads(text.decode()),
    )  # fmt: skip


def written(line: Line) -> str:
    return dumps(plain(line[0].event))


@cache
def struct(cls: type[Any]) -> Any:
    """The same record as a struct. A `Literal` is a text, since a newer version may have another word."""
    import msgspec

    hints, made = get_type_hints(cls), []
    for one in dataclasses.fields(cls):
        default = None if dataclasses.is_dataclass(one.default) else one.default
        hint = of(hints[one.name]) if default is one.default else of(hints[one.name]) | None
        if one.default_factory is not dataclasses.MISSING:
            made.append((one.name, hint, msgspec.field(default_factory=one.default_factory)))
        else:
            made.append((one.name, hint) if one.default is dataclasses.MISSING else (one.name, hint, default))
    tag = {"tag": cls.type, "tag_field": "type"} if cls in PARTS.values() else {}
    return msgspec.defstruct(cls.__name__, made, frozen=True, rename={"from_": "from"}, **tag)


def of(hint: Any) -> Any:
    origin, options = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return Union[tuple(map(of, options))]  # noqa: UP007 - it is made of a tuple
    if origin is Literal or hint is Kind:
        return str
    if origin is tuple:
        return tuple[tuple(o if o is Ellipsis else of(o) for o in options)]
    return struct(hint) if dataclasses.is_dataclass(hint) else hint


def with_msgspec() -> dict[str, Callable[[Any], Any]]:
    import msgspec

    readers = {kind: msgspec.json.Decoder(struct(cls)).decode for kind, cls in EVENTS.items()}
    envelope = msgspec.defstruct("Envelope", [(f.name, Any) for f in dataclasses.fields(Envelope)], frozen=True)

    def structs(line: Line) -> Any:
        old, text = line
        return envelope(old.timeline, old.seq, old.turn, old.at, old.ms, readers[old.event.type](text), old.v)

    return {"read by msgspec": structs}


def compare(name: str, ways: dict[str, Callable[[Any], Any]], lines: Sequence[Line], rounds: int) -> None:
    """Microseconds an event; the first way is the base."""
    found: dict[str, list[float]] = {way: [] for way in ways}
    for way in ways.values():
        way(lines[0])
    for _ in range(rounds):
        for way, run in ways.items():
            began = time.process_time()
            kept = [run(line) for line in lines]
            found[way].append((time.process_time() - began) * 1e6 / len(lines))
            del kept
    base = next(iter(found.values()))
    for way, values in found.items():
        ratio = median(v / b for v, b in zip(values, base, strict=True))
        row(f"{name}: {way}", values, "us", None, f"{ratio:.2f}x")


def imports(modules: Sequence[str], rounds: int) -> None:
    """CPU milliseconds of a process that imports one of these."""
    found: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(rounds * 3):
        for module, values in found.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            values.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
    for module, values in found.items():
        row(f"import {module}", values, "ms")


def main() -> None:
    given = [int(a) for a in sys.argv[1:]]
    turns, rounds = given + [TURNS, ROUNDS][len(given) :]
    lines = log(turns)
    reading: dict[str, Callable[[Any], Any]] = {"JSON alone": lambda line: json.loads(line[1].decode()), "read": read}
    here = importlib.util.find_spec("msgspec") is not None
    if here:
        reading |= with_msgspec()
    gc.disable()  # its passes fall on whichever way is running
    compare(f"all {len(lines):,} events", reading, lines, rounds)
    writing = {"JSON alone": lambda line: dumps(kept[id(line)]), "written": written}
    kept = {id(line): json.loads(line[1]) for line in lines}
    compare(f"all {len(lines):,} events", writing, lines, rounds)
    for kind in sorted({envelope.event.type for envelope, _ in lines}):
        few = [line for line in lines if line[0].event.type == kind]
        compare(kind, reading, few * (len(lines) // len(few) // 4 + 1), rounds)
    if here:
        imports(["sys", "dataclasses", "msgspec"], rounds)


if __name__ == "__main__":
    main()
