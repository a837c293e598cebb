"""Where tools come from: the package's own are one source, and a server of tools may be another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Protocol

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.llm.tool import Tool


@frozen
class SourceEnvironment(Data):
    """What a source is opened with: the working directory, the clock and the variables of the process."""

    root: Path
    clock: Clock
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


class ToolSource(Protocol):
    """Opened before the first turn, closed with the workspace, each once."""

    @property
    def name(self) -> str:
        """For the log, where it cannot be opened."""
        ...

    async def open(self, env: SourceEnvironment) -> Sequence[Tool]:
        """Its tools. Whatever it raises leaves them out, and is logged."""
        ...

    async def aclose(self) -> None:
        """Let go of what `open` took; also called where `open` failed or was stopped."""
        ...
