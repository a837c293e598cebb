"""What a switch to another model says: fit, losses, price."""

from __future__ import annotations

from dataclasses import replace

from ralph.core.llm.messages import CallPart, Content, Opaque, TextPart, ThinkingPart
from ralph.core.llm.prices import FREE_ROW, PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import ToolSpec
from ralph.core.log import events as ev
from ralph.core.timeline.calls import Call
from ralph.core.timeline.turns import Attempt, Block, Turn
from ralph.session.model_switch import Newcomer, switch

REF = ModelRef("ollama", "tiny")
ROLES = {"route": "rules", "tool": "anthropic:big", "format": "anthropic:big"}
SPECS = (ToolSpec("calculate", "Calculates.", {"type": "object"}),)


def attempt(block: str, *parts: TextPart | ThinkingPart | CallPart, maker: str = "big") -> Attempt:
    opaque = Opaque("anthropic", maker, "[]") if any(isinstance(p, ThinkingPart) for p in parts) else None
    done = ev.AttemptFinished(f"{block}a1", "ok", message=Content(parts, opaque))
    return Attempt(f"{block}a1", block, f"anthropic:{maker}", "", 0.0, ev.AttemptStarted(f"{block}a1", block, ""), done)


def turn(*, thinks: bool = False, calls: bool = False, words: int = 100, maker: str = "big") -> Turn:
    text = "word " * words
    blocks: list[Block] = []
    if calls:
        call = Call("1.3c1", "1.3a1", "calculate", {}, "none", "v1", status="ok", output="4")
        blocks.append(Block("1.3", "tool", attempts=(attempt("1.3", CallPart("v1", "calculate")),), calls=(call,)))
    thought = (ThinkingPart("hm"),) if thinks else ()
    answer = attempt("1.4", *thought, TextPart(text), maker=maker)
    blocks.append(Block("1.4", "format", text=text, attempts=(answer,)))
    return Turn(1, "t", "", ev.TurnStarted("tell me"), tuple(blocks), "ok", text)


def test_nothing_is_lost_of_plain_words() -> None:
    report = switch([turn()], ROLES, Newcomer(REF, 4096, True, FREE_ROW), specs=SPECS, room=100)
    assert report.fits
    assert report.lost == ()
    assert report.cost.status == "free"
    assert 100 < report.tokens < 200


def test_what_does_not_fit_and_what_is_not_known() -> None:
    long = [turn(words=5000)]
    assert not switch(long, ROLES, Newcomer(REF, 4096), room=100).fits
    assert switch(long, ROLES, Newcomer(REF, None), room=100).fits
    tokens = switch(long, ROLES, Newcomer(REF, None)).tokens
    assert switch(long, ROLES, Newcomer(REF, tokens + 100), room=100).fits
    assert not switch(long, ROLES, Newcomer(REF, tokens + 99), room=100).fits


def test_thinking_stays_with_its_maker() -> None:
    report = switch([turn(thinks=True)], ROLES, Newcomer(REF))
    assert "thinking in 1 message is not sent: only anthropic:big can read it" in report.lost[0]
    assert switch([turn(thinks=True)], ROLES, Newcomer(ModelRef("anthropic", "big"))).lost == ()
    left_before = {**ROLES, "tool": "openai:x", "format": "openai:x"}
    assert switch([turn(thinks=True)], left_before, Newcomer(REF)).lost == ()


def test_a_model_without_tools_is_told_of() -> None:
    assert "cannot call tools" in switch([turn(calls=True)], ROLES, Newcomer(REF, tools=False)).lost[0]
    assert switch([turn(calls=True)], ROLES, Newcomer(REF, tools=None)).lost == ()


def test_the_price_is_that_of_reading_it_all_anew() -> None:
    row = PriceRow("config", "", "", "2", "0.2", "2.5", "10")
    report = switch([turn()], ROLES, Newcomer(REF, price=row))
    assert (report.cost.nano_usd, report.cost.status) == (report.tokens * 2000, "estimated")
    assert switch([turn()], ROLES, Newcomer(REF)).cost.status == "unknown"
    assert switch([], ROLES, Newcomer(REF)).tokens == 0
    assert replace(report, window=1, tokens=2).fits is False
