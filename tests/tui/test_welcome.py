"""The empty timeline: what was found on this machine, who answers and why, how to connect more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ralph.core.findings import NEIGHBOURS, Findings, Found, StoredChoice
from ralph.core.provider import ModelInfo
from ralph.core.workspace import ProviderRow
from ralph.tui.welcome import words
from tests.tui.conftest import MakeApp
from tests.tui.play import Desk, Play
from tests.tui.see import ask, text, until

CHOICE = StoredChoice("lmstudio", "qwen3-8b", "openai_compatible", "http://127.0.0.1:1234/v1", "")
STUDIO, OLLAMA = (
    Found(NEIGHBOURS[1], (ModelInfo("qwen3-8b"),)),
    Found(NEIGHBOURS[0], (ModelInfo("a"), ModelInfo("b"))),
)
LOOSE = (
    ProviderRow("anthropic", "anthropic", "Claude", False, False, "export ANTHROPIC_API_KEY=…"),
    ProviderRow("mine", "openai_compatible", "", True, False, "has an address"),
)


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        (Findings(), "No model is connected"),
        (Findings(("anthropic",), named=True), "Connected: anthropic."),
        (Findings(named=True), "The model was named"),
        (
            Findings(found=(STUDIO,), choice=CHOICE, reason="its only model"),
            "Found LM Studio on this machine: qwen3-8b",
        ),
        (Findings(gone=CHOICE), "lmstudio:qwen3-8b, chosen earlier, is not there any more"),
        (Findings(("anthropic",), (OLLAMA,), named=True), "Also found here: Ollama (2 models); /model chooses."),
    ],
)
def test_what_is_said(findings: Findings, told: str) -> None:
    said = words(findings, LOOSE)
    assert any(line.startswith(told) for line in said), said
    assert any("export ANTHROPIC_API_KEY" in line for line in said) is not findings.named


async def test_it_stands_on_an_empty_timeline_and_goes_with_the_first_question(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    desk.findings = Findings(found=(STUDIO,), choice=CHOICE, reason="its only model")
    app = make_app(desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Found LM Studio on this machine: qwen3-8b answers" in text(app))
        await ask(pilot, "hello")
        assert "LM Studio" not in text(app)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "Found LM Studio on this machine" in text(app))


async def test_the_roles_are_told_anew(play: Play, make_app: MakeApp) -> None:
    desk = Desk(play)
    looked = replace(desk.findings, found=(OLLAMA,))

    async def look_around() -> Findings:
        play.roles["format"] = "ollama:a"
        return looked

    desk.look_around = look_around  # type: ignore[method-assign]
    app = make_app(desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Also found here: Ollama" in text(app))
        assert "format   ollama:a" in text(app)
        assert "ollama:a" in str(app.status_bar.render())
