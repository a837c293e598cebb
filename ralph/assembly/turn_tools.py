"""The tools of a workspace: their sources, their sandbox, the grants of the person, and the policy of a turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ralph.assembly.grant_book import GrantBook
from ralph.assembly.program_sandbox import ProgramSandbox
from ralph.assembly.run_settings import Flags, RunSettings
from ralph.assembly.server_tools import ServerTools
from ralph.assembly.tool_sources import ToolSources
from ralph.assembly.toolbox import Toolbox
from ralph.config import paths
from ralph.core.clock import Clock
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Surroundings, TimelineSearch
from ralph.core.log.events import Note
from ralph.core.ports.face import Asker
from ralph.core.ports.mcp import McpMemory
from ralph.core.ports.tool_source import SourceEnvironment
from ralph.core.ports.user_input import UserInput
from ralph.pipeline.plan import ToolPolicy


class TurnTools:
    """What turns need to call tools. Nothing is opened before the first turn."""

    def __init__(
        self,
        run: RunSettings,
        flags: Flags,
        search: TimelineSearch,
        clock: Clock,
        environ: Mapping[str, str],
        root: Path,
        memory: McpMemory,
        asker: Callable[[], Asker | None],
    ) -> None:
        self._config = run.config
        self._search = search
        self._clock = clock
        self._root = root
        self._environ = environ
        self._own_files = paths.list_own(environ, run.file)
        environment = SourceEnvironment(root, clock, environ)
        self.servers = ServerTools(run.config.mcp, environment, memory, asker, save=flags.save)
        self.sources = ToolSources(environment, self.servers.source)
        self.sandbox = ProgramSandbox(run.config.tools.sandbox, root)
        self.grants = GrantBook(paths.grants_file(run.file), clock, save=flags.save)
        self.box = Toolbox(
            run.configured.tools, self.sources, run=flags.tools, chosen=run.chosen.rules, root=root,
            book=self.grants, clock=clock, find_rung=self.sandbox.find_rung,
        )  # fmt: skip

    async def specs(self) -> Sequence[ToolSpec]:
        """Return the tools as a request declares them, always in the same order."""
        await self.sources.open()
        offered = self.box.list_offered()
        return [offered[name].spec for name in sorted(offered)]

    async def get_ready(
        self, asked: UserInput, again: bool, may_need: Callable[[str], bool]
    ) -> tuple[UserInput, tuple[Note, ...]]:
        """Open the sources before a turn, and add the resources of servers that a new message names. `may_need` says
        whether a question may need a tool of a server."""
        await self.sources.open()
        await self.servers.get_ready(asked.text, may_need)
        return (asked, ()) if again else await self.servers.gather(asked)

    def policy(self, timeline: str, asker: Asker | None) -> ToolPolicy:
        """Return the tools of a turn in this timeline, and who allows their calls."""
        tools = self._config.tools
        decide, grants = self.box.for_turn(timeline)
        return ToolPolicy(
            offered=self.box.list_offered(),
            decide=decide,
            grant=grants.keep,
            around=Surroundings(
                self._root,
                self._clock,
                self._search,
                timeline,
                tools.timeout_s,
                tools.sandbox,
                self._own_files,
                http_options=self._http_options,
            ),
            asker=asker,
            news=partial(self.box.news, timeline),
            max_rounds=self._config.pipeline.max_tool_rounds,
        )

    def _http_options(self, url: str) -> Mapping[str, Any]:
        from ralph.providers._web_options import web_options  # late: only a fetch needs it

        return web_options(self._environ, url)
