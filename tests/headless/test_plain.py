"""A timeline as plain lines: its rows in the order of the steps, and no row inside the answer's text."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.errors import ErrorInfo, Kind
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.headless.plain import PlainView
from ralph.headless.saved import play
from ralph.headless.views import Writing
from tests.headless.ask import WIRES, Home
from tests.wires.script import Reply
from tests.wires.server import Server

AT = "2026-11-20T14:02:11.123456Z"
ANSWER = ("The journal ", "holds each ", "frame until ", "it commits.")
WHOLE = "".join(ANSWER)


def finished(block: str, text: str = "", **more: object) -> ev.BlockFinished:
    return ev.BlockFinished(block, "ok", text=text, duration_ms=10.0, **more)  # type: ignore[arg-type]


ROUTE = (ev.BlockStarted("1.2", "route"), finished("1.2"))
TOOL = (ev.BlockStarted("1.3", "tool"), finished("1.3"))
BEGUN = ev.BlockStarted("1.4", "format")
ENDED = finished("1.4", WHOLE)
CLOSED = ev.TurnFinished("ok", WHOLE, Usage(), Cost(), 20.0)


def shown(*things: ev.Event | str) -> str:
    """What is printed when these come; a word is a live piece of the answer."""
    out = io.StringIO()
    view = PlainView(Writing(out, lambda: None))
    for n, thing in enumerate(things):
        if isinstance(thing, str):
            view.chunk("1.4", "text", 0.0, thing)
        else:
            view.event(Envelope("t", n + 1, 1, AT, float(n), thing))
    view.end()
    return out.getvalue()


def in_order(text: str, *parts: str) -> None:
    places = [text.index(part) for part in parts]
    assert places == sorted(places), text


@pytest.mark.parametrize("before", range(len(ANSWER) + 1))
def test_an_answer_that_began_before_the_route_ended_is_not_cut(before: int) -> None:
    early, late = ANSWER[:before], ANSWER[before:]
    text = shown(ev.TurnStarted("hello"), BEGUN, ROUTE[0], *early, ROUTE[1], *TOOL, *late, ENDED, CLOSED)
    assert f"\n{WHOLE}\n" in text
    in_order(text, "⇢ route", "⚙ tool", WHOLE, "◆ format", "─ ")


@given(st.data())
def test_in_any_order_of_what_runs_beside(data: st.DataObject) -> None:
    """Steps keep their own order, as the pipeline does; what one does between the parts of another is any."""
    note = ev.Note("retry", "tried again", "1.4")
    left = [[*ROUTE, *TOOL], [BEGUN, *ANSWER, ENDED], [note]]
    came: list[ev.Event | str] = []
    while left := [rest for rest in left if rest]:
        rest = data.draw(st.sampled_from(left))
        if rest[0] is ENDED and any(other is not rest for other in left):
            rest = next(other for other in left if other is not rest)
        came.append(rest.pop(0))
    text = shown(ev.TurnStarted("hello"), *came, CLOSED)
    assert text.count(WHOLE) == 1
    assert text.count("tried again") == 1
    in_order(text, "⇢ route", "⚙ tool", WHOLE, "◆ format", "─ ")


def test_an_answer_streams_as_soon_as_the_steps_before_it_have_ended() -> None:
    text = shown(ev.TurnStarted("hello"), *ROUTE, *TOOL, BEGUN, *ANSWER[:2])
    assert text.endswith("".join(ANSWER[:2]) + "\n")


def test_steps_that_were_not_reached_have_their_rows_in_order_too() -> None:
    """They are told when the turn ends, after the answer that was not given."""
    skipped = finished("1.4", reason="not reached: auth")
    failed = finished("1.2", error=ErrorInfo(Kind.AUTH, "the key was refused"))
    text = shown(ev.TurnStarted("hello"), BEGUN, ROUTE[0], failed, skipped, *TOOL, CLOSED)
    in_order(text, "the key was refused", "⚙ tool", "◆ format")


def test_a_record_that_ends_in_the_middle_loses_nothing() -> None:
    for count in range(1, 9):
        things = (ev.TurnStarted("hello"), BEGUN, ROUTE[0], *ANSWER, ROUTE[1])[:count]
        text = shown(*things)
        assert "".join(t for t in things if isinstance(t, str)) in text
        assert text.endswith("\n")


def test_an_answer_that_began_again_is_the_one_that_counts() -> None:
    again = ev.BlockDelta("1.4", "text", ((0, "new"),), restart=True)
    text = shown(ev.TurnStarted("hello"), BEGUN, ROUTE[0], "old", again, "new", ROUTE[1], *TOOL, ENDED, CLOSED)
    assert "old" not in text
    text = shown(ev.TurnStarted("hello"), *ROUTE, *TOOL, BEGUN, "old", again, "new", ENDED, CLOSED)
    assert "\nold\n  ! the answer begins again\nnew\n" in text


@pytest.mark.parametrize("wire", ["chat", "anthropic"])
async def test_a_real_guess_is_replayed_in_order(tmp_path: Path, wire: str) -> None:
    decision = '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "small talk, nothing else"}'
    pieces = tuple(decision[n : n + 6] for n in range(0, len(decision), 6))
    entry, ref = WIRES[wire]
    async with Server() as server:
        server.will(Reply(text=pieces, delay=0.02, pace=0.01, when={"body": "You route questions"}))
        server.will(Reply(text=ANSWER, pace=0.02, when={"without": "You route questions"}))
        prices = f'prices: {{"{ref}": {{input: 1, output: 5}}}}\nrouting: {{route: "{ref}"}}'
        home = Home(tmp_path, f"providers: {entry.format(url=server.url)}\npipeline: {{speculate: 'on'}}\n{prices}\n")
        home.flags = Flags(model=ref)
        result = await home.ask("tell me something", "jsonl")
    order = [(e["type"], e["data"].get("block")) for e in result.lines]
    assert order.index(("block.delta", "1.4")) < order.index(("block.finished", "1.2"))
    out = io.StringIO()
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        assert await play(space.store, "last", out, speed=None) == 0
    assert f"\n{WHOLE}\n" in out.getvalue()
    in_order(out.getvalue(), "⇢ route", "⚙ tool", WHOLE, "◆ format", "─ ")
