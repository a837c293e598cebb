"""What a person reads of a turn is what the ledger has of it, in every view, while the turn runs and after it.

Fifty turns by chance, with consent, retries, guesses, fallbacks, refusals, empty answers and cancels; the clock is real
but for the waits, which are added to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.clock import SystemClock
from ralph.core.formatting import seconds
from ralph.core.llm.request import Channel
from ralph.core.llm.usage import Cost, Usage, dollars, format_charge, total_cost, total_usage
from ralph.core.log.envelope import Envelope
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Consent
from ralph.core.ports.user_input import UserInput
from ralph.core.timeline.figure_words import apart, apart_of_turn
from ralph.core.timeline.step_times import step_figures, turn_figures
from ralph.core.timeline.turns import Block, Turn
from ralph.headless import saved
from ralph.headless.plain import PlainView
from ralph.headless.usage import usage as print_usage
from ralph.headless.views import Writing
from ralph.session.replay import replay
from ralph.tui.controllers.spending import SpendingSnapshot
from ralph.tui.formatting import price, tokens
from ralph.tui.timeline.blocks import FooterDrawing, step_drawing
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.waterfall import bars
from tests.headless.ask import Home
from tests.tui.see import brush, plain
from tests.wires.script import Reply
from tests.wires.server import Server

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

CONFIG = """
providers: {{mine: {{kind: openai_compatible, base_url: "{url}/v1"}}}}
routing: {{fallback: ["mine:second"]}}
pipeline: {{speculate: on}}
tools: {{ask: [calculate]}}
prices: {{"mine:router": {{input: 1, output: 5}}, "mine:first": {{input: 3, output: 15}}}}
"""
TURNS = 50
STEPS = ("route", "tool", "format")


class LatenessClock(SystemClock):
    """The machine's clock, which is late by all that was waited."""

    def __init__(self) -> None:
        self.late = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.late)

    def monotonic(self) -> float:
        return super().monotonic() + self.late

    async def sleep(self, seconds: float) -> None:
        self.late += seconds
        await asyncio.sleep(0)


