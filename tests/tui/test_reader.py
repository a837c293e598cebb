"""A reader inside a long answer that still comes: nothing that comes, changes or ends moves the text under the eye."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from ralph.core.log import events as ev
from ralph.tui.app import RalphApp
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, Play, Say, Step, turn
from tests.tui.see import quiet, screen, settled, until, view, write

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

SIZE = (100, 30)


def _words(dice: random.Random, count: int, of: Sequence[str]) -> str:
    return " ".join(dice.choice(of) for _ in range(count))


def _paragraphs(*of: str) -> str:
    dice = random.Random(3)
    return "\n\n".join(f"P{n}. {_words(dice, dice.randint(10, 90), of)}" for n in range(150))


def _list() -> str:
    dice = random.Random(3)
    return "\n".join(f"- P{n}. {_words(dice, dice.randint(3, 40), ['the', 'model', 'routes'])}" for n in range(500))


def _loose() -> str:
    return "\n".join(f"{n}. P{n}. an item\n" for n in range(1, 500))


def _table() -> str:
    """Its columns are wider at the end than they were while it streamed."""
    rows = [f"| P{n}. | {'a word ' * (n // 12)}| {n} |" for n in range(400)]
    return "\n".join(["| name | words | number |", "| --- | --- | --- |", *rows])


def _references() -> str:
    """What they mean is known at the end only: until then their names are shown."""
    said = "\n\n".join(
        f"P{n}. it says [so][source{n % 9}] and [so on][source{n % 7}], which is why" for n in range(300)
    )
    return "\n\n".join([said, *(f"[source{n}]: https://example.org/a/long/way/{n}" for n in range(9))])


ANSWERS = {
    "prose": _paragraphs("the", "model", "routes", "**tokens**", "over", "a small", "`cache`"),
    "links": _paragraphs("the", "model", "[docs](https://docs.example.org/a/long/path/index.html)", "routes"),
    "cjk": _paragraphs("日本語のテキスト", "これは", "ブロック"),
    "emoji": _paragraphs("🙂", "👍🏽", "so"),
    "code": "\n\n".join(
        f"P{n}.\n\n```python\n" + "\n".join(f"value_{n}_{i} = {i}" for i in range(30)) + "\n```" for n in range(60)
    ),
    "list": _list(),
    "loose list": _loose(),
    "table": _table(),
    "references": _references(),
}


def held_up(prompt: str, answer: str, gate: Gate, then: Sequence[Step] = (), done: Gate | None = None) -> list[Step]:
    """A turn whose answer is all there but for its last piece, until the gate opens; `then` comes before that piece."""
    pieces = [answer[n : n + 200] for n in range(0, len(answer), 200)]
    steps = turn(1, prompt, answer, pieces=pieces, tools=False)
    at = next(n for n, (_, s) in reversed(list(enumerate(steps))) if isinstance(s, Say))
    ms = steps[at][0]
    return [*steps[:at], (ms, gate), *then, *([(ms, done)] if done else []), *steps[at:]]


async def read_on(pilot: Pilot[int], pages: int = 3) -> list[str]:
    """Wait until all has come that comes, go up, and give what is in sight."""
    app = pilot.app
    assert isinstance(app, RalphApp)
    await until(pilot, lambda: len(view(app).model) and view(app).model.total > 200 and not app.feed._sink.waiting)
    for _ in range(pages):
        await pilot.press("pageup")
        await quiet(pilot)
    assert not view(app).follow
    return screen(app)


def words(lines: Sequence[str]) -> list[list[str]]:
    """A table's columns may have other widths."""
    return [line.split() for line in lines]


