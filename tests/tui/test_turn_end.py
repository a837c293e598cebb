"""The end of a turn that did not end well: why, what of it is kept, and what can be done next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ralph.core.errors import ErrorInfo, Kind
from ralph.core.log import events as ev
from ralph.core.ports.rows import ProviderRow
from ralph.tui.app import RalphApp
from ralph.tui.timeline.blocks import FooterDrawing
from ralph.tui.timeline.turn_end import WHY
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, Play, Say, Step, failing_turn, turn
from tests.tui.see import ask, lines, screen, settled, text, until, write

SIZE = (80, 24)
LONG = "\n\n".join(f"Paragraph {n}" for n in range(60))


def cut(number: int, kind: Kind, message: str, *notes: ev.Note, status: ev.Status = "failed") -> list[Step]:
    """A turn whose long answer ended by this failure."""
    error = ErrorInfo(kind, message)
    steps: list[Step] = []
    for ms, step in turn(number, "tell me much", LONG, tools=False):
        changed: Any = step
        if isinstance(step, ev.BlockFinished) and step.block == f"{number}.4":
            steps += [(ms, note) for note in notes]
            changed = replace(step, status=status, error=error, partial=True)
        if isinstance(step, ev.TurnFinished):
            changed = replace(step, status=status)
        steps.append((ms, changed))
    return steps


def end(app: RalphApp) -> str:
    """The end of the last turn, as one line."""
    footer = next(i for i in reversed(app.view.model.items) if isinstance(i.drawing, FooterDrawing))
    strips = footer.drawing.draw(app.view.brush, 78)
    return " ".join(" ".join(strip.text for strip in strips).split())


async def shown_end(play: Play, make_app: MakeApp, steps: list[Step], **more: Any) -> str:
    play.script = lambda n, p, c: steps
    app = make_app(**more)
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "tell me much")
        await until(pilot, lambda: app.feed.view.follow)
        last = [row.strip() for row in screen(app) if row.strip()]
        assert any("failed" in r or "cancelled" in r or "interrupted" in r for r in last[-4:])  # in sight, at the end
        return end(app)


SENTENCE = "the turn budget of $0.050 is used up ($0.050 is spent or held); raise it"
CAP = ev.Note("budget", SENTENCE, "1.4", {"cap": "turn", "nano_usd": 50_000_000})


async def test_a_cap_is_named_with_its_amount_and_the_command_that_lifts_it(play: Play, make_app: MakeApp) -> None:
    shown = await shown_end(play, make_app, cut(1, Kind.BUDGET, SENTENCE, CAP))
    assert shown.startswith("✗ failed · stopped at the turn cap $0.050 · the text is kept · 1.21s")
    assert shown.endswith("Alt+Up r retry · /budget turn off")


async def test_the_whole_sentence_stays_at_the_step(play: Play, make_app: MakeApp) -> None:
    play.past(1, cut(1, Kind.BUDGET, SENTENCE, CAP))
    app = make_app()
    async with app.run_test(size=(120, 40)):
        assert f"{SENTENCE} (budget)" in text(app)
        assert sum(SENTENCE in line for line in lines(app)) == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.TRUNCATED, "the connection ended before the answer did"),
        (Kind.NETWORK, "the connection to the server failed"),  # it was reached: a part of the answer came
        (Kind.OUTPUT_LIMIT, "cut off at the output limit"),
        (Kind.REFUSAL, "the model refused to answer"),
        (Kind.CANCELLED, "stopped before the end"),
        (Kind.INTERRUPTED, "ralph was killed"),
    ],
)
async def test_an_answer_that_was_cut_says_why_at_its_end(
    kind: Kind, reason: str, play: Play, make_app: MakeApp
) -> None:
    status: ev.Status = kind.value if kind in (Kind.CANCELLED, Kind.INTERRUPTED) else "failed"  # type: ignore[assignment]
    shown = await shown_end(play, make_app, cut(1, kind, "a long sentence", status=status))
    assert f"{status} · {reason} · the text is kept · 1.21s" in shown
    assert "Alt+Up r retry" in shown
    assert ("Alt+Up e rephrase" in shown) is (kind is Kind.REFUSAL)


def test_every_kind_has_its_line() -> None:
    assert set(WHY) == set(Kind)
    assert all(0 < len(line) <= 48 and line == line.strip(" .") for line in WHY.values())


async def test_other_connected_providers_are_offered_by_their_refs(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    rows = (
        ProviderRow("anthropic", "anthropic", "Claude", True, False, "key set"),
        ProviderRow("builtin", "builtin", "no model", True, True, "always there"),
        ProviderRow("groq", "groq", "fast", True, False, "key set", breakers=("llama (open)",)),
        ProviderRow("ollama", "ollama", "local models", True, True, "address set"),
        ProviderRow("openai", "openai", "GPT", False, False, "export OPENAI_API_KEY=…"),
    )
    desk.models.providers = lambda: rows  # type: ignore[method-assign]
    shown = await shown_end(play, make_app, failing_turn(1, "q", Kind.OVERLOADED, "busy"), desk=desk)
    assert "✗ failed · the server is overloaded · 0.60s" in shown
    assert shown.endswith("Alt+Up r retry · /retry format ollama")  # not who failed, who is paused, who has no key


@pytest.mark.parametrize("kind", [Kind.NO_KEY, Kind.AUTH])
async def test_what_would_fail_again_is_not_offered(kind: Kind, play: Play, make_app: MakeApp) -> None:
    shown = await shown_end(play, make_app, failing_turn(1, "q", kind, "no good key"))
    assert "Alt+Up r" not in shown
    assert shown.endswith("/connect · /retry format ollama")


async def test_the_keys_are_those_of_the_keymap(play: Play, make_app: MakeApp) -> None:
    keymap = {"block.retry": "t", "block.enter": "ctrl+up"}
    shown = await shown_end(play, make_app, cut(1, Kind.TRUNCATED, "cut"), keymap=keymap)
    assert "Ctrl+Up t retry" in shown


async def test_the_offer_goes_when_the_next_turn_begins(play: Play, make_app: MakeApp) -> None:
    gate = Gate()
    play.past(1, failing_turn(1, "first"))
    play.script = lambda n, p, c: turn(n, p, gate=gate)
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "/retry" in text(app))  # also of a timeline that was opened again
        await write(pilot, "second", "enter")
        await until(pilot, lambda: "/retry" not in text(app))
        assert "✗ failed · the key was rejected" in text(app)
        gate.opened.set()
        await until(pilot, lambda: settled(app, 2))
        assert "/retry" not in text(app)


async def test_the_command_that_is_offered_runs(play: Play, make_app: MakeApp) -> None:
    play.past(1, failing_turn(1, "first"))
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "/retry format ollama" in end(app))
        await write(pilot, "/retry format ollama", "enter")
        await until(pilot, lambda: app.conversation.id.startswith("f0rk") and settled(app, 1))
        assert isinstance(app.conversation, Play)
        assert app.conversation.reruns == [(1, "format", "ollama")]


async def test_the_last_words_are_shown_before_the_end_of_the_turn_and_without_a_frame(
    play: Play, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ralph.tui.feed.feed.FRAME_S", 3600.0)  # no frame comes by itself
    steps = turn(1, "tell me much", "The last words.", tools=False)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        told = False
        for ms, step in steps:
            if isinstance(step, ev.Event):
                play.emit(1, ms, step)
            elif isinstance(step, Say):
                for view in play._views:
                    view.chunk(step.block, step.channel, ms, step.text)
                told = True
        assert told
        await until(pilot, lambda: "The last words." in text(app))
        assert app.feed.busy  # the end of the turn waits for the next frame
        app.feed.catch_up()
        assert not app.feed.busy
