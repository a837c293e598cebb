"""The choice among what was found: pure, and never a model that cannot talk."""

from __future__ import annotations

import pytest

from ralph.core.llm.provider import ModelInfo
from ralph.core.ports.discovery import NEIGHBOURS, FoundModel, StoredChoice, suggest

OLLAMA, STUDIO, VLLM, LLAMA = NEIGHBOURS


def listing(neighbour: object, *models: ModelInfo | str) -> FoundModel:
    infos = tuple(m if isinstance(m, ModelInfo) else ModelInfo(m) for m in models)
    return FoundModel(neighbour, infos)  # type: ignore[arg-type]


def stored(provider: str, model: str) -> StoredChoice:
    return StoredChoice(provider, model, "ollama", "http://127.0.0.1:11434", "2026-11-20T14:02:11.000000Z")


def test_only_this_machine_is_ever_asked() -> None:
    assert all(n.base_url.startswith("http://127.0.0.1:") for n in NEIGHBOURS)
    assert {n.base_url.split(":")[2].split("/")[0] for n in NEIGHBOURS} == {"11434", "1234", "8080", "8000"}


@pytest.mark.parametrize(
    ("found", "model", "reason"),
    [
        ([listing(OLLAMA, "a", "b"), listing(STUDIO, "c")], "a", "its first model"),
        ([listing(OLLAMA, "nomic-embed-text"), listing(STUDIO, "text-embedding-x", "c")], "c", "its only model"),
        (
            [listing(OLLAMA, ModelInfo("a", tools=False), ModelInfo("b", tools=True))],
            "b",
            "its first model that can call tools",
        ),
        ([listing(OLLAMA, ModelInfo("a", tools=False))], "a", "its only model"),
    ],
)
def test_the_first_that_can_talk(found: list[FoundModel], model: str, reason: str) -> None:
    chosen = suggest(found)
    assert chosen
    assert (chosen.model, chosen.reason) == (model, reason)


def test_the_earlier_choice_stays_while_it_is_there() -> None:
    found = [listing(OLLAMA, "a", "b"), listing(STUDIO, "c")]
    chosen = suggest(found, stored("lmstudio", "c"))
    assert chosen
    assert (chosen.found.neighbour.name, chosen.model, chosen.reason) == ("lmstudio", "c", "it was chosen before")
    assert (again := suggest(found, stored("ollama", "gone")))
    assert again.model == "a"


def test_nothing_that_can_talk_is_nothing() -> None:
    assert suggest([]) is None
    assert suggest([listing(OLLAMA, "mxbai-embed-large")]) is None
