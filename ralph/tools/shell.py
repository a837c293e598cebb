"""The tool that runs a line of the shell: pipes, redirections, several commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, Resource, Surroundings, ToolCall
from ralph.core.llm.tool_output import Prepared, ToolOutput
from ralph.tools._arguments import check_arguments
from ralph.tools._program_arguments import CALL_S, CWD, TIMEOUT

_SPEC = ToolSpec(
    "shell",
    "Runs a shell line in the working directory, for pipes and several commands; use run for a single program. "
    "`command` is for `sh -c`. It can write only below the working directory, and has no network, no keys and no "
    "terminal.",
    {
        "type": "object",
        "properties": {
            "command": {"type": "string", "maxLength": 50_000},
            "cwd": CWD,
            "timeout_s": TIMEOUT,
        },
        "required": ["command"],
        "additionalProperties": False,
    },
)


class Shell:
    """Runs `sh -c` in the sandbox."""

    spec = _SPEC
    effect: Effect = "run"
    timeout_s = CALL_S

    def resource(self, arguments: Mapping[str, Any]) -> Resource:
        command: str = check_arguments(_SPEC, arguments)["command"]
        return command

    def prepare(self, arguments: Mapping[str, Any], around: Surroundings) -> Prepared:
        from ralph.tools import _programs  # the sandbox is loaded with the first program

        given = check_arguments(_SPEC, arguments)
        return _programs.show(_programs.plan(("sh", "-c", given["command"]), given, around), around)

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> ToolOutput:
        from ralph.tools import _programs  # the sandbox is loaded with the first program

        given = check_arguments(_SPEC, arguments)
        return await _programs.run(_programs.plan(("sh", "-c", given["command"]), given, call.around), call)


TOOL = Shell()
