"""Time to the first shown token of a turn, beside one bare call: `python -m tests.bench.speculation [ROUNDS]`.

The server takes 300 ms to its first token and then makes 100 a second, for the route's decision and for the answer. The
models are one with a price, one without, and servers on this machine with one slot and with four (`/props`); with the
defaults. A turn that wants no tool should take at most 1.1 times the bare call (DESIGN.md, section 11). One that wants
a tool asks three times in a row; it has no target. At the end, what discarded guesses cost over 200 mixed questions.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.llm.request import Channel
from ralph.core.llm.usage import dollars
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.ports.user_input import UserInput
from tests.bench.serving import ROOT, row, serving
from tests.headless.ask import Home
from tests.headless.test_speculation import NONE, SOME, split

ROUNDS = 9
QUESTIONS = 200
# Questions of one timeline.
IN_A_ROW = 10
# One question in so many wants a tool.
WANTING = 4
TARGET = 1.1
SPEED: dict[str, Any] = {"delay": 0.3, "pace": 0.01, "times": None, "usage": {"input": 20, "output": 60}}
ASKED = "tell me something"
ANSWER = {"text": ["word "] * 30, **SPEED}


@dataclass(frozen=True)
class Case:
    """A model that is asked: its entry of `providers:` for a server at {url}, and more of the configuration."""

    name: str
    entry: str
    more: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    slots: int = 0
    target: bool = True


FAR = '{kind: openai_compatible, base_url: "http://models.example/v1", api_key: sk-test}'
LOCAL = '{kind: openai_compatible, base_url: "{url}/v1"}'
PRICED = 'prices: {"mine:model-1": {input: 3, output: 15}}\n'
# A server that is not on this machine stands behind a proxy that is.
PROXY = {"HTTP_PROXY": "{url}"}
CASES = (
    Case("priced", FAR, PRICED, PROXY),
    Case("unpriced", FAR, "", PROXY),
    Case("local, four slots", LOCAL, slots=4),
    Case("local, one slot", LOCAL, slots=1, target=False),
    Case("priced, speculate: off", FAR, f"{PRICED}pipeline: {{speculate: off}}\n", PROXY, target=False),
)


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
    """Milliseconds to the first token of one call, and nothing around it."""
    body = {"model": "model-1", "stream": True, "messages": [{"role": "user", "content": ASKED}]}
    began, first = time.perf_counter(), 0.0
    async with client.stream("POST", f"{url}/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if first or not line.startswith("data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            if choices and choices[0]["delta"].get("content"):
                first = time.perf_counter() - began
    return first * 1000


@contextlib.asynccontextmanager
async def opened(folder: Path, url: str, case: Case) -> AsyncIterator[LocalWorkspace]:
    """The workspace of a person with this model, and nothing else changed."""
    environ = {name: value.replace("{url}", url) for name, value in case.environ.items()}
    home = Home(folder, f"providers: {{mine: {case.entry.replace('{url}', url)}}}\n{case.more}", environ)
    async with workspace(Flags(model="mine:model-1"), environ=home.environ, root=home.root) as space:
        yield space


async def turn(space: LocalWorkspace, prompt: str) -> float:
    """Milliseconds to the first shown token of a turn in a new timeline."""
    session, view = await space.timelines.open(), FirstWord()
    session.attach(view)
    began = time.perf_counter()
    await session.submit(UserInput(prompt))
    await session.close()
    assert view.at is not None
    return (view.at - began) * 1000


def server_of(slots: int, routes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the server answers: its slots, the decisions, the call of a tool, the answer."""
    shown = [{"body": json.dumps({"total_slots": slots}), "times": None, "when": {"path": "/props"}}] if slots else []
    calls = [{"name": "clock", "arguments": {"action": "now"}}]
    call = {"calls": calls, "when": {"body": '"tools"', "without": '"role":"tool"'}, **SPEED}
    return [*shown, *({**SPEED, **one, "when": {"body": "You route questions"}} for one in routes), call, ANSWER]


async def first_tokens(case: Case, wants: str, rounds: int) -> tuple[list[float], list[float]]:
    """Time bare calls and turns, in turn, on the same server."""
    calls, turns = list[float](), list[float]()
    route = {"text": split(SOME if wants else NONE)}
    with serving(*server_of(case.slots, [route])) as url, tempfile.TemporaryDirectory() as folder:
        async with httpx.AsyncClient(trust_env=False) as client, opened(Path(folder), url, case) as space:
            for count in range(rounds + 1):
                timed = await bare(client, url), await turn(space, ASKED)
                if count:  # the first opens connections and loads what is loaded late
                    calls.append(timed[0])
                    turns.append(timed[1])
    return calls, turns


def mixed() -> list[str]:
    """Questions of many kinds."""
    lines = (ROOT / "tests" / "rules" / "asked_of_others.txt").read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if line and not line.startswith("#")]
    return random.Random(5).sample(asked, QUESTIONS)


async def discards() -> None:
    """Print what discarded guesses cost when one routed question in four wants a tool."""
    fast = {"delay": 0.03, "pace": 0.001}
    chance = random.Random(6)
    routes = [
        {"text": split(SOME if chance.random() < 1 / WANTING else NONE), **fast, "times": 1} for _ in range(QUESTIONS)
    ]
    replies = [{**reply, **fast} if "body" not in reply else reply for reply in server_of(0, routes)]
    with serving(*replies) as url, tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder), url, CASES[0]) as space:
            asked = mixed()
            for first in range(0, QUESTIONS, IN_A_ROW):
                session = await space.timelines.open()
                for question in asked[first : first + IN_A_ROW]:
                    await session.submit(UserInput(question))
                await session.close()
            account = await space.store.usage.report("step")
            (row_of_guesses,) = await space.store._db.query(_GUESSED)  # type: ignore[attr-defined]
    turns, routed, guessed, discarded, tokens, used = row_of_guesses
    print(
        f"{QUESTIONS} mixed questions: {routed} were routed by the model, {guessed} were guessed, {discarded} guesses"
        f" discarded ({discarded / turns:.0%} of the turns)"
    )
    share = (account.wasted.nano_usd or 0) / (account.total.cost.nano_usd or 1)
    print(f"  {tokens:,} tokens of {used:,} ({tokens / used:.1%}), {dollars(account.wasted)} ({share:.1%} of the cost)")


_GUESSED = """
SELECT count(DISTINCT timeline || turn), count(DISTINCT timeline || turn) FILTER (WHERE role = 'route'),
       sum(speculated),
       sum(outcome = 'discarded'), sum(input + output) FILTER (WHERE outcome = 'discarded'), sum(input + output)
FROM attempts"""


async def main(rounds: int) -> None:
    for case in CASES:
        for wants in ("", "a tool"):
            calls, turns = await first_tokens(case, wants, rounds)
            name = f"{case.name}{', wants a tool' if wants else ''}"
            base = row(f"{name}: one bare call", calls, "ms")
            row(f"{name}: a turn", turns, "ms", base, f"target {TARGET}x" if case.target and not wants else "")
    await discards()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS))
