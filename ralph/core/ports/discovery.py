"""What ralph found when it looked around on this machine, and the model that it chose from it."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.data import Data, frozen
from ralph.core.llm.provider import ModelInfo

# What a server lists beside models that can talk.
_MUTE = ("embed", "rerank", "whisper", "tts", "bge-", "minilm", "clip")


@frozen
class LocalServer(Data):
    """A server that may run on this machine: the provider's name here, its kind, its usual address.

    `title` is what people call it.
    """

    name: str
    kind: str
    base_url: str
    title: str


# The best first: one that loads its models by itself, then one that lists many, then those that serve one.
NEIGHBOURS = (
    LocalServer("ollama", "ollama", "http://127.0.0.1:11434", "Ollama"),
    LocalServer("lmstudio", "openai_compatible", "http://127.0.0.1:1234/v1", "LM Studio"),
    LocalServer("vllm", "openai_compatible", "http://127.0.0.1:8000/v1", "vLLM"),
    LocalServer("llamacpp", "openai_compatible", "http://127.0.0.1:8080/v1", "llama.cpp"),
)


@frozen
class FoundModel(Data):
    """A server that answered, and what it lists."""

    neighbour: LocalServer
    models: tuple[ModelInfo, ...]


@frozen
class StoredChoice(Data):
    """A model that ralph chose by itself, with all that is needed to reach it again. `at` is when."""

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
    """`named`: what answers was named in the configuration, the environment or a flag, so that nothing was chosen.

    `choice` is what answers else, `reason` why. `gone` is an earlier choice that does not answer any more.
    """

    connected: tuple[str, ...] = ()
    found: tuple[FoundModel, ...] = ()
    named: bool = False
    choice: StoredChoice | None = None
    reason: str = ""
    gone: StoredChoice | None = None


@frozen
class Suggestion(Data):
    """The model to answer, and in a few words why."""

    found: FoundModel
    model: str
    reason: str


def suggest(found: Sequence[FoundModel], before: StoredChoice | None = None) -> Suggestion | None:
    """What shall answer: the earlier choice while it is there; else the first server that has a model that can talk,
    and of its models the first that can call tools. None where there is nothing. Pure.
    """
    for one in found:
        if before and one.neighbour.name == before.provider and any(m.name == before.model for m in one.models):
            return Suggestion(one, before.model, "it was chosen before")
    for one in found:
        talking = [m for m in one.models if not any(word in m.name.casefold() for word in _MUTE)]
        able = [m for m in talking if m.tools]
        if able and len(able) < len(talking):
            return Suggestion(one, able[0].name, "its first model that can call tools")
        if talking:
            alone = len(talking) == 1
            return Suggestion(one, talking[0].name, "its only model" if alone else "its first model")
    return None
