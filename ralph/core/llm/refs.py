"""Model refs: `provider:model`, split at the first colon if what stands before it is a known provider."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind, nearest


@frozen
class ModelRef(Data):
    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"

    @staticmethod
    def parse(text: str) -> ModelRef:
        """A whole ref, as it is recorded or listed. `parse_ref` reads what a person wrote."""
        provider, _, model = text.partition(":")
        return ModelRef(provider, model)

    @property
    def each(self) -> tuple[ModelRef, ...]:
        """The models that may be asked under this ref."""
        return (self,)


@frozen
class Pool(ModelRef):
    """Several models that stand in for each other under an alias. Its own provider and model are its first member's,
    for whoever must think of one.
    """

    alias: str
    members: tuple[ModelRef, ...]

    def __str__(self) -> str:
        return self.alias

    @property
    def each(self) -> tuple[ModelRef, ...]:
        return self.members


Aliases = Mapping[str, str | tuple[str, ...]]


def pool_refs(alias: str, refs: Sequence[ModelRef]) -> ModelRef:
    """One ref for all of these; one that is named twice counts once, and one alone is itself."""
    members = tuple(dict.fromkeys(one for ref in refs for one in ref.each))
    return members[0] if len(members) == 1 else Pool(members[0].provider, members[0].model, alias, members)


class ModelNames(Protocol):
    """The models of the connected providers, by a part of their names."""

    def find(self, part: str) -> ModelRef | None:
        """The model that this part means, None for none. Raises `Failure` where it may mean several."""
        ...

    def like(self, text: str) -> Sequence[str]:
        """Refs to name in a sentence."""
        ...


def parse_ref(text: str, providers: Collection[str], aliases: Aliases, models: ModelNames | None = None) -> ModelRef:
    """A ref from what a person wrote: a known provider before the first colon, else an alias, else the one of `models`
    whose name holds it. Raises `Failure` for what is none of these.

    A provider's bare name means its own choice of model: the ref's model is then empty. An alias of several refs
    is a `Pool`.
    """
    text = text.strip()
    provider, colon, model = text.partition(":")
    if provider in providers and (not colon or model):
        return ModelRef(provider, model)
    if text in aliases:
        meant, others = aliases[text], {k: v for k, v in aliases.items() if k != text}
        if isinstance(meant, str):
            return parse_ref(meant, providers, others, models)
        return pool_refs(text, [parse_ref(one, providers, others, models) for one in meant])
    if text and models and (found := models.find(text)):
        return found
    raise Failure(Kind.UNKNOWN_MODEL, _no_ref(text, providers, aliases, models))


def _no_ref(text: str, providers: Collection[str], aliases: Aliases, models: ModelNames | None) -> str:
    """Why this is no ref, with what is probably meant, or with refs that could be written."""
    provider, colon, model = text.partition(":")
    if provider in providers:
        return f"'{text}' names no model: write the model after the colon, or {provider} alone"
    what = f"there is no provider '{provider}'" if colon and model else f"there is no model '{text}'"
    meant = [f"{name}:{model or 'MODEL'}" for name in nearest(provider, providers)] + nearest(text, aliases)
    if meant:
        return f"{what}; did you mean {' or '.join(meant[:3])}?"
    known = models.like(text) if models else ()
    return f"{what}: write provider:model, for example {', '.join(known or ('ollama:llama3.2:3b',))}"
