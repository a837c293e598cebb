"""A long answer that has ended: it is read as a whole beside the screen, which goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ralph.tui.feed import deferred_parse
from ralph.tui.markdown import leaves
from ralph.tui.markdown.parts import _read
from ralph.tui.timeline.answers import AnswerDrawing, LiveDrawing
from tests.tui.conftest import MakeApp
from tests.tui.play import Play, Step, turn
from tests.tui.see import lines, prompt, settled, text, until, view, write
from tests.tui.test_fidelity import stored
from tests.tui.test_markdown import sentence

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

SIZE = (90, 24)
LONG = "\n\n".join(f"## Part {n}\n\n- {sentence(20, n)}\n- `code`" for n in range(300))


class Reader:
    """The parser, which waits until the test lets it go on; and who called it."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.threads: list[threading.Thread] = []
        self.done = 0

    def __call__(self, source: str, *rest: Any) -> Any:
        if len(source) <= deferred_parse.LONG:
            return self.real(source, *rest)
        self.threads.append(threading.current_thread())
        assert self.go_on.wait(60)
        made = self.real(source, *rest)
        self.done += 1
        return made

    real = staticmethod(leaves.read)


def told(number: int, prompt: str, answer: str) -> list[Step]:
    return turn(number, prompt, answer, pieces=[answer[n : n + 400] for n in range(0, len(answer), 400)])


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, play: Play) -> Iterator[Reader]:
    made = Reader()
    monkeypatch.setattr(leaves, "read", made)
    _read.cache_clear()
    play.script = lambda n, p, c: told(n, p, f"{LONG}\n\nthe end of {p}" if "long" in p else "short")
    yield made
    made.go_on.set()


def kinds(app: Any) -> list[type]:
    return [type(i.drawing) for i in view(app).model.items if isinstance(i.drawing, LiveDrawing | AnswerDrawing)]


async def test_keys_are_answered_while_it_is_read(reader: Reader, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "long one", "enter")
        await until(pilot, lambda: bool(reader.threads))
        await write(pilot, "typed")
        assert prompt(app).text == "typed"
        assert "the end of long one" in text(app)
        assert kinds(app) == [LiveDrawing]
        reader.go_on.set()
        await until(pilot, lambda: AnswerDrawing in kinds(app))
        assert len(kinds(app)) > 2
        shown = lines(app)
        start = next(n for n, line in enumerate(shown) if line.strip() == "Part 0" or "Part 0" in line)
        answer = stored(f"{LONG}\n\nthe end of long one", view(app).model.width)
        assert shown[start : start + len(answer)] == answer
        assert threading.main_thread() not in reader.threads
        assert len(reader.threads) == 1


async def test_the_next_turn_comes_while_it_is_read(reader: Reader, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "long one", "enter")
        await until(pilot, lambda: bool(reader.threads))
        await write(pilot, "second", "enter")
        await until(pilot, lambda: settled(app, 2))
        assert kinds(app) == [LiveDrawing, AnswerDrawing]
        reader.go_on.set()
        await until(pilot, lambda: LiveDrawing not in kinds(app))
        shown = text(app)
        assert shown.index("the end of long one") < shown.index("second") < shown.index("short")
        assert shown.count("the end of long one") == 1


async def test_another_timeline_is_opened_while_it_is_read(reader: Reader, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "long one", "enter")
        await until(pilot, lambda: bool(reader.threads) and not app.shell.busy)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "the end of" not in text(app))
        reader.go_on.set()
        await until(pilot, lambda: reader.done == 1)
        assert not kinds(app)


async def test_one_that_cannot_be_read_stays_as_it_came(
    reader: Reader, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError("cannot be read")

    reader.real = broken  # type: ignore[method-assign]
    reader.go_on.set()
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await write(pilot, "long one", "enter")
        await until(pilot, lambda: "cannot be read. The log has the rest." in text(app))
        assert kinds(app) == [LiveDrawing]
        assert "the end of long one" in text(app)
        assert caplog.text.count("a mistake in ralph") == 1
        await write(pilot, "typed")
        assert prompt(app).text == "typed"
