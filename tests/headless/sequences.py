"""Sequences of commands by chance, and whether the ledger tells what the server was asked and billed for."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from ralph.assembly.workspace import workspace
from ralph.core.errors import Failure
from ralph.headless.rerun import AskedAgain, rerun
from tests.cli.process import command, environment
from tests.headless.ask import Home, Result, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

PRICES = 'prices: {"mine:model-1": {input: 1, output: 4}}\n'
IN, OUT = 1_000, 4_000  # nano-dollars a token
STEPS = 6


@dataclass
class Billed:
    """A person's machine and a server that bills: each answer has a usage of its own."""

    home: Home
    server: Server
    random: random.Random
    bill: int = 0
    killed: int = 0
    done: list[str] = field(default_factory=list)

    def expect(self) -> None:
        """The next answer, as the server bills it."""
        read, written = self.random.randint(1, 900), self.random.randint(1, 90)
        self.server.script.clear()
        self.server.will(Reply(text=("Some ", "words."), usage={"input": read, "output": written}))
        self._next = read * IN + written * OUT

    async def asking(self, work: Awaitable[object]) -> None:
        before = len(self.server.asked)
        await work
        self.bill += self._next * (len(self.server.asked) - before)

    async def ask(self, **options: object) -> None:
        await self.asking(self.home.ask("tell me something", **options))

    async def fork(self) -> None:
        await self._inside(lambda space: space.timelines.fork("last"))

    async def rerun(self) -> None:
        again = AskedAgain("last", None, "format", "json", None, None)

        async def work(space: object) -> object:
            return await rerun(space.store, space, again, io.StringIO(), io.StringIO())  # type: ignore[attr-defined,arg-type]

        await self.asking(self._inside(work))

    async def rebuild(self) -> None:
        await self._inside(lambda space: space.store.rebuild())

    async def delete(self) -> None:
        await self._inside(lambda space: space.timelines.delete("last", with_forks=True))

    async def _inside(self, work: Callable[..., Awaitable[object]]) -> None:
        home = self.home
        with contextlib.suppress(Failure):  # there may be no timeline yet, or nothing to run again
            async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
                await work(space)

    async def kill(self, *flags: str) -> None:
        """A process of its own that dies in the middle of its answer. Nobody knows what it would have been billed."""
        self.server.script.clear()
        self.server.will(Reply(text=("Some ", "words."), fault="stall", after=1))
        before = len(self.server.asked)
        process = await asyncio.create_subprocess_exec(
            *command("-p", "tell me something", "-m", "mine:model-1", "--route", "rules", *flags),
            env=environment(self.home.path, self.home.environ), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=self.home.root,
        )  # fmt: skip
        ended = asyncio.ensure_future(process.wait())
        asked = asyncio.ensure_future(self.server.until(lambda: len(self.server.asked) > before))
        await asyncio.wait([ended, asked], return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            process.send_signal(signal.SIGKILL)
            self.killed += 1
        await ended
        asked.cancel()

    async def check(self) -> None:
        """Close what the dead left, then compare."""
        await self._inside(lambda space: space.usage.report("day"))
        rows = Result(0, "", "", self.home.path).rows()
        assert len(rows) == len(self.server.asked), self.done
        assert sum(r["outcome"] == "interrupted" for r in rows) == self.killed, self.done
        assert sum(r["nano_usd"] for r in rows if r["outcome"] == "ok") == self.bill, self.done
        async with workspace(self.home.flags, environ=self.home.environ) as space:
            for by in ("day", "timeline", "model"):
                account = await space.usage.report(by)  # type: ignore[arg-type]
                assert sum(r.attempts for r in account.rows) == account.total.attempts == len(rows), self.done


COMMANDS: dict[str, Callable[[Billed], Awaitable[None]]] = {
    "run": lambda b: b.ask(),
    "-c": lambda b: b.ask(timeline="last"),
    "--no-save": lambda b: b.ask(save=False),
    "-c --no-save": lambda b: b.ask(timeline="last", save=False),
    "fork": lambda b: b.fork(),
    "rerun": lambda b: b.rerun(),
    "rebuild": lambda b: b.rebuild(),
    "delete": lambda b: b.delete(),
}
KILLS: dict[str, Callable[[Billed], Awaitable[None]]] = {
    "kill": lambda b: b.kill(),
    "kill --no-save": lambda b: b.kill("--no-save"),
    "kill -c --no-save": lambda b: b.kill("-c", "--no-save"),
}
# What loses money if anything does comes more often.
WEIGHTS = {"run": 2, "-c": 5, "--no-save": 2, "-c --no-save": 5, "fork": 2, "rerun": 2, "rebuild": 4, "delete": 1}


async def play(folder: Path, seed: int, *, kills: bool = False, steps: int = STEPS) -> Billed:
    """One sequence; raises `AssertionError` with it where the ledger and the server differ."""
    rng = random.Random(seed)
    os.mkdir(folder)
    async with Server() as server:
        billed = Billed(home_on(folder, "compatible", server.url, PRICES), server, rng)
        for _ in range(steps):
            (name,) = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))
            if kills and rng.random() < 0.3:
                name = rng.choice(list(KILLS))
            billed.done.append(name)
            billed.expect()
            await {**COMMANDS, **KILLS}[name](billed)
        await billed.check()
    return billed
