"""`local`: models in this process, with the tiny engine of the suite and with a real small model."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from ralph.core.errors import Failure, Kind
from ralph.core.llm.messages import user
from ralph.core.llm.provider import Provider
from ralph.core.llm.request import Piece, Request, Waiting
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.core.timeline.decision import RouteDecision, read
from ralph.registry import load
from tests.engine import real_model
from tests.headless.ask import Home
from tests.providers import wires

TINY = str(Path(__file__).parent / "tiny-chat.gguf")
CONFIG = "providers: {local: {threads: 1}}\n"
REF = f"local:{real_model.NAME}"


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[Provider]:
    pytest.importorskip("xllamacpp")
    provider = open_local(tmp_path)
    yield provider
    await provider.aclose()


def open_local(home: Path, **options: Any) -> Provider:
    made = {"threads": 1, **options}
    settings = ProviderSettings(name="local", kind="local", environ={"RALPH_DATA_DIR": str(home)}, options=made)
    return load("providers", "local").open(settings)  # type: ignore[no-any-return]


@pytest.fixture
def home(tmp_path: Path, smollm: Path) -> Home:
    """A home in which the real model was pulled."""
    made = Home(tmp_path, CONFIG)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / f"{real_model.NAME}.gguf").symlink_to(smollm)
    return made


def ask(model: str, text: str, **more: Any) -> Request:
    return Request(model, (user(text),), **more)


async def test_an_answer_streams_with_its_usage(local: Provider) -> None:
    outcome = await wires.collect(local, ask(TINY, "Hello", settings={"temperature": 0}))
    assert outcome.failure is None
    assert outcome.items[0] == Waiting("loading")
    assert outcome.text == "Hello! How can I help you?"
    assert len([item for item in outcome.items if isinstance(item, Piece)]) > 1
    assert outcome.answer.stop_reason == "stop"
    assert outcome.usage.source == "reported"
    assert outcome.usage.output > 0
    again = await wires.collect(local, ask(TINY, "Hello", settings={"temperature": 0}))
    assert Waiting("loading") not in again.items
    assert again.text == outcome.text


async def test_a_bound_is_the_reason_for_the_end(local: Provider) -> None:
    outcome = await wires.collect(local, ask(TINY, "Hello", max_output=2))
    assert outcome.answer.stop_reason == "length"
    assert outcome.usage.output == 2


async def test_a_request_beyond_the_window_is_refused(local: Provider) -> None:
    outcome = await wires.collect(local, ask(TINY, "word " * 9000))
    assert outcome.failure is not None
    assert outcome.failure.kind is Kind.CONTEXT_LENGTH
    assert outcome.failure.rejected
    assert "9" in outcome.failure.message
    assert (await wires.collect(local, ask(TINY, "Hello"))).failure is None


async def test_a_file_that_is_no_model(local: Provider, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    outcome = await wires.collect(local, ask(str(broken), "Hello"))
    assert outcome.failure is not None
    assert outcome.failure.kind is Kind.CONFIG
    assert "is it a whole GGUF file" in outcome.failure.message
    assert (await wires.collect(local, ask(TINY, "Hello"))).failure is None


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (real_model.NAME, f"`ralph models pull {REF}` gets it (98 MB)"),
        ("/nowhere/model.gguf", "there is no file /nowhere/model.gguf"),
        ("other", "write a path of a .gguf file, or smollm2-135m, qwen3-0.6b"),
    ],
)
async def test_a_model_that_is_not_here(local: Provider, model: str, words: str) -> None:
    outcome = await wires.collect(local, ask(model, "Hello"))
    assert outcome.failure is not None
    assert outcome.failure.kind is Kind.UNKNOWN_MODEL
    assert words in outcome.failure.message


async def test_without_the_extra_a_sentence_names_it(local: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xllamacpp", None)
    with pytest.raises(Failure) as caught:
        await wires.collect(local, ask(TINY, "Hello"))
    assert caught.value.kind is Kind.CONFIG
    assert caught.value.message == "a model in this process needs the extra `local`: pip install 'ralph[local]'"


async def test_a_stopped_answer_frees_the_model(local: Provider, smollm: Path) -> None:
    """The first answer would take minutes; the second comes at once, and nothing of the first is computed on."""
    items = local.stream(ask(str(smollm), "Count from one to a thousand.", max_output=4000))
    async with aclosing(items):
        async for item in items:
            if isinstance(item, Piece):
                break
    async with asyncio.timeout(60):
        outcome = await wires.collect(local, ask(str(smollm), "Hello", max_output=1))
    assert outcome.answer.stop_reason == "length"


async def test_rules_route_a_tool_computes_and_the_model_words_the_answer(home: Home) -> None:
    """Without the tool the model says 381. It calls none itself, so the rules do."""
    result = await home.ask("What is 17*23?", model=REF)
    assert result.code == 0, result.err
    turn = result.json
    assert turn["steps"][1]["tools"][0]["output"] == "391"
    assert "391" in turn["text"]
    assert turn["steps"][2]["usage"]["source"] == "reported"
    assert turn["cost"]["nano_usd"] == 0


async def test_an_auto_route_with_it_asks_the_rules(home: Home) -> None:
    result = await home.ask("Why is the sky blue?", model=REF)
    assert result.code == 0, result.err
    assert result.json["steps"][0]["data"]["by"] == "rules"
    assert [row["role"] for row in result.rows()] == ["format"]


async def test_a_route_by_the_model_is_valid_under_its_schema(home: Home) -> None:
    result = await home.ask("Hello", format=REF, route=REF)
    step = result.json["steps"][0]
    assert step["status"] == "ok", step
    assert isinstance(read(step["text"]), RouteDecision)


async def test_a_conversation_beyond_the_window_ends_as_context(home: Home) -> None:
    result = await home.ask("word " * 9000, format=REF, route="rules")
    assert result.code == 8
    assert "exceeds the available context size" in result.out + result.err


async def test_auto_never_chooses_it(tmp_path: Path, smollm: Path) -> None:
    """Pulled, and not named: the rules say that no model is connected."""
    home = Home(tmp_path)
    (tmp_path / "models").mkdir()
    shutil.copyfile(TINY, tmp_path / "models" / f"{real_model.NAME}.gguf")
    result = await home.ask("Why is the sky blue?")
    assert result.code == 3
    assert "needs a model" in result.out + result.err
