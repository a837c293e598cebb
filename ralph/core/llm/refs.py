"""Model refs: `provider:model`, split at the first colon if the text before it is a known provider."""

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
        """Parse a complete ref, as it is recorded or listed. `parse_ref` reads the text of a person."""
        provider, _, model = text.partition(":")
        return ModelRef(provider, model)

    @property
    def each(self) -> tuple[ModelRef, ...]:
        """Return the models that may be asked under this ref."""
        return (self,)


@frozen
class Pool(ModelRef):
    """Several equivalent models under an alias. Its own provider and model are those of its first member, for code
    that needs a single model.
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
    """Return one ref for all of these. Duplicates count once, and a single ref is returned unchanged."""
    members = tuple(dict.fromkeys(one for ref in refs for one in ref.each))
    return members[0] if len(members) == 1 else Pool(members[0].provider, members[0].model, alias, members)


class ModelNames(Protocol):
    """Finds models of the connected providers by a part of their names."""

    def find(self, part: str) -> ModelRef | None:
        """Return the model that this part means, or None. Raises `Failure` if it may mean several."""
        ...

    def like(self, text: str) -> Sequence[str]:
        """Return similar refs for a sentence."""
        ...


class UnknownName(Failure):
    """A name that is no ref, no alias and no part of a known model's name. A list not yet fetched may contain it."""


def parse_ref(text: str, providers: Collection[str], aliases: Aliases, models: ModelNames | None = None) -> ModelRef:
    """Return the ref for the text of a person: a known provider before the first colon, else an alias, else the one of
    `models` whose name contains the text. Raises `UnknownName` if there is none, and `Failure` for an unclear text.

    A provider's bare name means its own choice of model: the ref's model is then empty. An alias of several refs
    becomes a `Pool`.
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
    lacks_model = provider in providers or not text
    raise (Failure if lacks_model else UnknownName)(Kind.UNKNOWN_MODEL, _no_ref(text, providers, aliases, models))


def _no_ref(text: str, providers: Collection[str], aliases: Aliases, models: ModelNames | None) -> str:
    """Return why the text is no ref, with probable meanings, or with refs that could be written."""
    provider, colon, model = text.partition(":")
    if provider in providers:
        return f"'{text}' names no model: write the model after the colon, or {provider} alone"
    what = f"there is no provider '{provider}'" if colon and model else f"there is no model '{text}'"
    meant = [f"{name}:{model or 'MODEL'}" for name in nearest(provider, providers)] + nearest(text, aliases)
    if meant:
        return f"{what}; did you mean {' or '.join(meant[:3])}?"
    known = models.like(text) if models else ()
    return f"{what}: write provider:model, for example {', '.join(known or ('ollama:llama3.2:3b',))}"
