"""Time to the first shown token of a turn without tools, beside one bare call: `python -m tests.bench.speculation`.

The server takes 300 ms to its first token and then makes 100 a second, for the route's decision and for the answer.
Target (DESIGN.md, section 11): at most 1.1 times the bare call with speculation.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from ralph.assembly.workspace import workspace
from ralph.core.llm.request import Channel
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.ports.user_input import UserInput
from tests.bench.serving import row, serving
from tests.headless.ask import Home
from tests.headless.test_speculation import NONE, split

ROUNDS = 15
REF = "mine:model-1"
SPEED: dict[str, Any] = {"delay": 0.3, "pace": 0.01, "times": None, "usage": {"input": 20, "output": 60}}


class FirstWord:
    """A view that looks at the clock when the first piece of the answer is shown."""

    def __init__(self) -> None:
        self.at: float | None = None
        self._format = ""

    def event(self, envelope: Envelope) -> None:
        if isinstance(envelope.event, ev.BlockStarted) and envelope.event.kind == "format":
            self._format = envelope.event.block

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        if self.at is None and block == self._format and channel == "text":
            self.at = time.perf_counter()


async def bare(client: httpx.AsyncClient, url: str) -> float:
    """One call, and nothing around it."""
    body = {"model": "model-1", "stream": True, "messages": [{"role": "user", "content": "tell me something"}]}
    began, first = time.perf_counter(), 0.0
    async with client.stream("POST", f"{url}/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if first or not line.startswith("data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            if choices and choices[0]["delta"].get("content"):
                first = time.perf_counter() - began
    return first * 1000


async def turns(
    folder: Path, url: str, speculate: str, measured: Callable[[Callable[[], Awaitable[float]]], Any]
) -> None:
    """A workspace whose turns can be timed."""
    entry = f'providers: {{mine: {{kind: openai_compatible, base_url: "{url}/v1", one_slot: false}}}}\n'
    home = Home(folder, f'{entry}pipeline: {{speculate: "{speculate}"}}\nrouting: {{route: "{REF}"}}\n')
    home.flags = type(home.flags)(model=REF)
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:

        async def turn() -> float:
            session, view = await space.timelines.open(), FirstWord()
            session.attach(view)
            began = time.perf_counter()
            await session.submit(UserInput("tell me something"))
            await session.close()
            assert view.at is not None
            return (view.at - began) * 1000

        await measured(turn)


async def main() -> None:
    replies = (
        {"text": split(NONE), "when": {"body": "You route questions"}, **SPEED},
        {"text": ["word "] * 30, **SPEED},
    )
    found: dict[str, list[float]] = {"bare": [], "off": [], "on": []}
    with serving(*replies) as url, tempfile.TemporaryDirectory() as name:
        folders = Path(name) / "off", Path(name) / "on"
        for folder in folders:
            folder.mkdir()
        async with httpx.AsyncClient() as client:

            async def off(turn_off: Callable[[], Awaitable[float]]) -> None:
                async def on(turn_on: Callable[[], Awaitable[float]]) -> None:
                    for count in range(ROUNDS + 1):
                        timed = (await bare(client, url), await turn_off(), await turn_on())
                        if count:  # the first opens connections and loads what is loaded late
                            for values, value in zip(found.values(), timed, strict=True):
                                values.append(value)

                await turns(folders[1], url, "on", on)

            await turns(folders[0], url, "off", off)
    base = row("one bare call", found["bare"], "ms")
    row("a turn, speculate: off", found["off"], "ms", base)
    row("a turn, speculate: on", found["on"], "ms", base, "target 1.1x")


if __name__ == "__main__":
    asyncio.run(main())
