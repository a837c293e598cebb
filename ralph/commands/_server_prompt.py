"""`/server:prompt`: sends a prompt of a server of tools, with its arguments."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

from ralph.commands._base import Simple
from ralph.core.errors import Failure, Kind, NotFound, did_you_mean
from ralph.core.ports.face import Command, Face
from ralph.core.ports.mcp import McpPromptRow
from ralph.core.ports.user_input import UserInput
from ralph.tools.mcp.named_resources import describe_text


def make_command(name: str) -> Command | None:
    """Return the command of `server:prompt`; None for another name. Which servers there are is known when it runs."""
    server, colon, prompt = name.partition(":")
    if not (server and colon and prompt):
        return None
    summary = f"send the prompt {prompt} of the server {server}"
    return cast(Command, Simple(name, summary, partial(_run, name), usage="[name=value …]", sends=True))


async def _run(name: str, argument: str, face: Face) -> None:
    """Read the prompt, and send it as the context of a message that says which one it is."""
    await face.workspace.tools.rows()  # reads the lists that are remembered
    row = await _find(name, face)
    given = read_arguments(argument, row)
    text = await face.workspace.mcp.get_prompt(row.server, row.name, given)
    message = f"/{row.server}:{row.name} {argument}".strip()
    added = await face.context(message)
    context = "\n\n".join(part for part in (added, describe_text(row.server, row.name, text)) if part)
    face.follow(face.conversation.submit(UserInput(message, context)))


async def _find(name: str, face: Face) -> McpPromptRow:
    """Return the prompt; a server whose list is not known yet is started."""
    service = face.workspace.mcp
    server = next((row.name for row in service.rows() if row.name.casefold() == name.partition(":")[0].casefold()), "")
    if not server:
        known = [f"{row.server}:{row.name}" for row in service.prompts()]
        raise NotFound(f"there is no command /{name}, and no server of this name{did_you_mean(name, known)}")
    prompts = [row for row in service.prompts() if row.server == server]
    if not prompts:
        await service.connect(server)
        prompts = [row for row in service.prompts() if row.server == server]
    wanted = name.partition(":")[2].casefold()
    found = next((row for row in prompts if row.name.casefold() == wanted), None)
    if found is None:
        names = [row.name for row in prompts]
        hint = did_you_mean(wanted, names) or (f"; there is {', '.join(names)}" if names else "; it has none")
        raise NotFound(f"the server {server} has no prompt '{wanted}'{hint}")
    return found


def read_arguments(text: str, row: McpPromptRow) -> Mapping[str, str]:
    """Return the arguments: `name=value`, or values in the prompt's own order. Raises `Failure(USAGE)`."""
    names = [name for name, _ in row.arguments]
    try:
        words: Sequence[str] = shlex.split(text)
    except ValueError:
        words = text.split()
    if len(names) == 1 and not text.startswith(f"{names[0]}="):
        words = [text.strip()] if text.strip() else []
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in names:
            given[name] = value
            continue
        free = next((one for one in names if one not in given), None)
        if free is None:
            raise Failure(
                Kind.USAGE, f"'{word}' is one argument too many; the prompt takes {', '.join(names) or 'none'}"
            )
        given[free] = word
    if missing := [name for name, must in row.arguments if must and name not in given]:
        usage = " ".join(f"{name}=…" for name, _ in row.arguments)
        raise Failure(Kind.USAGE, f"the prompt needs {', '.join(missing)}; write  /{row.server}:{row.name} {usage}")
    return given
