"""Model refs: `provider:model`, split at the first colon if what stands before it is a known provider."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ralph.core.errors import Failure, Kind, nearest


@dataclass(frozen=True, slots=True, order=True)
class ModelRef:
    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"


def parse_ref(text: str, providers: Collection[str], aliases: Mapping[str, str]) -> ModelRef:
    """A ref from what a person wrote: a known provider before the first colon, else an alias, else an error.

    A provider's bare name means its own choice of model: the ref's model is then empty.
    """
    text = text.strip()
    provider, colon, model = text.partition(":")
    if provider in providers and (not colon or model):
        return ModelRef(provider, model)
    if text in aliases:
        return parse_ref(aliases[text], providers, {k: v for k, v in aliases.items() if k != text})
    known = [*aliases, *(f"{p}:" for p in providers)]
    close = nearest(text, known) or sorted(known)[:3]
    raise Failure(
        Kind.UNKNOWN_MODEL,
        f"'{text}' is no model ref: write provider:model, for example {', '.join(close)}",
    )
