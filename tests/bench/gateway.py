"""Own CPU of a streamed token and of a request, beside the bare loop of the client: `python -m tests.bench.gateway`.

The server is a process of its own; CPU is that of this process with all its threads, the database's writer among them.
`burst` is an answer as fast as it can be sent, so that one network read brings many tokens; in `paced` each token is a
read of its own, as from a real model. Targets (DESIGN.md, section 11): at most 10 µs a token over the bare loop, and
under 1 ms a request with nothing wrong.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import anthropic
import httpx

from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.llm.messages import Content, TextPart, user
from ralph.core.llm.provider import Traits
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Report, Request
from ralph.core.llm.usage import Usage
from ralph.core.log.recording import ModelCall
from ralph.core.ports.user_input import UserInput
from tests.bench.serving import row, serving
from tests.gateway.doubles import Here, Notebook
from tests.headless.ask import WIRES, Home

TOKENS = {"burst": 20_000, "paced": 4_000}
ROUNDS = 7
PROMPT = "tell me something"


async def bare_compatible(client: httpx.AsyncClient, url: str, prompt: str) -> int:
    """httpx and `json.loads`, as anybody would write it."""
    body = {"model": "model-1", "stream": True, "messages": [{"role": "user", "content": prompt}]}
    count = 0
    async with client.stream("POST", f"{url}/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                choices = json.loads(line[6:])["choices"]
                count += bool(choices and choices[0]["delta"].get("content"))
    return count


async def bare_anthropic(client: anthropic.AsyncAnthropic, prompt: str) -> int:
    """The SDK's own stream of events."""
    count = 0
    stream = await client.messages.create(
        model="model-1", max_tokens=99_999, stream=True, messages=[{"role": "user", "content": prompt}]
    )
    async with stream:
        async for event in stream:
            count += event.type == "content_block_delta" and event.delta.type == "text_delta"
    return count


async def cpu_of(work: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds of CPU."""
    began = time.process_time()
    await work()
    return (time.process_time() - began) * 1000


class Own:
    """Whole turns of ralph on one wire, in one workspace: pipeline, gateway, adapter, recorder and database."""

    def __init__(self, space: LocalWorkspace) -> None:
        self._space = space

    async def turn(self, prompt: str) -> None:
        session = await self._space.timelines.open()
        await session.submit(UserInput(prompt))
        await session.close()
        assert session.timeline().turns[-1].status == "ok"


async def tokens(wire: str, url: str, bare: Callable[[str], Awaitable[int]], folder: Path) -> None:
    """CPU a token of both."""
    entry, ref = WIRES[wire]
    home = Home(folder, f"providers: {entry.format(url=url)}")
    home.flags = type(home.flags)(model=ref, route="rules")
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        own = Own(space)
        for pace, count in TOKENS.items():
            found: dict[str, list[float]] = {"bare": [], "ralph": []}
            for number in range(ROUNDS + 1):
                for name, work in (("bare", bare), ("ralph", own.turn)):
                    value = await cpu_of(partial(work, f"{PROMPT} {pace}"))
                    if number:  # the first opens connections and loads what is loaded late
                        found[name].append(value / count * 1000)
            base = row(f"{wire}, {pace}: bare loop, a token", found["bare"], "µs")
            row(f"{wire}, {pace}: ralph, a token", found["ralph"], "µs", base)
            over = median(found["ralph"]) - base
            print(f"{'':44} {over:9.2f} µs over the bare loop  target 10", flush=True)


class Instant:
    """A provider that answers at once, so that what is left is the gateway."""

    name = "mine"
    traits = Traits(free=True)

    async def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        await asyncio.sleep(0)
        yield Piece("text", "Hello.")
        yield Report(usage=Usage(20, output=2, source="reported"))
        yield Answer("stop", Content((TextPart("Hello."),)))

    async def models(self) -> tuple[()]:
        return ()

    async def ready(self) -> None:
        """Nothing to open."""

    async def warm(self) -> None:
        """Nothing to open."""

    async def aclose(self) -> None:
        """Nothing to close."""


async def requests(folder: Path, url: str, client: httpx.AsyncClient) -> None:
    """CPU a request, of the gateway alone and of a whole turn with one word as its answer."""
    entry, ref = WIRES["compatible"]
    home = Home(folder, f"providers: {entry.format(url=url)}")
    home.flags = type(home.flags)(model=ref, route="rules")
    request, many = Request("model-1", (user(PROMPT),), visible=True), 200
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        own, gateway = Own(space), space.answering.gateway()

        async def through(ask: Callable[[], Awaitable[Any]]) -> list[float]:
            await ask()
            return [await cpu_of(lambda: _often(ask, many)) / many for _ in range(ROUNDS)]

        base = row("one word: bare httpx, a request", await through(lambda: bare_compatible(client, url, "one")), "ms")
        row("one word: ralph, a whole turn", await through(lambda: own.turn("tell me one")), "ms", base)
        instant = Instant()
        bare = row("no network: the provider alone", await through(lambda: _drain(instant.stream(request))), "ms")
        space.offer._open["mine"] = instant
        mine = ModelRef("mine", "model-1")
        own_cpu = await through(lambda: _drain(gateway.stream(ModelCall(mine, request, Here(), Notebook()))))
        row("no network: through the gateway", [v - bare for v in own_cpu], "ms", None, "target 1 ms")


async def _often(ask: Callable[[], Awaitable[Any]], times: int) -> None:
    for _ in range(times):
        await ask()


async def _drain(items: AsyncGenerator[Item, None]) -> None:
    async with aclosing(items) as open_items:
        async for _ in open_items:
            pass


async def main() -> None:
    usage = {"input": 20, "output": 100}
    replies: list[dict[str, Any]] = [
        {"text": ["word "] * TOKENS["paced"], "pace": 0.0001, "when": {"body": "paced"}, "times": None, "usage": usage},
        {"text": ["word "], "when": {"body": "one"}, "times": None, "usage": usage},
        {"text": ["word "] * TOKENS["burst"], "times": None, "usage": usage},
    ]
    with serving(*replies) as url, tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / part for part in ("requests", "compatible", "anthropic")]
        for folder in folders:
            folder.mkdir()
        async with httpx.AsyncClient() as client, anthropic.AsyncAnthropic(base_url=url, api_key="k") as sdk:
            await requests(folders[0], url, client)
            await tokens("compatible", url, lambda prompt: bare_compatible(client, url, prompt), folders[1])
            await tokens("anthropic", url, lambda prompt: bare_anthropic(sdk, prompt), folders[2])


if __name__ == "__main__":
    asyncio.run(main())
