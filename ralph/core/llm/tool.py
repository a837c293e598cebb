"""The tool protocol: a name, a schema, an effect, and a coroutine from arguments to text."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool_output import LastRead, Prepared, ToolOutput

Effect = Literal["none", "read", "network", "write", "run", "unknown"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)

SandboxMode = Literal["auto", "require", "off"]
"""Whether programs run in a sandbox: where there is one, only where there is one, never."""

UNSAID = "the tool could not say what this call would do"

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
    sandbox: SandboxMode = "auto"
    protected: tuple[Path, ...] = ()
    """Ralph's own files: a program may not change them, also where they lie below the working directory."""
    last_reads: Mapping[str, LastRead] = field(default_factory=dict, repr=False)
    """What the model last saw of each file, by its path; known only to a call that writes."""
    http_options: Callable[[str], Mapping[str, Any]] | None = field(default=None, repr=False)
    """Returns the certificates and the proxy for a URL, as options of an `httpx` client. May read files."""


Resource = str | tuple[str, ...]
"""What rules are matched with, by the effect of the call: a path below the working directory (read, write), a URL
(network), a shell line (run, a text) or an argv (run, a tuple)."""


def _drop(text: str) -> None:
    """Drop the output, because nobody watches it."""


@frozen
class Permit(Data):
    """The decision about one resource of a call; true if the call may use it."""

    allowed: bool
    rule: str = ""
    """The rule that decided; empty if none did."""

    def __bool__(self) -> bool:
        return self.allowed


async def _refuse(_: Resource) -> Permit:
    """Refuse every further resource, because nobody decides."""
    return Permit(False)


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
    prepared: Prepared = Prepared()
    """What `Tool.prepare` said before the question, which is what a person saw."""
    network: bool = False
    """Whether a rule lets the program use the network."""
    rule: str = ""
    """The rule that allowed the call; empty if none did."""
    by_person: bool = False
    """Whether a person said yes to this very call."""
    may_use: Callable[[Resource], Awaitable[Permit]] = field(default=_refuse, repr=False)
    """Decide about another resource of the same call by the same rules, and ask where they ask: a redirect to another
    host."""

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
    - `resource(arguments) -> Resource`: the path, URL, shell line or argv that rules are matched with; none by default,
      and then only rules without a resource match.
    - `preview(arguments) -> str`: the diff, host or command line that a person sees before a yes. Called in a thread.
    - `prepare(arguments, around) -> Prepared`: the preview and the planned changes of files, in place of `preview`, for
      a call that writes. Called in a thread. Raises `ToolFailure` if the call cannot work; then nobody is asked.
    - `timeout_s: float`: seconds for a call; `tools.timeout_s` of the configuration by default.
    - `on_demand: bool`: whether it is declared to the tool model only if the route chose it; False by default.
    - `changed: str`: why its calls ask again, whatever allows them, as a sentence; empty by default.
    """

    @property
    def spec(self) -> ToolSpec: ...

    @property
    def effect(self) -> Effect: ...

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str | ToolOutput:
        """Return the output. Raises `ToolFailure`; the caller turns any other exception into one."""
        ...


def effect_of(tool: Tool, arguments: Mapping[str, Any]) -> Effect:
    """Return the effect of this call; `unknown` if the tool fails to say."""
    said = _say(tool, "effect_of", arguments, tool.effect, "unknown")
    return next((effect for effect in EFFECTS if effect == said), "unknown")


def resource_of(tool: Tool, arguments: Mapping[str, Any]) -> Resource:
    """Return what rules are matched with; empty if the tool does not say."""
    said = _call_optional(tool, "resource", arguments, "", "")
    if isinstance(said, Sequence) and not isinstance(said, str):
        return tuple(said) if all(isinstance(part, str) for part in said) else ""
    return said if isinstance(said, str) else ""


def prepare(tool: Tool, arguments: Mapping[str, Any], around: Surroundings) -> Prepared:
    """Return what a person sees before a yes, and the planned changes of files. Raises `ToolFailure`."""
    own: Callable[[Mapping[str, Any], Surroundings], Prepared] | None = getattr(tool, "prepare", None)
    if own is None:
        return Prepared(_say(tool, "preview", arguments, "", UNSAID))
    try:
        return own(arguments, around)
    except ToolFailure:
        raise
    except Exception:  # border: a tool is somebody else's code, and its arguments are a model's
        log.exception("prepare of the tool %s failed", tool.spec.name)
        return Prepared(UNSAID)


def is_on_demand(tool: Tool) -> bool:
    """Return whether the tool is declared to the tool model only if the route chose it."""
    return getattr(tool, "on_demand", False) is True


def reason_to_ask_again(tool: Tool) -> str:
    """Return why calls of the tool ask again, whatever allows them; empty if they do not."""
    said = getattr(tool, "changed", "")
    return said if isinstance(said, str) else ""


def timeout_of(tool: Tool, default_s: float) -> float:
    """Return the timeout of this tool's calls in seconds."""
    own = getattr(tool, "timeout_s", None)
    return float(own) if isinstance(own, int | float) and own > 0 else default_s


def _say(tool: Tool, name: str, arguments: Mapping[str, Any], default: str, failed: str) -> str:
    """Return the text of the tool's method of this name; `failed` also for anything but a text."""
    said = _call_optional(tool, name, arguments, default, failed)
    return said if isinstance(said, str) else failed


def _call_optional(tool: Tool, name: str, arguments: Mapping[str, Any], default: str, failed: str) -> Any:
    """Return what the tool's method of this name returns; `default` without one, `failed` if it raises."""
    own: Callable[[Mapping[str, Any]], Any] | None = getattr(tool, name, None)
    if own is None:
        return default
    try:
        return own(arguments)
    except Exception:  # border: a tool is somebody else's code, and its arguments are a model's
        log.exception("%s of the tool %s failed", name, tool.spec.name)
        return failed
