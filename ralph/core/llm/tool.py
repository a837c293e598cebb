"""The tool protocol: a name, a schema, an effect, and a coroutine from arguments to text."""

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

# Seconds for a call if neither its tool nor the configuration sets a timeout.
TIMEOUT_S = 60.0

log = logging.getLogger("ralph.tools")


class ToolFailure(Exception):
    """The tool failed; the message goes to the model and to the person."""


class TimelineSearch(Protocol):
    """The store's search over saved timelines."""

    async def search(self, text: str, limit: int = 20) -> tuple[SearchHit, ...]: ...


@frozen
class SearchHit(Data):
    """A hit in a saved timeline; `excerpt` is plain text around it."""

    timeline: str
    title: str
    turn: int
    at: str
    kind: str
    excerpt: str


@frozen
class Surroundings(Data):
    """What tools may use: the working directory, the clock, the saved timelines.

    `timeout_s` bounds a call whose tool sets no timeout.
    """

    root: Path
    clock: Clock
    search: TimelineSearch | None = None
    timeline: str = ""
    timeout_s: float = TIMEOUT_S


def _drop(text: str) -> None:
    """Drop the output, because nobody watches it."""


@frozen
class ToolCall(Data):
    """One running call: its surroundings, its timeout, and the receiver of its progress.

    `emit_output` shows and stores a piece of output at once, from any thread; the model receives only the returned
    text. A call that is stopped or takes longer than `timeout_s` is cancelled.
    """

    around: Surroundings
    id: str = ""
    timeout_s: float = TIMEOUT_S
    emit_output: Callable[[str], None] = _drop

    @property
    def root(self) -> Path:
        """Return the working directory."""
        return self.around.root

    @property
    def clock(self) -> Clock:
        return self.around.clock

    @property
    def search(self) -> TimelineSearch | None:
        """Return the search over saved timelines; None if nothing is stored."""
        return self.around.search

    @property
    def timeline(self) -> str:
        """Return the id of the timeline that the call belongs to."""
        return self.around.timeline


class Tool(Protocol):
    """A tool. Its file offers one under the name `TOOL`. It keeps no state between calls.

    `effect` is the most that any of its calls may do. A tool may also have these members, each with a default:

    - `effect_of(arguments) -> Effect`: the effect of this call; `effect` by default.
    - `resource(arguments) -> str`: the path, host or command line that rules are matched with. By default they are
      matched with every text among the arguments.
    - `preview(arguments) -> str`: the diff, host or command line that a person sees before a yes. Called in a thread.
    - `timeout_s: float`: seconds for a call; `tools.timeout_s` of the configuration by default.
    """

    @property
    def spec(self) -> ToolSpec: ...

    @property
    def effect(self) -> Effect: ...

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str:
        """Return the output as text. Raises `ToolFailure`; the caller turns any other exception into one."""
        ...


def effect_of(tool: Tool, arguments: Mapping[str, Any]) -> Effect:
    """Return the effect of this call; `unknown` if the tool fails to say."""
    said = _call_optional(tool, "effect_of", arguments, tool.effect, "unknown")
    return next((effect for effect in EFFECTS if effect == said), "unknown")


def resource_of(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """Return the text that rules are matched with; empty if the tool does not say."""
    return _call_optional(tool, "resource", arguments, "", "")


def preview_of(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """Return the text that a person sees before a yes; empty if the tool has none."""
    return _call_optional(tool, "preview", arguments, "", "the tool could not say what this call would do")


def timeout_of(tool: Tool, default_s: float) -> float:
    """Return the timeout of this tool's calls in seconds."""
    own = getattr(tool, "timeout_s", None)
    return float(own) if isinstance(own, int | float) and own > 0 else default_s


def _call_optional(tool: Tool, name: str, arguments: Mapping[str, Any], default: str, failed: str) -> str:
    """Return the text of the tool's method of this name; `default` without one, `failed` if it raises."""
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
    """The verdict on a call: `ask` needs a person. `by` names the rule or effect that decided."""

    verdict: Literal["allowed", "denied", "ask"]
    by: str
