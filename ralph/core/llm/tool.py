"""What a tool is: a name, a schema, an effect, and a coroutine from arguments to text."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec

Effect = Literal["none", "read", "network", "write", "run", "unknown"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)

# What a call may take where neither its tool nor the configuration says otherwise.
TIMEOUT_S = 60.0

log = logging.getLogger("ralph.tools")


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
    """What tools may touch: the working directory, the clock, the saved timelines.

    `timeout_s` bounds a call whose tool sets no timeout of its own.
    """

    root: Path
    clock: Clock
    search: TimelineSearch | None = None
    timeline: str = ""
    timeout_s: float = TIMEOUT_S


def _drop(text: str) -> None:
    """Nobody looks at what comes before the end."""


@frozen
class ToolCall(Data):
    """One call while it runs: what it may touch, how long it may take, and whom it tells of its progress.

    `emit_output` shows and stores a piece of output at once, from any thread; what the call returns is all that the
    model gets. A call that is stopped, or takes longer than `timeout_s`, is cancelled.
    """

    around: Surroundings
    id: str = ""
    timeout_s: float = TIMEOUT_S
    emit_output: Callable[[str], None] = _drop

    @property
    def root(self) -> Path:
        """The working directory."""
        return self.around.root

    @property
    def clock(self) -> Clock:
        return self.around.clock

    @property
    def search(self) -> TimelineSearch | None:
        """Search over saved timelines; None where nothing is stored."""
        return self.around.search

    @property
    def timeline(self) -> str:
        """The id of the timeline that the call belongs to."""
        return self.around.timeline


class Tool(Protocol):
    """A tool's file offers one under the name `TOOL`. It keeps no state between calls.

    `effect` is the most that any of its calls may do. A tool may also have, each with a default:

    - `effect_of(arguments) -> Effect`: what this call may do; `effect` without it.
    - `resource(arguments) -> str`: the path, host or command line that rules are matched with; without it they are
      matched with every text among the arguments.
    - `preview(arguments) -> str`: what a person sees before a yes: a diff, a host, a command line. Called in a thread.
    - `timeout_s: float`: how long a call may take; `tools.timeout_s` of the configuration without it.
    """

    @property
    def spec(self) -> ToolSpec: ...

    @property
    def effect(self) -> Effect: ...

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str:
        """The output as text. Raises `ToolFailure`; anything else that it raises is turned into one by the caller."""
        ...


def effect_of(tool: Tool, arguments: Mapping[str, Any]) -> Effect:
    """What this call may do; `unknown` where the tool fails to say."""
    said = _call_optional(tool, "effect_of", arguments, tool.effect, "unknown")
    return next((effect for effect in EFFECTS if effect == said), "unknown")


def resource_of(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """What rules are matched with; empty where the tool does not say."""
    return _call_optional(tool, "resource", arguments, "", "")


def preview_of(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """What a person sees before a yes; empty where the tool shows nothing."""
    return _call_optional(tool, "preview", arguments, "", "the tool could not say what this call would do")


def timeout_of(tool: Tool, default_s: float) -> float:
    """How long a call of this tool may take."""
    own = getattr(tool, "timeout_s", None)
    return float(own) if isinstance(own, int | float) and own > 0 else default_s


def _call_optional(tool: Tool, name: str, arguments: Mapping[str, Any], default: str, failed: str) -> str:
    """What the tool's own method of this name says; `default` where it has none, `failed` where it fails."""
    own: Callable[[Mapping[str, Any]], Any] | None = getattr(tool, name, None)
    if own is None:
        return default
    try:
        said = own(arguments)
    except Exception:  # border: a tool is somebody else's code, and its arguments are a model's
        log.exception("%s of the tool %s failed", name, tool.spec.name)
        return failed
    return said if isinstance(said, str) else failed


@frozen
class Decision(Data):
    """Whether a call may run: `ask` needs a person. `by` says what decided."""

    verdict: Literal["allowed", "denied", "ask"]
    by: str
