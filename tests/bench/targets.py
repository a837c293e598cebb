"""What is measured, and what each figure should be: the rows that `python -m tests.bench` prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# A line of `serving.row`: name, median, unit, spread, and its ratio where it has one.
_ROW = re.compile(r"(?P<name>.+?)\s+(?P<figure>\d+\.\d+) (?P<unit>ms|MB|µs)\s*\(.*?\)\s*(?:(?P<ratio>\d+\.\d+)x)?")
_STREAM = re.compile(r"(?P<name>ralph 1000 tok/s mixed)\s+(?P<figures>\{.*\})")
_MEMORY = re.compile(r"\s*(?P<turns>\d+) turns\s+(?P<figure>\d+\.\d) MB")
_AT_REST = re.compile(r"at rest: (?P<name>.+?)\s+\d+\.\d+ % of a core\s+(?P<figure>\d+\.\d) MB")
_SIZE = re.compile(r"text .* B: (?P<ratio>\d+\.\d+) times")


@dataclass(frozen=True)
class Figure:
    """A median with its unit, and its ratio to the baseline of the same run; None: it has none."""

    value: float | None
    unit: str = ""
    ratio: float | None = None


@dataclass(frozen=True)
class Target:
    """A row: what it is, the bench and the line of it, and the most that its ratio or its figure may be."""

    what: str
    bench: str
    line: str
    ratio: float | None = None
    most: float | None = None

    def is_met(self, figure: Figure) -> bool | None:
        """Return None if the bench has not printed what the target needs."""
        measured, limit = (figure.ratio, self.ratio) if self.ratio is not None else (figure.value, self.most)
        return None if measured is None or limit is None else measured <= limit


# The arguments of each bench: as usual, and for a quick look.
ARGUMENTS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "version": ((), ("5",)),
    "headless": ((), ("3",)),
    "speculation": ((), ("3",)),
    "usage": ((), ("40000",)),
    "store_search": ((), ("2000",)),
    "store_size": ((), ("6", "4")),
    "tui_start": ((), ("--rounds", "3", "--settle", "1", "--rest", "1")),
    "tui_stream": ((), ()),
    "tui_memory": ((), ("20",)),
    "gateway": ((), ()),
}

TARGETS: tuple[Target, ...] = (
    Target("--version, CPU beside python -c pass", "version", "ralph --version, CPU", ratio=3.5),
    Target("headless turn: Ollama wire", "headless", "ollama: ralph -p, wall", ratio=1.6),
    Target("headless turn: own chat wire", "headless", "compatible: ralph -p, wall", ratio=1.8),
    Target("headless turn: own chat wire, no price", "headless", "compatible, unpriced: ralph -p, wall", ratio=1.8),
    Target("headless turn: OpenAI chat", "headless", "chat: ralph -p, wall", ratio=1.8),
    Target("headless turn: OpenAI Responses", "headless", "responses: ralph -p, wall", ratio=1.9),
    Target("headless turn: Anthropic", "headless", "anthropic: ralph -p, wall", ratio=1.9),
    Target("first token beside a bare call: priced", "speculation", "priced: a turn", ratio=1.1),
    Target("first token beside a bare call: no price", "speculation", "unpriced: a turn", ratio=1.1),
    Target("first token beside a bare call: four slots", "speculation", "local, four slots: a turn", ratio=1.1),
    Target("usage at 40,000 attempts", "usage", "40000 by day: ralph usage", most=250),
    Target("usage --by timeline at 40,000 attempts", "usage", "40000 by timeline: ralph usage", most=250),
    Target("usage at a million attempts, memory", "usage", "1000000 by day: ralph usage, memory", most=45),
    Target("usage --by timeline, memory", "usage", "1000000 by timeline: ralph usage, memory", most=45),
    Target("10,000 timelines: list", "store_search", "ralph timelines", most=190),
    Target("10,000 timelines: rare search", "store_search", "ralph timelines --search xylophone", most=150),
    Target("10,000 timelines: common search", "store_search", "ralph timelines --search sum (common)", most=200),
    Target("database beside the text in it", "store_size", "database", ratio=8.0),
    Target("exec to prompt, CPU", "tui_start", "CPU until then: ralph", ratio=1.3),
    Target("exec to prompt with 10,000 blocks", "tui_start", "exec to prompt: ralph -c, 10,000 blocks", ratio=1.4),
    Target("memory, 10,000 blocks open", "tui_start", "at rest: ralph -c, 10,000 blocks", most=110),
    Target("1,000 tok/s: CPU of a token", "tui_stream", "ralph 1000 tok/s mixed: cpu_ms_per_token", most=0.30),
    Target("1,000 tok/s: behind at the end", "tui_stream", "ralph 1000 tok/s mixed: behind_ms", most=16),
    Target("memory after 1,000 turns", "tui_memory", "1000 turns", most=120),
    Target("through the gateway, no network", "gateway", "no network: through the gateway", most=1.0),
)


def read_figures(lines: Iterable[str]) -> dict[str, Figure]:
    """Return the figures of a bench's output by the name of their line."""
    found: dict[str, Figure] = {}
    for line in lines:
        if at := _ROW.match(line):
            ratio = at["ratio"]
            found[at["name"]] = Figure(float(at["figure"]), at["unit"], float(ratio) if ratio else None)
        elif at := _STREAM.match(line):
            for name, value in json.loads(at["figures"]).items():
                if isinstance(value, int | float):
                    found[f"{at['name']}: {name}"] = Figure(float(value), "MB" if name == "rss_mb" else "ms")
        elif at := _MEMORY.match(line):
            found[f"{at['turns']} turns"] = Figure(float(at["figure"]), "MB")
        elif at := _AT_REST.match(line):
            found[f"at rest: {at['name']}"] = Figure(float(at["figure"]), "MB")
        elif at := _SIZE.match(line):
            found["database"] = Figure(None, "", float(at["ratio"]))
    return found
