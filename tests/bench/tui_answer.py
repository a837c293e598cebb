"""An answer of 4,000 Markdown tokens on the screen of the real program: `python -m tests.bench.tui_answer [ROUNDS]`.

A loopback server sends 1,000 tokens a second to a ralph on a pty of 120x40, 0.3 s after the request, and notes when it
sent its first and its last token. A bare httpx loop that writes each token to a pty takes turns with it. Targets
(DESIGN.md, section 11): CPU of the whole process at most 0.30 ms a token from the first token to the last glyph; first
token to glyph at most 7 ms, last token to glyph at most 16 ms; at most 80 MB, and 110 MB with 10,000 blocks open.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.serving import ROOT, row
from tests.bench.tui_start import BLOCKS, FULL, READY, cpu, save
from tests.bench.tui_stream import TOKEN, document

ROUNDS = 5
TOKENS = 4000
RATE = 1000
THINKS_S = 0.3
IDLE_S = 2.5
PATIENCE_S = 60.0
CONFIG = """\
providers: {{mine: {{kind: openai_compatible, base_url: "http://127.0.0.1:{port}/v1"}}}}
routing: {{route: rules, tool: "mine:model-1", format: "mine:model-1"}}
prices: {{"mine:model-1": {{input: 1, output: 1}}}}
"""
BARE = """
import httpx, json, sys
print("\\x1b[?2004h", flush=True)
sys.stdin.readline()
with httpx.stream("POST", sys.argv[1] + "/chat/completions", json={"stream": True, "messages": []}) as response:
    for line in response.iter_lines():
        if line.startswith("data: {"):
            for choice in json.loads(line[6:])["choices"]:
                sys.stdout.write(choice["delta"].get("content") or "")
                sys.stdout.flush()
