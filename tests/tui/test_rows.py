"""The rows of a turn at any width, with any figures: no column touches another, and no figure is cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.strip import Strip

from ralph.core.errors import ErrorInfo, Kind
from ralph.core.formatting import seconds
from ralph.core.llm.tool_output import Rung
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.timeline.calls import Call
from ralph.core.timeline.turns import Attempt, Block
from ralph.tui.brush import Wrapped
from ralph.tui.formatting import price, tokens
from ralph.tui.timeline.fold_state import FoldState
from ralph.tui.timeline.steps import StepDrawing
from ralph.tui.timeline.tool_calls import call_rows
from tests.tui.see import brush, plain

BRUSH = brush()
WIDTHS = st.integers(40, 220)
COSTS = st.one_of(
    st.builds(Cost, st.integers(0, 10**13), st.sampled_from(["reported", "computed", "estimated", "unknown"])),
    st.just(Cost()),
    st.just(Cost(None, "unknown")),
)
COUNT = st.integers(0, 30_000_000)
USAGES = st.builds(
    Usage, input=COUNT, cache_read=COUNT, output=COUNT, source=st.sampled_from(["reported", "counted", "estimated"])
)
TIMES = st.floats(0, 4e7).map(lambda ms: round(ms, 3))  # as the recorder stores them
MODELS = st.sampled_from(
    ["m", "claude-sonnet-5-5", "qwen3-coder-480b-a35b-instruct", "/models/llm_small.gguf", "模型模型模型模型模型"]
)
FAILURE = ErrorInfo(Kind.OVERLOADED, "there is no room")


def whole(text: str, shown: str) -> bool:
    """It stands there between blanks."""
    return re.search(rf"(?<!\S){re.escape(text)}(?!\S)", shown) is not None


def shown(strips: Sequence[Strip]) -> str:
    return " ".join(" ".join(strip.text for strip in strips).split())


def block(kind: ev.BlockKind, status: ev.Status | None, model: str, used: Usage, cost: Cost, took: float) -> Block:
    failed = status == "failed"
    end = ev.AttemptFinished(
        "1.2a1", "failed" if failed else "ok", model=model, usage=used, cost=cost, ttft_ms=took / 3, duration_ms=took
    )
    attempt = Attempt("1.2a1", "1.2", f"anthropic:{model}", "", 0.0, ev.AttemptStarted("1.2a1", "1.2", model), end)
    return Block(
        "1.2", kind, status=status, duration_ms=took, ttft_ms=took / 3, error=FAILURE if failed else None,
        data={"tools": [], "reason": "a long reason that has to be cut somewhere"} if kind == "route" else {},
        attempts=(attempt,),
    )  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(
    width=WIDTHS, kind=st.sampled_from(["route", "tool", "format"]), used=USAGES, cost=COSTS, took=TIMES, model=MODELS,
    status=st.sampled_from(["ok", "failed", "cancelled", "interrupted"]),
)  # fmt: skip
def test_the_columns_of_a_step_never_touch(
    width: int, kind: ev.BlockKind, status: ev.Status, model: str, used: Usage, cost: Cost, took: float
) -> None:
    drawing = StepDrawing(block(kind, status, model, used, cost, took), "", 1e6, FoldState())
    strips = drawing.draw(BRUSH, width)
    assert all(strip.cell_length <= width for strip in strips)
    text = shown(strips)
    assert whole(status, text)
    assert whole(seconds(took), text)
    assert whole(price(cost), text)
    assert whole(tokens(used), text) or whole(tokens(used, 0), text)


@settings(deadline=None, max_examples=200)
@given(width=WIDTHS, took=TIMES, output=st.text(max_size=200), argument=st.text(max_size=80))
def test_the_columns_of_a_tool_call_never_touch(width: int, took: float, output: str, argument: str) -> None:
    call = Call("1.3c1", "1.3a1", "calculate", {"x": argument}, "none", status="ok", output=output, duration_ms=took)
    strips = call_rows(call, BRUSH, width, FoldState())
    assert all(strip.cell_length <= width for strip in strips)
    assert whole(seconds(took), shown(strips))


@pytest.mark.parametrize("width", [40, 60, 78, 79, 100])
def test_what_is_cut_of_a_row_that_waits_is_not_what_it_waits_for(width: int) -> None:
    wait = ev.AttemptWaiting(cause="retry", until="2026-11-20T14:02:31.000000Z", block="1.2")
    waiting = block(
        "route", None, "claude-haiku-4-5", Usage(397, output=5, source="estimated"), Cost(42_000, "estimated"), 0
    )
    ended = waiting.attempts[0]
    failed = ended.finished
    assert failed
    waiting = replace(waiting, attempts=(replace(ended, finished=replace(failed, outcome="failed")),), waits=(wait,))
    drawing = StepDrawing(waiting, "", 1e6, FoldState(), now_ms=1150, since="2026-11-20T14:02:11.000000Z")
    strips = drawing.draw(BRUSH, width)
    assert "waiting: retry 19 s" in strips[0].text
    assert whole("0ms", strips[0].text)  # its own time: what it waits is no work
    assert whole("~$0.000042", shown(strips))
    assert whole("~397↑ ~5↓", shown(strips))


@pytest.mark.parametrize("width", [40, 60, 78])
def test_a_row_that_failed_says_how_before_anything_else(width: int) -> None:
    drawing = StepDrawing(block("route", "failed", "m", Usage(source="none"), Cost(), 1810), "", 1e6, FoldState())
    row = drawing.draw(BRUSH, width)[0].text
    assert "✗ failed  overloaded" in row
    assert "no tools" not in row
    assert whole("1.81s", row)


LONG = "    for value in " + "values_" * 20 + " and then some words at the end"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_long_lines_of_an_output_are_cut_with_a_mark_and_whole_in_an_opened_block(width: int) -> None:
    given = f"short\n{LONG}\n日本{LONG}"
    call = Call("1.3c1", "1.3a1", "files", {"path": "a.py"}, "read", status="ok", output=given)
    cut = plain(call_rows(call, BRUSH, width, FoldState(details=True)))[1:]
    assert [line[:7] for line in cut] == ["     │ "] * 3
    assert cut[0] == "     │ short"
    assert all(line.endswith("…") and len(line) <= width for line in cut[1:])
    strips = call_rows(call, brush(wraps=True), width, FoldState(details=True, whole=True))[1:]
    assert all(strip.cell_length <= width for strip in strips)
    marks = [strip.text[:7] for strip in strips]
    assert marks[:3] == ["     │ ", "     │ ", "     │↪"]
    parts = [strip.text[7:] for strip in strips]
    starts = [n for n, mark in enumerate(marks) if mark == "     │ "]
    lines = ["".join(parts[a:b]) for a, b in zip(starts, [*starts[1:], len(parts)], strict=True)]
    assert lines == given.split("\n")
    glued = [strip.glue for strip in strips if isinstance(strip, Wrapped)]
    assert glued == [""] * (len(strips) - 3)


@pytest.mark.parametrize(
    ("sandbox", "folded", "open_"),
    [(None, "", ""), ("bwrap", "", "sandbox bwrap"), ("none", "no sandbox", "no sandbox")],
)
def test_a_program_says_what_held_it(sandbox: Rung | None, folded: str, open_: str) -> None:
    """Folded only if nothing did; unfolded always."""
    call = Call(
        "1.3c1",
        "1.3a1",
        "run",
        {"argv": ["ls"]},
        "run",
        decision="allowed",
        status="ok",
        output="a.txt",
        sandbox=sandbox,
    )
    closed = shown(call_rows(call, BRUSH, 100, FoldState()))
    opened = shown(call_rows(call, BRUSH, 100, FoldState(True)))
    assert "sandbox" not in closed or (folded and whole(folded, closed))
    assert "sandbox" not in opened or (open_ and whole(open_, opened))
    assert bool(open_) == ("sandbox" in opened)
    assert bool(folded) == ("sandbox" in closed)
