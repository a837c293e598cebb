"""The settings as frozen data: one class per section, each field with its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from ralph.config.rule_settings import RuleSetting
from ralph.core.data import Data, frozen
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.routing import RouteCalls, RouteChoice, Routing


@frozen
class RoutingSettings(Data):
    """Role to model ref; `auto` chooses. `route` may also be `rules`. `fallback` is tried in order: one list for every
    role, or one list per role name.
    """

    route: str = "auto"
    tool: str = "auto"
    format: str = "auto"
    summarise: str = "auto"
    fallback: tuple[str, ...] | Mapping[str, tuple[str, ...]] = ()
    refusal_falls_back: bool = False

    @property
    def roles(self) -> Routing:
        """Return route, tool and format, parsed."""
        return Routing(RouteChoice.parse(self.route), self.tool, self.format)

    def chain(self, role: str) -> tuple[str, ...]:
        """Return the fallbacks of a role."""
        return self.fallback.get(role, ()) if isinstance(self.fallback, Mapping) else self.fallback


@frozen
class PipelineSettings(Data):
    """How a turn goes through its steps."""

    speculate: Literal["off", "auto", "on"] = "auto"
    """Start format together with route; `auto` weighs the cost of a wasted request."""
    max_tool_rounds: int = 8
    """Bounds the tool step, 0 to 8."""
    route_calls: RouteCalls = "auto"
    """Whether an `auto` route asks a model if the rules do not understand the whole question. `auto`: not a small model
    on this machine."""


@frozen
class ProviderEntry(Data):
    """One entry of `providers:`, as written. `options` are the keys that only its kind knows.

    `api_key_ttl_s`: the seconds after which the key command runs again; None: never. `free`: its tokens cost nothing;
    None leaves it to its kind. `settings` go with every request: sampling and the like, by the vendor's names.
    """

    kind: str = ""
    api_key: str = field(default="", repr=False)
    api_key_command: tuple[str, ...] = ()
    api_key_ttl_s: float | None = None
    base_url: str = ""
    free: bool | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@frozen
class LimitSettings(Data):
    """The limits of one provider; None is no limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@frozen
class RetrySettings(Data):
    max_attempts: int = 3
    base_s: float = 0.5
    max_s: float = 20.0
    deadline_s: float = 120.0
    after_output: Literal["keep", "ask", "continue", "restart"] = "keep"


@frozen
class TimeoutSettings(Data):
    """Three timeouts: to connect, to the first token (a model may be loading), and between any two reads."""

    connect_s: float = 5.0
    first_token_s: float = 300.0
    idle_s: float = 90.0


@frozen
class BudgetSettings(Data):
    """Budgets in USD; None is no cap. A day is the local calendar day at the attempt's start."""

    turn: float | None = None
    timeline: float | None = None
    day: float | None = None
    month: float | None = None
    alert_at: float = 0.8


@frozen
class ContextSettings(Data):
    reserve_tokens: int = 2000
    max_turns: int = 50


@frozen
class CacheSettings(Data):
    enabled: bool = False
    ttl_s: float = 86400.0
    max_mb: int = 64


@frozen
class ToolSettings(Data):
    """The rules that overrule each tool's effect, and what holds every call."""

    allow: tuple[str | RuleSetting, ...] = ()
    """Rules of calls that run without a question."""
    ask: tuple[str | RuleSetting, ...] = ()
    """Rules of calls that ask a person; they beat `allow`."""
    deny: tuple[str | RuleSetting, ...] = ()
    """Rules of calls that never run; they beat everything."""
    timeout_s: float = 60.0
    """The seconds after which a call is stopped; a tool may set a time of its own."""
    sandbox: Literal["auto", "require", "off"] = "auto"
    """What holds programs. `auto`: the strongest sandbox of this machine, and a question each time where there is none.
    `require`: no program runs without one. `off`: programs run without one, by the rules alone."""
    tainted: Literal["ask", "allow"] = "ask"
    """What happens to calls that write, run or send while outside content is in the context. `ask`: a person is asked
    whatever allows them, and without a person they are denied. `allow`: the rules alone decide."""


@frozen
class McpServerSettings(Data):
    """One server of `mcp.servers`: a program (`command`) or an address (`url`)."""

    command: tuple[str, ...] = ()
    """The program and its arguments; it speaks MCP over its standard input and output."""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables of the program, beside the few that every server gets (HOME, PATH, LANG and the like)."""
    cwd: str = "."
    """The working directory of the program, from ralph's own."""
    url: str = ""
    """The address of a server that speaks MCP over streamable HTTP."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Headers of every request, such as Authorization. A key belongs into a variable: `${NAME}`."""
    tools: tuple[str, ...] = ("*",)
    """Patterns of the server's own tool names; a tool that matches none is left out."""
    trust: bool = False
    """Whether the server's hints and texts count: a tool that only reads runs without a question, and its output is
    not outside content."""
    enabled: bool = True
    """Whether ralph uses the server at all."""


@frozen
class McpSettings(Data):
    """Servers of the Model Context Protocol, whose tools a model may call."""

    servers: Mapping[str, McpServerSettings] = field(default_factory=dict)
    """The servers by name; the name stands before the names of their tools."""
    startup_s: float = 10.0
    """The seconds that a server may take to start and list its tools."""
    call_s: float = 60.0
    """The seconds after which a call is stopped; a report of progress begins them again."""


@frozen
class Written(Data):
    """A value that only the face can check, with its line in the file."""

    text: str
    line: int


@frozen
class UiSettings(Data):
    """`theme`: a theme's name, or `auto`, which asks the terminal whether it is dark. `keys`: action to key or keys.

    `terminal_title`: show the open timeline in the title of the window. `notify`: signal the end of a turn that took
    `notify_after_s` seconds or more; `focus`: only while the terminal has lost the focus. `vim`: the keys of vim in the
    prompt.
    """

    theme: str = "sacred"
    terminal_title: bool = True
    notify: Literal["off", "focus", "always"] = "focus"
    notify_after_s: float = 10.0
    vim: bool = False
    keys: Mapping[str, Written] = field(default_factory=dict)


@frozen
class Config(Data):
    """All settings. `debug` and `system` come from the environment and the flags only."""

    routing: RoutingSettings = RoutingSettings()
    pipeline: PipelineSettings = PipelineSettings()
    providers: Mapping[str, ProviderEntry] = field(default_factory=dict)
    limits: Mapping[str, LimitSettings] = field(default_factory=dict)
    retry: RetrySettings = RetrySettings()
    timeout: TimeoutSettings = TimeoutSettings()
    budget: BudgetSettings = BudgetSettings()
    context: ContextSettings = ContextSettings()
    cache: CacheSettings = CacheSettings()
    tools: ToolSettings = ToolSettings()
    mcp: McpSettings = McpSettings()
    aliases: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    ui: UiSettings = UiSettings()
    prices: Mapping[str, PriceRow] = field(default_factory=dict)
    debug: bool = False
