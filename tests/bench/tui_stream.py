"""CPU of the screen while an answer streams, beside a minimal Textual app: `python -m tests.bench.tui_stream [tok/s]`.

Each run is a process of its own on a pty of 120x40. Somebody types four letters a second all the while. Targets
(DESIGN.md, section 11): under 35 % of a core at 1,000 tok/s, under 0.35 ms a token, key to paint under 20 ms median.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import random
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any

SECONDS = 5.0
TOKEN = 4
BLOCKS = 10_000
TEXT = (
    "the model routes tokens over a small cache so that every block keeps its own rendered lines "
    "and the prompt stays quick when thousands of turns are loaded from disk"
)
WORDS = TEXT.split()
CODE = "```python\ndef running(values):\n    total = 0\n    for value in values:\n        total += value\n```"
TABLE = "| name | calls | cost |\n|---|--:|--:|\n| alpha | 12 | 0.031 |\n| **beta** | 7 | 0.120 |"

KINDS = (
    "mixed",
    "fence",
    "list",
    "table",
    "paragraph",
    "fence in an item",
    "quote",
    "nested list",
    "html",
    "no spaces",
)


def document(chars: int, kind: str) -> str:
    """Markdown of one kind, always the same."""
    made = random.Random(3)

    def sentence(count: int) -> str:
        return " ".join(made.choice(WORDS) for _ in range(count)).capitalize() + "."

    parts: list[str] = []
    size = 0
    while size < chars:
        if kind == "fence":
            part = "```python\n" + "".join(f"value_{n} = compute({n})  # note\n" for n in range(chars // 30))
        elif kind == "list":
            part = "".join(f"- item {n} with **bold** and more\n" for n in range(chars // 34))
        elif kind == "table":
            part = "| a | b |\n|---|---|\n" + "".join(f"| row {n} | `v{n}` |\n" for n in range(chars // 18))
        elif kind == "fence in an item":
            part = "1. do\n\n   ```python\n" + "".join(f"   value_{n} = compute({n})\n" for n in range(chars // 27))
        elif kind == "quote":
            part = "".join(f"> quoted words in a line of their own, number {n}\n" for n in range(chars // 51))
        elif kind == "nested list":
            part = "- a\n" + "".join(f"  - item {n} with **bold** and more\n" for n in range(chars // 36))
        elif kind == "html":
            part = "<div>\n" + "".join(f"<p>words {n}</p>\n" for n in range(chars // 19))
        elif kind == "no spaces":
            part = "日本語のテキスト" * (chars // 8)
        elif kind == "paragraph":
            part = "word and other words in one endless paragraph " * (chars // 46)
        else:
            body = [f"## Step {size}", sentence(40) + " **Bold** and `code`.", CODE, TABLE]
            part = "\n\n".join([*body, "\n".join(f"- {sentence(9)}" for _ in range(4)), sentence(30)]) + "\n\n"
        parts.append(part)
        size += len(part)
    return "".join(parts)


class Meter:
    """CPU, loop lag and key to paint while a producer runs."""

    def __init__(self, app: Any, typed: Callable[[], str]) -> None:
        self.app, self.typed = app, typed
        self.lags: list[float] = []
        self.keys: list[float] = []
        self.frames = 0
        self.painted = asyncio.Event()
        show = app._display

        def display(screen: Any, renderable: Any) -> None:
            show(screen, renderable)
            self.frames += 1
            self.painted.set()

        app._display = display

    async def run(self, produce: Callable[[], Any]) -> dict[str, Any]:
        side = [asyncio.create_task(work()) for work in (self._lag, self._type)]
        cpu, wall, frames = time.process_time(), time.perf_counter(), self.frames
        tokens = await produce()
        cpu, wall, frames = time.process_time() - cpu, time.perf_counter() - wall, self.frames - frames
        for task in side:
            task.cancel()
        self.lags.sort()
        return {
            "tokens": tokens,
            "cpu_pct": round(100 * cpu / wall, 1),
            "cpu_ms_per_token": round(1000 * cpu / tokens, 3) if tokens else None,
            "fps": round(frames / wall, 1),
            "lag_p95_ms": round(self.lags[int(len(self.lags) * 0.95)], 1),
            "lag_max_ms": round(self.lags[-1], 1),
            "key_p50_ms": round(median(self.keys), 1),
            "key_max_ms": round(max(self.keys), 1),
            "rss_mb": _rss(),
        }

    async def _lag(self) -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.01)
            self.lags.append((time.perf_counter() - start - 0.01) * 1000)

    async def _type(self) -> None:
        from textual import events

        while True:
            await asyncio.sleep(0.25)
            before, start = self.typed(), time.perf_counter()
            self.app.focused.post_message(events.Key("a", "a"))
            while self.typed() == before:
                self.painted.clear()
                await asyncio.sleep(0)
            await self.painted.wait()
            self.keys.append((time.perf_counter() - start) * 1000)


def _rss() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return round(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def minimal(out: str, **_: Any) -> None:
    """The floor: a text area, and somebody who types."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static, TextArea

    class Minimal(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("minimal")
            yield TextArea()

        def on_mount(self) -> None:
            self.query_one(TextArea).focus()
            self.run_worker(self.bench())

        async def bench(self) -> None:
            async def nothing() -> int:
                await asyncio.sleep(SECONDS)
                return 0

            await asyncio.sleep(0.5)
            area = self.query_one(TextArea)
            _write(out, await Meter(self, lambda: area.text).run(nothing))
            self.exit()

    Minimal().run()


def ralph(out: str, rate: float, kind: str, before: int = 0) -> None:
    """The real screen with ten thousand blocks, and an answer that streams; `before` characters are there already."""
    from ralph.core.log import events as ev
    from ralph.tui.app import RalphApp
    from ralph.tui.widgets.prompt import Prompt
    from tests.tui.desk import Desk
    from tests.tui.play import Play, turn

    play = Play()
    answer = document(1000, "mixed")
    play.past(1, turn(1, "a question", answer))
    first = play.timeline().turns[0]
    turns = tuple(replace(first, number=n) for n in range(1, BLOCKS // 4 + 1))
    whole = replace(play.timeline(), turns=turns)
    play.timeline = lambda: whole  # type: ignore[method-assign]
    text = document(int(before + SECONDS * rate * TOKEN) + 8000, kind)
    app = RalphApp(Desk(play), play, [])

    def chunk(words: str) -> None:
        for view in play._views:
            view.chunk(block, "text", 0, words)

    async def stream() -> int:
        at, sent = before, 0
        start = time.perf_counter()
        while (now := time.perf_counter()) - start < SECONDS:
            due = int((now - start) * rate)
            while sent < due:
                chunk(text[at : at + TOKEN])
                at += TOKEN
                sent += 1
            await asyncio.sleep(max(1 / rate, 0.002))
        return sent

    number = BLOCKS // 4 + 1
    block = f"{number}.4"

    async def bench() -> None:
        await asyncio.sleep(1.0)
        play.emit(number, 0, ev.TurnStarted("go"))
        play.emit(number, 0, ev.BlockStarted(block, "format"))
        chunk(text[: before or 1])
        await asyncio.sleep(1.0)
        prompt = app.query_one(Prompt)
        found = await Meter(app, lambda: prompt.text).run(stream)
        done = time.perf_counter()
        while app.feed._sink.waiting:  # noqa: ASYNC110 - nobody tells when it is drained
            await asyncio.sleep(0.001)
        found["behind_ms"] = round((time.perf_counter() - done) * 1000, 1)
        _write(out, found)
        app.exit(0)

    app.call_later(lambda: app.run_worker(bench()))
    app.run()


def _write(out: str, found: dict[str, Any]) -> None:
    with open(out, "w", encoding="utf-8") as file:
        json.dump(found, file)


def on_pty(arguments: list[str]) -> dict[str, Any]:
    """Run this file as a child whose terminal is a pty; Textual paints to stderr."""
    with tempfile.TemporaryDirectory() as folder:
        return _run_child(os.path.join(folder, "figures.json"), arguments)


def _run_child(out: str, arguments: list[str]) -> dict[str, Any]:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(sys.executable, [sys.executable, "-m", "tests.bench.tui_stream", "--child", out, *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    shown = b""
    try:
        while piece := os.read(terminal, 65536):
            shown = (shown + piece)[-4000:]
    except OSError:  # the child has closed its end
        pass
    _, status = os.waitpid(pid, 0)
    if status or not os.path.exists(out):
        raise SystemExit(f"the run {arguments} wrote no figures: {shown.decode(errors='replace')}")
    with open(out, encoding="utf-8") as file:
        return json.load(file)  # type: ignore[no-any-return]


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        out, mode, *rest = sys.argv[2:]
        if mode == "minimal":
            minimal(out)
        else:
            ralph(out, float(rest[0]), rest[1], int(rest[2]))
        return
    rate = sys.argv[1] if len(sys.argv) > 1 else "1000"
    runs = [("minimal", ["minimal"])]
    runs += [(f"ralph {rate} tok/s mixed", ["ralph", rate, "mixed", "0"])]
    for kind in KINDS:
        runs.append((f"200 tok/s after 100k, {kind}", ["ralph", "200", kind, "100000"]))
    for name, arguments in runs:
        print(f"{name:32}", json.dumps(on_pty(arguments)), flush=True)


if __name__ == "__main__":
    main()
