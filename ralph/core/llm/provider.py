"""The provider protocol: one async stream of items per request, and facts about its models."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import NamedTuple, Protocol, runtime_checkable

from ralph.core.data import Data, frozen
from ralph.core.llm.request import Item, Request


@frozen
class Traits(Data):
    """The facts about a provider that other code needs.

    `sends_requests`: False makes no attempts (the built-in rules). `local`: allowed with `--offline`. `free`: its
    tokens cost nothing. `one_slot`: a second parallel request waits for the first or evicts it. `toolless`: its models
    that never call a tool, whatever they are asked.
    """

    sends_requests: bool = True
    local: bool = False
    free: bool = False
    one_slot: bool = False
    toolless: frozenset[str] = frozenset()


@frozen
class ModelInfo(Data):
    """A model as its provider lists it; None where the provider does not say. `window` is in tokens, `parameters`
    in billions."""

    name: str
    window: int | None = None
    max_output: int | None = None
    tools: bool | None = None
    thinking: bool | None = None
    images: bool | None = None
    retires: str | None = None
    parameters: float | None = None


class Provider(Protocol):
    """One vendor's wire. Its types and exceptions never leave its file: every failure is a `ProviderFailure`."""

    @property
    def name(self) -> str: ...

    @property
    def traits(self) -> Traits: ...

    def stream(self, request: Request) -> AsyncGenerator[Item, None]:
        """Yield the items of the answer live. Consume it under `contextlib.aclosing`, which closes the request."""
        ...

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return the models that the provider lists."""
        ...

    async def ready(self) -> None:
        """Import and build the client, without sending anything. The next request then starts without that wait."""
        ...

    async def warm(self) -> None:
        """Import and open what the first request needs; sends nothing that is billed."""
        ...

    async def aclose(self) -> None: ...


@runtime_checkable
class CountsSlots(Protocol):
    """A provider whose server may report how many requests it answers at the same time."""

    async def slots(self) -> int | None:
        """Return the number; None if the server does not report it. Asked once, for at most 0.3 s; raises nothing."""
        ...


class PullProgress(NamedTuple):
    """How far a download is, in bytes; `total` is None while the source does not say. The last one is `done`.

    `path` is the file, empty if a server keeps it. `sha256` is the checksum that was verified, empty if the server
    states none.
    """

    bytes: int
    total: int | None
    done: bool = False
    path: str = ""
    sha256: str = ""


@runtime_checkable
class PullsModels(Protocol):
    """A provider that can download a model, and remove one."""

    def describe_pull(self, model: str) -> str:
        """Return what a download brings, for a person who is asked: size, memory, licence, source. Raises `Failure`."""
        ...

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download the model, or what is missing of it. Consume it under `contextlib.aclosing`. Raises `Failure`."""
        ...

    async def remove(self, model: str) -> str:
        """Remove a pulled model; return what was removed. Raises `Failure`."""
        ...