@dataclass
class Sitting:
    """A window with a person, another window on the same database, and a server."""

    home: Home
    here: LocalWorkspace
    there: LocalWorkspace
    server: Server
    clock: LatenessClock
    chance: random.Random
    conversation: Any = None
    checked: int = 0

    # The person.

    async def allow(self, consent: Consent) -> bool:
        await self.check()
        self.clock.late += self.chance.uniform(0.2, 40)
        return self.chance.random() < 0.8

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return None

    # The server.

    def figures(self) -> dict[str, int]:
        read = self.chance.randint(20, 9000)
        return {"input": read, "cache_read": self.chance.choice((0, read // 2)), "output": self.chance.randint(2, 900)}

    def reply(self, model: str, *text: str, **more: Any) -> Reply:
        return Reply(text=text, when={"body": f'"{model}"'}, usage=self.figures(), **more)

    def routes(self, *tools: str) -> Reply:
        made = {"tools": tools, "rounds": 1, "intent": "other", "difficulty": "low", "reason": "because"}
        return self.reply("router", json.dumps(made), delay=0.02)

    def script(self, kind: str) -> None:
        guess = self.reply("first", "A guess ", "that is ", "slow.", pace=0.03)
        calls = [{"name": "calculate", "arguments": {"expression": f"{n}+1"}, "id": f"c{n}"} for n in range(2)]
        called = self.reply("first", calls=calls[: self.chance.randint(1, 2)])
        answer = self.reply("first", "It is ", "two.")
        busy = Reply(status=503, when={"body": '"first"'})
        self.server.script.clear()
        self.server.will(*{
            "plain": [self.routes(), answer],
            "retried": [self.routes(), busy, busy, answer],
            "fallback": [self.routes(), busy, busy, busy, self.reply("second", "I stand in.")],
            "tools": [self.routes("calculate"), guess, called, answer],
            "guess in time": [self.routes("calculate"), self.reply("first", "Soon."), called, answer],
            "guess fails": [self.routes("calculate"), Reply(status=400, when={"body": '"first"'}), called, answer],
            "route fails": [Reply(status=401, when={"body": '"router"'}), answer],
            "refused": [Reply(status=401, when={"body": '"router"'}), Reply(status=401), Reply(status=401)],
            "empty": [self.routes(), self.reply("first"), self.reply("second")],
            "cancelled": [self.routes(), self.reply("first", "A long ", "answer ", fault="stall", after=2)],
            "cancelled tools": [
                self.routes("calculate"), guess, called, self.reply("first", "So ", fault="stall", after=1)
            ],
        }[kind])  # fmt: skip

    async def ask(self, kind: str) -> None:
        self.script(kind)
        self.clock.late += 60  # a person reads; what was left alone after failures is asked again
        stop = asyncio.Event()
        view = Stop(stop)
        self.conversation.attach(view)
        task = self.conversation.submit(UserInput("tell me something"))
        words = asyncio.ensure_future(stop.wait())
        await asyncio.wait([task, words], return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and kind.startswith("cancelled"):  # who stands in for the model may answer to the end
            await self.check()
            await self.conversation.stop()
        await asyncio.wait([task])
        words.cancel()
        self.conversation.detach(view)
        await self.check()

    # What the views say, beside what the ledger has.

    async def check(self) -> None:
        """Compare; once more where a request has ended in the middle of it."""
        self.checked += 1
        while True:
            await self.here.timelines.flush()
            before = self.ledger()
            try:
                await self.compare(*before)
            except AssertionError:
                await self.here.timelines.flush()
                if self.ledger() == before:
                    raise
            else:
                return

    async def compare(self, rows: list[dict[str, Any]], calls: Mapping[str, Any]) -> None:
        timeline = self.conversation.timeline()
        if timeline.turns:
            now_ms = 10.0**9 if timeline.turns[-1].status is None else None
            self.check_turn(timeline.turns[-1], rows, calls, now_ms)
        await self.check_sums(rows)

    def ledger(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The attempts that are over, and the finishes of calls by id."""
        path = self.here.store.path  # type: ignore[attr-defined]
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute("SELECT * FROM attempts WHERE outcome IS NOT NULL")]
            finished = connection.execute("SELECT data FROM events WHERE type = 'tool.finished'")
            calls = {made["call"]: made for made in (json.loads(row[0]) for row in finished)}
        return rows, calls

    async def check_sums(self, rows: list[dict[str, Any]]) -> None:
        """The top line, `/budget`, `/usage` and `usage --json`, here and in the other window."""
        cost, used = sum_of(rows)
        for space in (self.here, self.there):
            budgets = {r.name: r for r in await space.usage.budgets(self.conversation.id, 1)}
            spent = cost if used.source != "none" else None
            assert budgets["timeline"].spent == budgets["day"].spent == budgets["month"].spent == spent
            top = SpendingSnapshot().count(self.conversation.id, tuple(budgets.values()))
            assert top.of(self.conversation.id) == (f"timeline {dollars(cost)}" if spent else "")
            assert top.today == (f"today {dollars(cost)}" if spent and cost != Cost() else "")
            for by in ("step", "timeline", "model") if self.checked % 20 == 0 else ("step",):
                report = await space.usage.report(by)  # type: ignore[arg-type]
                assert (report.total.usage, report.total.cost) == (used, cost)
                assert total_cost(r.cost for r in report.rows) == (cost if rows else Cost())
                assert total_usage(r.usage for r in report.rows) == used
                wasted = [r for r in rows if is_wasted(r, rows)]
                assert report.wasted == sum_of(wasted)[0]
                failed = sum(r["outcome"] in ("failed", "interrupted") for r in rows)
                assert not rows or report.total.error_rate == round(failed / len(rows), 4)
            (listed,) = await space.timelines.rows() or (None,)
            assert listed is None or listed.cost == cost
        if self.checked % 20 == 0:
            out = io.StringIO()
            await print_usage(self.there.store, out, io.StringIO(), by="step", as_json=True)
            told = json.loads(out.getvalue())
            assert told["total"]["cost"] == {"nano_usd": cost.nano_usd, "status": cost.status}

    def check_turn(
        self, turn: Turn, rows: list[dict[str, Any]], calls: Mapping[str, Any], now_ms: float | None
    ) -> None:
        mine = [r for r in rows if r["turn"] == turn.number]
        lanes = dict(bars(turn, None, {}))
        for block in turn.blocks:
            if block.kind not in STEPS:
                continue
            own = [r for r in mine if r["block"] == block.id]
            if block.status is not None:
                check_step(block, own, calls, turn)
                took = sorted(round(bar.took, 3) for bar in lanes[block.kind])
                asked = [r["duration_ms"] for r in own] + [
                    c["duration_ms"] or c["waited_ms"] for n, c in calls.items() if n.startswith(f"{block.id}c")
                ]
                if block.status != "skipped" and asked:
                    assert took == pytest.approx(sorted(asked), abs=0.002), "the bars of the waterfall"
            figures = step_figures(block, now_ms)
            money = [figures.cost, *([figures.guess.cost] if figures.guess else [])]
            if own:
                assert total_cost(money) == sum_of(own)[0], "while it runs too"
        if turn.status is not None:
            check_end(turn, mine)


def check_step(block: Block, own: list[dict[str, Any]], calls: Mapping[str, Any], turn: Turn) -> None:
    """A row: its time, tokens and cost are those of the requests and calls that it kept; the rest stands apart."""
    figures = step_figures(block)
    guessed = [r for r in own if r["speculated"]] if own and not used_guess(own) else []
    kept = [r for r in own if r not in guessed]
    ran = [c for name, c in calls.items() if name.startswith(f"{block.id}c")]
    if kept or ran:
        # Calls that run at the same time count once, so their sum is the most it can be.
        least = sum(r["duration_ms"] for r in kept) + max((c["duration_ms"] for c in ran), default=0.0)
        most = sum(r["duration_ms"] for r in kept) + sum(c["duration_ms"] for c in ran)
        assert least - 0.002 <= (figures.own_ms or 0.0) <= most + 0.002
        if len(ran) < 2:
            assert figures.own_ms == pytest.approx(most, abs=0.002)
    cost, used = sum_of(kept)
    assert (figures.cost, figures.usage) == (cost, used)
    assert (figures.guess is not None) == bool(guessed)
    if figures.guess:
        assert (figures.guess.cost, figures.guess.usage) == sum_of(guessed)
    waited: dict[str, float] = defaultdict(float)
    for phases in (json.loads(r["phases"]) for r in own):
        for cause in ("retry", "limited", "loading"):
            waited[cause] += phases.get(cause, 0.0)
        own_phases = sum(phases.get(n, 0.0) for n in ("connect", "first_token", "decode"))
        assert any(r["duration_ms"] == pytest.approx(own_phases, abs=0.003) for r in own)
    for cause, ms in block.waited.items():  # for a request that was not sent
        waited[cause] += ms
    for cause, ms in waited.items():
        assert figures.waited.get(cause, 0.0) == pytest.approx(ms, abs=0.002)
    if len(ran) == 1:
        assert figures.waited.get("person", 0.0) == pytest.approx(ran[0]["waited_ms"], abs=0.5)
    drawn = " ".join(plain(step_drawing(block, "", turn.duration_ms, FoldState(), turn.at).draw(brush(), 200)))
    drawn = " ".join(drawn.split())
    if block.status != "skipped":
        assert seconds(figures.own_ms or 0.0) in drawn
    for words in apart(figures):
        assert words in drawn
    if kept:
        assert price(cost, used) in drawn
        assert tokens(used, 14) in drawn


def check_end(turn: Turn, mine: list[dict[str, Any]]) -> None:
    """The end line: what is not waited is the turn's own, and its sums are those of all its requests."""
    figures = turn_figures(turn)
    assert (turn.cost, turn.usage) == sum_of(mine)
    assert (figures.own_ms or 0.0) + sum(figures.waited.values()) == pytest.approx(turn.duration_ms, abs=0.01)
    words = " ".join(plain(FooterDrawing(turn).draw(brush(), 300)))
    assert seconds(figures.own_ms or 0.0) in words
    for said in (*apart_of_turn(figures), format_charge(turn.cost, turn.usage) if mine else dollars(turn.cost)):
        assert said in words
    parts = [step_figures(b) for b in turn.blocks]
    sums = [f.cost for f in parts if f.usage.source != "none" or f.cost != Cost()]
    sums += [f.guess.cost for f in parts if f.guess]
    if any(r["usage_source"] != "none" for r in mine):
        known = [c.nano_usd for c in sums if c.nano_usd is not None]
        assert (sum(known) if known else None) == turn.cost.nano_usd or turn.cost.nano_usd == 0


def used_guess(own: list[dict[str, Any]]) -> bool:
    """The tries of a block, in order: the last one is a guess that was kept."""
    last = max(own, key=lambda r: int(r["attempt"].rsplit("a", 1)[1]))
    return bool(last["speculated"]) and last["outcome"] != "discarded"


def is_wasted(row: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """A guess that was thrown away, or answered although its step was then asked anew."""
    anew = any(r["turn"] == row["turn"] and r["block"] == row["block"] and not r["speculated"] for r in rows)
    return bool(row["outcome"] == "discarded" or (row["speculated"] and anew))


def sum_of(rows: list[dict[str, Any]]) -> tuple[Cost, Usage]:
    classes = ("input", "cache_read", "cache_write", "output", "reasoning")
    used = total_usage(Usage(*(r[c] for c in classes), r["usage_source"]) for r in rows)
    return total_cost(Cost(r["nano_usd"], r["cost_status"]) for r in rows), used


class Stop:
    """Sees the first words of an answer that will not end."""

    def __init__(self, seen: asyncio.Event) -> None:
        self._seen = seen
        self._last = ""

    def event(self, envelope: Envelope) -> None:
        """Only words are waited for."""

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        if text.strip() in ("answer", "So"):
            self._seen.set()


@contextlib.asynccontextmanager
async def sitting(path: Path, seed: int) -> AsyncIterator[Sitting]:
    async with Server() as server:
        home, clock = Home(path, CONFIG.format(url=server.url)), LatenessClock()
        flags = Flags(model="mine:first", route="mine:router")
        options: dict[str, Any] = {"environ": home.environ, "root": home.root, "ids": home.ids, "clock": clock}
        async with workspace(flags, **options) as here, workspace(flags, **options) as there:
            made = Sitting(home, here, there, server, clock, random.Random(seed))
            here.asker = made
            made.conversation = await here.timelines.open()
            yield made


KINDS = {
    "plain": 6, "retried": 6, "fallback": 5, "tools": 10, "guess in time": 4, "guess fails": 3, "route fails": 3,
    "refused": 3, "empty": 3, "cancelled": 4, "cancelled tools": 3,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
async def test_fifty_turns_say_the_same_in_every_view(tmp_path: Path, seed: int) -> None:
    kinds = [kind for kind, count in KINDS.items() for _ in range(count)]
    assert len(kinds) == TURNS
    random.Random(seed).shuffle(kinds)
    async with sitting(tmp_path, seed) as made:
        for kind in kinds:
            await made.ask(kind)
        conversation: Conversation = made.conversation
        turns = conversation.timeline().turns
        assert len(turns) == TURNS
        assert made.checked > TURNS + KINDS["tools"], "also while turns ran"
        outcomes = {r["outcome"] for r in made.ledger()[0]}
        assert outcomes == {"ok", "failed", "cancelled", "discarded"}
        await check_saved(made, turns)


async def check_saved(made: Sitting, turns: Sequence[Turn]) -> None:
    """`ralph show`, `show --json` and a plain replay of what was stored."""
    rows, _ = made.ledger()
    out = io.StringIO()
    await saved.show(made.here.store, made.conversation.id, out, as_json=True)
    told = json.loads(out.getvalue())
    cost, _used = sum_of(rows)
    assert told["cost"] == {"nano_usd": cost.nano_usd, "status": cost.status}
    for turn, shown in zip(turns, told["turns"], strict=True):
        figures = turn_figures(turn)
        assert (shown["duration_ms"], shown["waited"]) == (figures.own_ms, figures.waited)
        for step in shown["steps"]:
            own = step_figures(turn.step(step["role"]))  # type: ignore[arg-type]
            assert (step["duration_ms"], step["waited"]) == (own.own_ms, own.waited)
            mine = [r for r in rows if r["turn"] == turn.number and r["role"] == step["role"]]
            assert [a["duration_ms"] for a in step["attempts"]] == [r["duration_ms"] for r in by_number(mine)]
            assert [a["phases"] for a in step["attempts"]] == [json.loads(r["phases"]) for r in by_number(mine)]
            assert step["cost"] == {"nano_usd": sum_of(mine)[0].nano_usd, "status": sum_of(mine)[0].status}
    out = io.StringIO()
    view = PlainView(Writing(out, lambda: None))
    await replay(await made.here.timelines.read_events(made.conversation.id), view, None)
    view.end()
    printed = out.getvalue()
    for turn in turns:
        for figures in (step_figures(b) for b in turn.blocks if b.kind in STEPS and b.status != "skipped"):
            assert f"{(figures.own_ms or 0.0) / 1000:.2f}s" in printed
            assert all(words in printed for words in apart(figures))
        assert all(words in printed for words in apart_of_turn(turn_figures(turn)))


def by_number(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order: Callable[[dict[str, Any]], int] = lambda r: int(r["attempt"].rsplit("a", 1)[1])  # noqa: E731
    return sorted(rows, key=order)
