"""The empty timeline: what was found on this machine, who answers and why, how to connect more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ralph.core.llm.provider import ModelInfo
from ralph.core.log import events as ev
from ralph.core.ports.discovery import NEIGHBOURS, Discovery, FoundModel, StoredChoice
from ralph.core.ports.rows import ProviderRow
from ralph.tui.welcome import words
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Play, Step, turn
from tests.tui.see import ask, lines, text, until, write

CHOICE = StoredChoice("lmstudio", "qwen3-8b", "openai_compatible", "http://127.0.0.1:1234/v1", "")
STUDIO, OLLAMA = (
    FoundModel(NEIGHBOURS[1], (ModelInfo("qwen3-8b"),)),
    FoundModel(NEIGHBOURS[0], (ModelInfo("a"), ModelInfo("b"))),
)
LOOSE = (
    ProviderRow("anthropic", "anthropic", "Claude", False, False, "export ANTHROPIC_API_KEY=…"),
    ProviderRow("mine", "openai_compatible", "", True, False, "address set"),
)


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        (Discovery(), "No model is connected"),
        (Discovery(("anthropic",), named=True), "Connected: anthropic."),
        (Discovery(named=True), "The model was named"),
        (
            Discovery(found=(STUDIO,), choice=CHOICE, reason="its only model"),
            "Found LM Studio on this machine: qwen3-8b",
        ),
        (Discovery(gone=CHOICE), "lmstudio:qwen3-8b, chosen earlier, does not answer any more"),
        (Discovery(("anthropic",), (OLLAMA,), named=True), "Also found here: Ollama (2 models); /model chooses."),
    ],
)
def test_what_is_said(findings: Discovery, told: str) -> None:
    said = words(findings, LOOSE, {"format": CHOICE.ref})
    assert any(line.startswith(told) for line in said), said
    assert any("export ANTHROPIC_API_KEY" in line for line in said) is not findings.named


async def test_it_stands_on_an_empty_timeline_and_goes_with_the_first_question(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    desk.machine.findings = Discovery(found=(STUDIO,), choice=CHOICE, reason="its only model")
    play.roles["format"] = CHOICE.ref
    app = make_app(desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Found LM Studio on this machine: qwen3-8b answers" in text(app))
        await ask(pilot, "hello")
        assert "LM Studio" not in text(app)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "Found LM Studio on this machine" in text(app))


async def test_the_roles_are_told_anew(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    looked = replace(desk.machine.findings, found=(OLLAMA,))

    async def look_around() -> Discovery:
        play.roles["format"] = "ollama:a"
        return looked

    desk.machine.look_around = look_around  # type: ignore[method-assign]
    app = make_app(desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Also found here: Ollama" in text(app))
        assert "format   ollama:a" in text(app)
        assert "ollama:a" in str(app.widgets.status_bar.render())


@pytest.mark.parametrize("line", ["/model ollama:a", "/model ollama:a route tool format"])
async def test_a_model_that_is_chosen_stands_in_it_and_is_told_once(play: Play, make_app: MakeApp, line: str) -> None:
    desk = Desk(play)
    desk.machine.findings = Discovery(found=(STUDIO,), choice=CHOICE, reason="its only model")
    play.roles.update(tool=CHOICE.ref, format=CHOICE.ref, route=CHOICE.ref)
    app = make_app(desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "qwen3-8b answers" in text(app))
        await write(pilot, line, "enter")
        await until(pilot, lambda: "From the next turn on ollama:a does" in text(app) and not app.workers)
        assert "   format   ollama:a" in lines(app)
        assert "   tool     ollama:a" in lines(app)
        assert ("   route    ollama:a" in lines(app)) is ("route" in line)
        assert "models:" not in text(app)
        assert ("you chose another model" in text(app)) is ("route" in line)


async def test_a_choice_before_the_first_question_is_no_change_after_it(play: Play, make_app: MakeApp) -> None:
    def script(number: int, prompt: str, context: str) -> list[Step]:
        play.emit(0, 0, ev.RolesChanged({"format": "ollama:a"}, {"format": "ollama:b"}))
        return turn(number, prompt)

    play.script = script
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, "/model ollama:b", "enter")
        await until(pilot, lambda: "From the next turn on ollama:b does" in text(app))
        await ask(pilot, "hello")
        assert "models:" not in text(app)
        app.feed.open(play)
        await until(pilot, lambda: "hello" in text(app))
        assert "models:" not in text(app)


async def test_tools_that_are_pinned_stand_in_it(play: Play, make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Connected: anthropic" in text(app))
        await write(pilot, "/route calculate convert", "enter")
        await until(pilot, lambda: "   route    calculate, convert, pinned by you" in lines(app))
        await write(pilot, "/route none", "enter")
        await until(pilot, lambda: "   route    no tool, pinned by you" in lines(app))
        await write(pilot, "/route off", "enter")
        await until(pilot, lambda: "   route    anthropic:claude-haiku-4-5" in lines(app))
