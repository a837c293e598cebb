"""The tool that runs one program with its arguments, without a shell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, Resource, Surroundings, ToolCall
from ralph.core.llm.tool_output import Prepared, ToolOutput
from ralph.tools._arguments import check_arguments
from ralph.tools._program_arguments import CALL_S, CWD, TIMEOUT

_SPEC = ToolSpec(
    "run",
    "Runs a program in the working directory: the tests, a build, a formatter, git. `argv` is its name and arguments "
    'as a list, without a shell: ["pytest", "-q"]. It can write only below the working directory, and has no network, '
    "no keys and no terminal.",
    {
        "type": "object",
        "properties": {
            "argv": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "cwd": CWD,
            "timeout_s": TIMEOUT,
            "stdin": {"type": "string", "maxLength": 1_000_000, "description": "its input; none if left out"},
        },
        "required": ["argv"],
        "additionalProperties": False,
    },
)


class RunProgram:
    """Runs an argv in the sandbox."""

    spec = _SPEC
    effect: Effect = "run"
    timeout_s = CALL_S

    def resource(self, arguments: Mapping[str, Any]) -> Resource:
        return tuple(check_arguments(_SPEC, arguments)["argv"])

    def prepare(self, arguments: Mapping[str, Any], around: Surroundings) -> Prepared:
        from ralph.tools import _programs  # the sandbox is loaded with the first program

        given = check_arguments(_SPEC, arguments)
        return _programs.show(_programs.plan(tuple(given["argv"]), given, around), around)

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> ToolOutput:
        from ralph.tools import _programs  # the sandbox is loaded with the first program

        given = check_arguments(_SPEC, arguments)
        return await _programs.run(_programs.plan(tuple(given["argv"]), given, call.around), call)


TOOL = RunProgram()
