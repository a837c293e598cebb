"""The tool that runs Python code, by the person's own interpreter where there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, Resource, Surroundings, ToolCall
from ralph.core.llm.tool_output import Prepared, ToolOutput
from ralph.tools._arguments import check_arguments
from ralph.tools._program_arguments import CALL_S, TIMEOUT

_SPEC = ToolSpec(
    "python",
    "Runs Python code in the working directory: data, files, a computation that needs more than one step. `code` is a "
    "script; print what is to be seen. It can write only below the working directory, and has no network, no keys and "
    "no terminal.",
    {
        "type": "object",
        "properties": {
            "code": {"type": "string", "maxLength": 90_000},
            "timeout_s": TIMEOUT,
        },
        "required": ["code"],
        "additionalProperties": False,
    },
)


class PythonCode:
    """Runs `python3 -c` in the sandbox."""

    spec = _SPEC
    effect: Effect = "run"
    timeout_s = CALL_S

    def resource(self, arguments: Mapping[str, Any]) -> Resource:
        return _make_argv(check_arguments(_SPEC, arguments))

    def prepare(self, arguments: Mapping[str, Any], around: Surroundings) -> Prepared:
        from ralph.tools import _programs  # the sandbox is loaded with the first program

        given = check_arguments(_SPEC, arguments)
        return _programs.show(_programs.plan(_make_argv(given), given, around), around)

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> ToolOutput:
        from ralph.tools import _programs  # the sandbox is loaded with the first program

        given = check_arguments(_SPEC, arguments)
        return await _programs.run(_programs.plan(_make_argv(given), given, call.around), call)


def _make_argv(given: Mapping[str, Any]) -> tuple[str, ...]:
    from ralph.tools import _programs  # as above

    return (_programs.find_interpreter() or os.path.realpath(sys.executable), "-c", given["code"])


TOOL = PythonCode()
