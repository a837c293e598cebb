"""The servers of tools of a workspace. Without configured ones nothing of their room is loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ralph.config import paths
from ralph.config.settings import McpSettings
from ralph.core.errors import Failure
from ralph.core.log.events import Note
from ralph.core.ports.face import Asker
from ralph.core.ports.mcp import McpMemory
from ralph.core.ports.tool_source import SourceEnvironment
from ralph.core.ports.user_input import UserInput

if TYPE_CHECKING:
    from ralph.tools.mcp.servers import McpServers


class ServerTools:
    """Decides when servers are started: with a screen ahead of the first turn, without one only for a turn that may
    need them."""

    def __init__(
        self,
        settings: McpSettings,
        environment: SourceEnvironment,
        memory: McpMemory,
        asker: Callable[[], Asker | None],
        *,
        save: bool,
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._memory = memory
        self._asker = asker
        self._save = save

    @cached_property
    def service(self) -> McpServers:
        from ralph.tools.mcp.servers import McpServers
        from ralph.tools.mcp.token_file import TokenFile

        environ = self._environment.environ
        logs, tokens = paths.log_file(environ).with_name("mcp"), TokenFile(paths.tokens_file(environ))
        return McpServers(self._settings, logs, tokens, self._memory, self._asker, self._environment, save=self._save)

    @property
    def source(self) -> McpServers | None:
        """Return the servers as a source of tools; None if none is configured."""
        return self.service if self._settings.servers else None

    def start(self) -> None:
        """Start every server whose list is not fresh, and wait for none."""
        if self._settings.servers:
            self.service.start_all()

    async def gather(self, asked: UserInput) -> tuple[UserInput, tuple[Note, ...]]:
        """Add the resources that a message names as `@server:uri` to its context; a note names what cannot be read."""
        if not self._settings.servers or "@" not in asked.text:
            return asked, ()
        from ralph.tools.mcp.named_resources import describe_text, find_resources

        texts, notes = [asked.context] if asked.context else [], []
        for server, uri in find_resources(asked.written, self._settings.servers):
            try:
                found = await self.service.read_resource(server, uri)
                texts.append(describe_text(server, uri, found))
            except Failure as failure:
                text = f"@{server}:{uri} is sent as plain text: {failure.message}"
                notes.append(Note("mcp_resource", text, data={"server": server, "loud": True}))
        return replace(asked, context="\n\n".join(texts)), tuple(notes)

    async def get_ready(self, question: str, may_need: Callable[[str], bool]) -> None:
        """With a person at the face, wait for nothing. A single turn waits for servers that were never tried, if the
        question may need them."""
        if not self._settings.servers:
            return
        if self._asker() is not None:
            self.service.start_all()
        elif bool(self.service.list_unknown()) and await asyncio.to_thread(may_need, question):
            await self.service.wait_for_unknown()
