"""The sources of tools: the package's own are one source, and a server of tools may be another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Protocol

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.llm.tool import Tool
from ralph.core.log.events import Note


@frozen
class SourceEnvironment(Data):
    """The environment of a source: the working directory, the clock and the variables of the process."""

    root: Path
    clock: Clock
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


class ToolSource(Protocol):
    """A source of tools. It is opened before the first turn and closed with the workspace, each once."""

    @property
    def name(self) -> str:
        """Return its name, for the log if it cannot be opened."""
        ...

    async def open(self, env: SourceEnvironment) -> Sequence[Tool]:
        """Return its tools. If it raises, its tools are left out, and the exception is logged."""
        ...

    async def aclose(self) -> None:
        """Release what `open` took; also called if `open` failed or was stopped."""
        ...


class GrowingSource(ToolSource, Protocol):
    """A source whose tools may become known, or change, after it was opened."""

    def current(self) -> Mapping[str, Tool]:
        """Return the tools that are known now, by their names."""
        ...

    def news(self, timeline: str) -> tuple[Note, ...]:
        """Return the notes about its tools that this timeline does not have yet."""
        ...
