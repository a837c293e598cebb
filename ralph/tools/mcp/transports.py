"""The way to a server: a program with pipes, or an address. Imports the SDK; import it in a thread."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import anyio
import httpx2
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from ralph.config.settings import McpServerSettings
from ralph.core.errors import Failure, Kind

# What a server gets of ralph's environment, beside what its configuration sets. Keys are not among it.
_INHERITED = (
    *("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "APPDATA", "USERPROFILE", "USERNAME", "TEMP", "PATHEXT", "HOMEDRIVE", "HOMEPATH"),
)
_CONNECT_S = 30.0
# It runs as a process of its own, and is not imported.
_KEEPER = Path(__file__).with_name("keep_with_parent.py")

log = logging.getLogger("ralph.mcp")
# The SDK logs a traceback for each line that is not a message.
logging.getLogger("mcp.client.stdio").setLevel(logging.CRITICAL)


@contextlib.asynccontextmanager
async def run_program(
    settings: McpServerSettings, root: Path, environ: Mapping[str, str], stderr: TextIO, ended: Callable[[], None]
) -> AsyncIterator[Any]:
    """Yield the streams of a program. `ended` is called when it closes its output. Raises `Failure`."""
    program, *arguments = settings.command
    environment = {n: environ[n] for n in _INHERITED if n in environ and not environ[n].startswith("()")}
    environment |= settings.env
    cwd = root / settings.cwd
    if not cwd.is_dir():
        raise Failure(Kind.CONFIG, f"its working directory {cwd} does not exist")
    command = [_find(program, environment.get("PATH"), cwd), *arguments]
    if sys.platform != "win32":
        keeper = (sys.executable, "-S", "-E", "-I", str(_KEEPER), str(os.getpid()))
        command = [*keeper, *command]
    parameters = StdioServerParameters(
        command=command[0], args=command[1:], env=environment, cwd=cwd, encoding_error_handler="replace"
    )
    async with stdio_client(parameters, errlog=stderr) as (read, write):
        sender, receiver = anyio.create_memory_object_stream[Any](0)

        async def forward() -> None:
            async with sender:
                with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
                    async for item in read:
                        if isinstance(item, Exception):
                            log.warning("%s wrote to its output what is not a message of the protocol", program)
                        await sender.send(item)
            ended()

        async with anyio.create_task_group() as group:
            group.start_soon(forward)
            try:
                yield receiver, write
            finally:
                group.cancel_scope.cancel()
                receiver.close()


@contextlib.asynccontextmanager
async def reach_address(
    settings: McpServerSettings, read_s: float, refuse: Callable[[int], None], auth: httpx2.Auth | None = None
) -> AsyncIterator[Any]:
    """Yield the streams of a server at an address. `refuse` gets each status of 400 and more."""

    async def look_at(response: httpx2.Response) -> None:
        if response.status_code >= httpx2.codes.BAD_REQUEST:
            refuse(response.status_code)

    timeout, hooks = httpx2.Timeout(_CONNECT_S, read=read_s), {"response": [look_at]}
    async with (
        httpx2.AsyncClient(headers=dict(settings.headers), timeout=timeout, auth=auth, event_hooks=hooks) as client,
        streamable_http_client(settings.url, http_client=client) as streams,
    ):
        yield streams


def _find(program: str, path: str | None, cwd: Path) -> str:
    """Return the program's path: as written, on the PATH, or beside this Python. Raises `Failure`."""
    if os.path.dirname(program):
        there = cwd / program
        if there.exists():
            return str(there)
    elif found := shutil.which(program, path=path) or shutil.which(program, path=os.path.dirname(sys.executable)):
        return found
    raise Failure(Kind.CONFIG, f"there is no program '{program}'; install it, or write its path")
