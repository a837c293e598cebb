"""The sources of tools: installed files and plugins, opened together and closed together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from ralph import registry
from ralph.core import background
from ralph.core.background import cancel_and_wait
from ralph.core.llm.tool import Tool
from ralph.core.log.events import Note
from ralph.core.ports.tool_source import GrowingSource, SourceEnvironment, ToolSource

# Seconds to open a source, after which it is left out, and to close one, after which it is abandoned.
OPEN_S = 10.0
CLOSE_S = 5.0

log = logging.getLogger("ralph.tools")


class InstalledTools:
    """The files of `ralph.tools` and the entry points of that name. They only have to be imported."""

    name = "the installed tools"

    def __init__(self) -> None:
        self._tools: Sequence[Tool] | None = None

    def load(self) -> Sequence[Tool]:
        """Return the tools; a tool that cannot be loaded is logged and left out."""
        if self._tools is None:
            self._tools = tuple(registry.Offers("tools"))
        return self._tools

    async def open(self, env: SourceEnvironment) -> Sequence[Tool]:
        return await asyncio.to_thread(self.load)

    async def aclose(self) -> None:
        """Do nothing, since nothing was opened."""


class ToolSources:
    """All sources of a workspace. Installed tools are available at once, those of other sources after `open`."""

    def __init__(self, env: SourceEnvironment, growing: GrowingSource | None = None) -> None:
        """`growing` is a source whose tools may change while ralph runs."""
        self._env = env
        self._growing = growing
        self._installed = InstalledTools()
        self._begun: list[ToolSource] = []
        self._tools: dict[str, Tool] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._source_names: dict[str, str] = {}

    def tools(self) -> Mapping[str, Tool]:
        """Return the available tools by name."""
        if self._tools is None:
            self._tools = {tool.spec.name: tool for tool in self._installed.load()}
        return {**self._growing.current(), **self._tools} if self._growing else self._tools

    def news(self, timeline: str) -> tuple[Note, ...]:
        """Return the notes about sources that this timeline does not have yet."""
        return self._growing.news(timeline) if self._growing else ()

    def source_of(self, name: str) -> str:
        """Return where the tool comes from: `ralph`, `package` for an installed file of another, else its source."""
        if name in self._source_names:
            return self._source_names[name]
        if self._growing and name in self._growing.current():
            return self._growing.name
        return "ralph" if name in registry.builtin_names("tools") else "package"

    async def open(self) -> None:
        """Open every source, once. A caller that is cancelled does not cancel the opening for the others."""
        if self._opening is None:
            self._opening = background.start(self._open_all(), "opening the sources of tools")
        await asyncio.shield(self._opening)

    async def aclose(self) -> None:
        """Close the opened sources, the last one first."""
        if self._opening:
            await cancel_and_wait([self._opening])
        while self._begun:
            source = self._begun.pop()
            try:
                async with asyncio.timeout(CLOSE_S):
                    await source.aclose()
            except Exception as error:  # noqa: BLE001 - border: a source of another package may raise anything
                log.warning("%s could not be closed: %r", source.name, error)

    async def _open_all(self) -> None:
        plugins: Sequence[ToolSource] = await asyncio.to_thread(lambda: list(registry.Offers("tool_sources")))
        if self._growing:
            await self._open(self._growing)
        opened = await asyncio.gather(*(self._open(source) for source in (self._installed, *plugins)))
        found: dict[str, Tool] = {tool.spec.name: tool for tool in self._installed.load()}
        for source, tools in zip((self._installed, *plugins), opened, strict=True):
            for name, tool in tools.items():
                if name not in found and source is not self._installed:
                    self._source_names[name] = source.name
                if found.setdefault(name, tool) is not tool:
                    log.warning("a second tool %s is left out", name)
        self._tools = found

    async def _open(self, source: ToolSource) -> Mapping[str, Tool]:
        """Return the tools of this source by name; none, and a line in the log, if it cannot be opened."""
        self._begun.append(source)
        try:
            async with asyncio.timeout(OPEN_S):
                return {tool.spec.name: tool for tool in await source.open(self._env)}
        except TimeoutError:
            log.warning("%s is left out: it was not open within %g s", source.name, OPEN_S)
        except Exception as error:  # noqa: BLE001 - border: a source of another package may raise anything
            log.warning("%s is left out: %r", source.name, error)
        return {}
