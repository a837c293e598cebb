"""What a tool is: a name, a schema, an effect, and a coroutine from arguments to text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec

Effect = Literal["none", "read", "network", "write", "run", "unknown"]


class ToolFailure(Exception):
    """The tool could not do it; the message goes to the model and to the person."""


class TimelineSearch(Protocol):
    """Search over saved timelines, as the store offers it."""

    async def search(self, text: str, limit: int = 20) -> tuple[SearchHit, ...]: ...


@frozen
class SearchHit(Data):
    """One place in a saved timeline that holds what was sought; `excerpt` is plain text around it."""

    timeline: str
    title: str
    turn: int
    at: str
    kind: str
    excerpt: str


@frozen
class Surroundings(Data):
    """What a tool may touch: the working directory, the clock, the saved timelines."""

    root: Path
    clock: Clock
    search: TimelineSearch | None = None
    timeline: str = ""


class Tool(Protocol):
    """A tool's file offers one under the name `TOOL`. It keeps no state between calls."""

    @property
    def spec(self) -> ToolSpec: ...

    @property
    def effect(self) -> Effect: ...

    async def run(self, arguments: Mapping[str, Any], around: Surroundings) -> str:
        """The output as text. Raises `ToolFailure`; anything else that it raises is turned into one by the caller."""
        ...


@frozen
class Decision(Data):
    """Whether a call may run: `ask` needs a person. `by` says what decided."""

    verdict: Literal["allowed", "denied", "ask"]
    by: str