@pytest.mark.parametrize("kind", ANSWERS)
async def test_the_end_of_an_answer(kind: str, play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.script = lambda n, p, c: held_up(p, ANSWERS[kind], gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        before = await read_on(pilot)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        await quiet(pilot)
        if kind in ("table", "references"):  # columns of another width; addresses that were not known yet
            assert words(screen(app))[0] == words(before)[0]
            assert words(screen(app))[2][:4] == words(before)[2][:4]
        else:
            assert screen(app) == before
            await pilot.press("pageup")
            await quiet(pilot)
            assert screen(app)[-2:] == before[:2]


async def test_what_streams_on(play: Play, make_app: MakeApp) -> None:
    answer, gates = ANSWERS["list"], [Gate(), Gate()]
    half = len(answer) // 2
    more: list[Step] = [(2000, Say("1.4", answer[n : n + 50])) for n in range(half, len(answer), 50)]
    play.script = lambda n, p, c: held_up(p, answer[:half] + " ", gates[0], more, gates[1])
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        before = await read_on(pilot)
        gates[0].opened.set()
        await until(pilot, lambda: any("P499" in view(app).line_text(view(app).model.total - n) for n in (1, 2, 3)))
        await quiet(pilot)
        assert screen(app) == before


async def test_notes_on_the_rows_above(play: Play, make_app: MakeApp) -> None:
    gates = [Gate(), Gate()]
    notes: list[Step] = [(2000, ev.Note("fallback", f"a note {n}", "1.2")) for n in range(4)]
    play.script = lambda n, p, c: held_up(p, ANSWERS["prose"], gates[0], notes, gates[1])
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        before = await read_on(pilot)
        gates[0].opened.set()
        await until(pilot, lambda: any("a note 3" in view(app).line_text(n) for n in range(12)))
        await quiet(pilot)
        assert screen(app) == before
        gates[1].opened.set()
        await until(pilot, lambda: settled(app, 1))
        await quiet(pilot)
        assert screen(app) == before


async def test_an_answer_that_begins_anew(play: Play, make_app: MakeApp) -> None:
    """The reader's line is gone: what is left is shown, and no line outside of it."""
    gates = [Gate(), Gate()]
    anew: list[Step] = [
        (2000, ev.BlockDelta("1.4", "text", "", restart=True)),
        (2000, Say("1.4", "\n\n".join(f"again {n}" for n in range(40)))),
    ]
    play.script = lambda n, p, c: held_up(p, ANSWERS["prose"], gates[0], anew, gates[1])
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        await read_on(pilot)
        gates[0].opened.set()
        await until(pilot, lambda: any("again" in line for line in screen(app)))
        assert view(app).scroll_y <= view(app).max_scroll_y


@pytest.mark.parametrize("kind", ["prose", "cjk", "code", "list"])
@pytest.mark.parametrize("over", [False, True])
async def test_resizes_in_between(kind: str, over: bool, play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    if over:
        gate.opened.set()
    play.script = lambda n, p, c: held_up(p, ANSWERS[kind], gate)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "hello", "enter")
        if over:
            await until(pilot, lambda: settled(app, 1))
        before = await read_on(pilot)
        for width in (61, 140, 40, 99, 30, 77, 100):
            await pilot.resize_terminal(width, 30)
            await until(pilot, lambda width=width: abs(view(app).model.width - width) < 4)  # type: ignore[misc]
            await quiet(pilot)
        assert screen(app) == before
        if not over:
            await pilot.resize_terminal(70, 30)
            await until(pilot, lambda: view(app).model.width < 80)
            await quiet(pilot)
            gate.opened.set()
            await until(pilot, lambda: settled(app, 1))
            await pilot.resize_terminal(100, 30)
            await until(pilot, lambda: view(app).model.width > 80)
            await quiet(pilot)
            assert before[2] in screen(app)[:6]  # it was another line's end, in the narrow one, when the answer ended


async def test_the_very_first_line_stays_too(play: Play, make_app: MakeApp) -> None:
    """What came before is put in above a reader who is at the top of what is there."""
    for number in range(1, 31):
        play.past(number, turn(number, f"question {number}"))
    play.first = 20
    play.reading.clear()
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: any("question 30" in line for line in screen(app)))
        view(app).scroll_to(y=0, animate=False)
        await quiet(pilot)
        before = screen(app)
        assert any("question 20" in line for line in before)
        play.reading.set()
        await until(pilot, lambda: "question 1 " in view(app).line_text(1))
        await quiet(pilot)
        assert screen(app) == before


async def test_words_that_answer_nothing_leave_a_reader_alone(
    play: Play, make_app: MakeApp, mistakes: list[Exception]
) -> None:
    play.past(1, turn(1, "hello", ANSWERS["list"]))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        before = await read_on(pilot)
        app.report(ValueError("a mistake"))
        app.feed.say("By the way.", reveal=False)
        await quiet(pilot)
        assert screen(app) == before
        await pilot.press("alt+up")
        await quiet(pilot)
        before = screen(app)
        app.feed.say("Once more.", reveal=False)
        await quiet(pilot)
        assert screen(app) == before
        app.feed.say("You asked.")
        assert any("You asked." in line for line in screen(app))
        app.feed.say("And so on.", reveal=False)  # whoever is at the end stays there
        assert any("And so on." in line for line in screen(app))
