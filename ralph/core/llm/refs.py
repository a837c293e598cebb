"""Model refs: `provider:model`, split at the first colon if what stands before it is a known provider."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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


def pooled(alias: str, refs: Sequence[ModelRef]) -> ModelRef:
    """One ref for all of these; one that is named twice counts once, and one alone is itself."""
    members = tuple(dict.fromkeys(one for ref in refs for one in ref.each))
    return members[0] if len(members) == 1 else Pool(members[0].provider, members[0].model, alias, members)


def parse_ref(text: str, providers: Collection[str], aliases: Aliases) -> ModelRef:
    """A ref from what a person wrote: a known provider before the first colon, else an alias, else an error.

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
            return parse_ref(meant, providers, others)
        return pooled(text, [parse_ref(one, providers, others) for one in meant])
    known = [*aliases, *(f"{p}:" for p in providers)]
    close = [f"{one}MODEL" if one.endswith(":") else one for one in nearest(text, known) or sorted(known)[:3]]
    what = f"there is no provider '{provider}'" if colon and model else f"'{text}' is no model ref"
    raise Failure(Kind.UNKNOWN_MODEL, f"{what}: write provider:model, for example {', '.join(close)}")