input()
"""


class Run(NamedTuple):
    """CPU milliseconds a token, ms from the first and the last token to their glyphs, megabytes at the end."""

    cpu: float
    first: float
    last: float
    memory: float


class Server:
    """An OpenAI-compatible server that streams at a rate, and knows when it sent the first and the last token."""

    def __init__(self, words: tuple[str, str], began: Callable[[], None]) -> None:
        """`words` are the first and the last one of the answer. `began` is called with the first token."""
        self.first = self.last = 0.0
        self._words = words
        self._began = began

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        size = next((int(h.split(":")[1]) for h in head.lower().split("\r\n") if h.startswith("content-length")), 0)
        await reader.readexactly(size)
        if not head.startswith("POST"):
            body = b'{"object": "list", "data": [{"id": "model-1", "object": "model"}]}'
            told = f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close"
            writer.write(f"HTTP/1.1 200 OK\r\n{told}\r\n\r\n".encode() + body)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
            await asyncio.sleep(THINKS_S)
            await self._stream(writer)
        with contextlib.suppress(ConnectionError):  # the program was ended meanwhile
            await writer.drain()
        writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        text = document(TOKENS * TOKEN, "mixed")[: TOKENS * TOKEN]
        pieces = [text[at : at + TOKEN] for at in range(0, len(text), TOKEN)]
        tokens = [f"{self._words[0]} ", *pieces, f"\n\n{self._words[1]}"]
        start, sent = time.perf_counter(), 0
        while sent < len(tokens):
            due = min(len(tokens), int((time.perf_counter() - start) * RATE) + 1)
            if due > sent:
                if due == len(tokens):
                    self.last = time.perf_counter()
                writer.write(b"".join(_event({"content": token}, None) for token in tokens[sent:due]))
                if not sent:
                    self.first = time.perf_counter()
                    self._began()
                sent = due
            await asyncio.sleep(0.001)
        usage = {"prompt_tokens": 20, "completion_tokens": len(tokens), "total_tokens": 20 + len(tokens)}
        writer.write(_event({}, "stop") + b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n")
        writer.write(b"data: [DONE]\n\n")


def _event(delta: dict[str, str], reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    made = {"id": "c1", "object": "chat.completion.chunk", "model": "model-1", "choices": [choice]}
    return b"data: " + json.dumps(made).encode() + b"\n\n"


class Screen:
    """A program on a pty, and when each marker was first seen in what it painted."""

    def __init__(self, command: Sequence[str], home: Path) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(home)
            environ = {
                "HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8",
                "COLORTERM": "truecolor", "RALPH_DATA_DIR": str(home / "data"),
                "RALPH_CONFIG": str(home / "config.yaml"), "PYTHONPATH": str(ROOT),
            }  # fmt: skip
            os.execve(command[0], list(command), environ)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.set_blocking(self.terminal, False)
        self._wanted: dict[bytes, asyncio.Future[float]] = {}
        self._tail = b""
        asyncio.get_running_loop().add_reader(self.terminal, self._read)

    def _read(self) -> None:
        try:
            came = os.read(self.terminal, 65536)
        except OSError:
            asyncio.get_running_loop().remove_reader(self.terminal)
            return
        now, seen = time.perf_counter(), self._tail + came
        self._tail = seen[-100:]
        for marker, future in self._wanted.items():
            if marker in seen and not future.done():
                future.set_result(now)

    def seen(self, marker: bytes) -> asyncio.Future[float]:
        """When this marker is painted, counted from now on."""
        self._wanted[marker] = future = asyncio.get_running_loop().create_future()
        return future

    def cpu(self) -> float:
        """Milliseconds of CPU of the process and its threads, by the scheduler's count."""
        return cpu(self.pid)

    def memory(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def end(self) -> None:
        asyncio.get_running_loop().remove_reader(self.terminal)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


async def run(command: Sequence[str], home: Path, number: int) -> Run:
    """One answer. Its words differ from those of the answers that the home has already."""
    before, words = 0.0, (f"First{number}glyph", f"Last{number}glyph")

    def began() -> None:
        nonlocal before
        before = screen.cpu()

    server = Server(words, began)
    async with await asyncio.start_server(server.answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        (home / "config.yaml").write_text(CONFIG.format(port=port))
        screen = Screen([*command, f"http://127.0.0.1:{port}/v1"] if command[1] == "-c" else command, home)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await screen.seen(READY)
                await asyncio.sleep(IDLE_S)
                first, last = screen.seen(words[0].encode()), screen.seen(words[1].encode())
                os.write(screen.terminal, b"please write about rivers\r")
                shown = await first
                done = await last
                used = screen.cpu() - before
                await asyncio.sleep(1.0)
                took = (shown - server.first) * 1000, (done - server.last) * 1000
                return Run(used / TOKENS, *took, screen.memory())
        finally:
            screen.end()


async def measure(rounds: int, folder: Path) -> dict[str, list[Run]]:
    bare, empty, full = "a bare httpx loop", "ralph", FULL
    ralph = [sys.executable, "-m", "ralph", "-m", "mine:model-1"]
    commands = {bare: [sys.executable, "-c", BARE], empty: ralph, full: [*ralph, "-c"]}
    homes = {name: folder / str(number) for number, name in enumerate(commands)}
    for home in homes.values():
        home.mkdir()
    await save(homes[full], BLOCKS)
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            found[name].append(await run(command, homes[name], number))
    return found


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(rounds, Path(folder)))
    targets = {"cpu": "0.30 ms", "first": "7 ms", "last": "16 ms", "memory": "80 MB, with 10,000 blocks 110 MB"}
    words = {"cpu": "CPU a token", "first": "first token to glyph", "last": "last token to glyph", "memory": "memory"}
    for field, what in words.items():
        base = None
        for name, runs in found.items():
            values = [getattr(one, field) for one in runs]
            unit, target = "MB" if field == "memory" else "ms", "" if base is None else f"target {targets[field]}"
            middle = row(f"{what}: {name}", values, unit, base, target)
            base = base or middle


if __name__ == "__main__":
    main()
