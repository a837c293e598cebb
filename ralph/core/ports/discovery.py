"""The results of discovery on this machine, and the model that ralph chose from them."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.data import Data, frozen
from ralph.core.llm.provider import ModelInfo

# Parts of the names of models that cannot chat.
_MUTE = ("embed", "rerank", "whisper", "tts", "bge-", "minilm", "clip")


@frozen
class LocalServer(Data):
    """A server that may run on this machine: the provider's name, its kind, its usual address.

    `title` is its common name.
    """

    name: str
    kind: str
    base_url: str
    title: str


# The best first: servers that load models by themselves, then those that list many, then those with one model.
NEIGHBOURS = (
    LocalServer("ollama", "ollama", "http://127.0.0.1:11434", "Ollama"),
    LocalServer("lmstudio", "openai_compatible", "http://127.0.0.1:1234/v1", "LM Studio"),
    LocalServer("vllm", "openai_compatible", "http://127.0.0.1:8000/v1", "vLLM"),
    LocalServer("llamacpp", "openai_compatible", "http://127.0.0.1:8080/v1", "llama.cpp"),
)


@frozen
class FoundModel(Data):
    """A server that answered, and the models that it lists."""

    neighbour: LocalServer
    models: tuple[ModelInfo, ...]


@frozen
class StoredChoice(Data):
    """A model that ralph chose by itself, with everything needed to reach it again. `at` is the time of the choice."""

    provider: str
    model: str
    kind: str
    base_url: str
    at: str

    @property
    def ref(self) -> str:
        return f"{self.provider}:{self.model}"


@frozen
class Discovery(Data):
    """The result of discovery. `named`: the answering model was configured, so nothing was chosen.

    Otherwise `choice` is the answering model and `reason` the reason. `gone` is an earlier choice that no longer
    answers.
    """

    connected: tuple[str, ...] = ()
    found: tuple[FoundModel, ...] = ()
    named: bool = False
    choice: StoredChoice | None = None
    reason: str = ""
    gone: StoredChoice | None = None


@frozen
class Suggestion(Data):
    """A suggested model, and the reason in a few words."""

    found: FoundModel
    model: str
    reason: str


def can_chat(model: str) -> bool:
    """Return whether the name of a model does not say that it does something else, such as embedding."""
    return not any(word in model.casefold() for word in _MUTE)


def suggest(found: Sequence[FoundModel], before: StoredChoice | None = None) -> Suggestion | None:
    """Return the model to answer: the earlier choice if it is there, else one of the first server with a chat model,
    preferably its first model that can call tools. None if there is none. Pure.
    """
    for one in found:
        if before and one.neighbour.name == before.provider and any(m.name == before.model for m in one.models):
            return Suggestion(one, before.model, "it was chosen before")
    for one in found:
        talking = [m for m in one.models if can_chat(m.name)]
        able = [m for m in talking if m.tools]
        if able and len(able) < len(talking):
            return Suggestion(one, able[0].name, "its first model that can call tools")
        if talking:
            alone = len(talking) == 1
            return Suggestion(one, talking[0].name, "its only model" if alone else "its first model")
    return None
