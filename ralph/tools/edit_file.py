"""The tool that replaces one place in a file below the working directory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, Surroundings, ToolCall, ToolFailure
from ralph.core.llm.tool_output import Prepared, ToolOutput
from ralph.tools._arguments import check_arguments
from ralph.tools._file_text import decode, keep_line_ends
from ralph.tools._file_write import Original, carry_out, plan_change
from ralph.tools._write_paths import normal_path

MAX_PART = 200_000

_SPEC = ToolSpec(
    "edit_file",
    "Replaces one place in a file below the working directory: the text `old`, which must be in the file exactly once, "
    "by `new`. Read the file first, and take `old` from it with enough lines around to be the only one.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "the path below the working directory: src/notes.md"},
            "old": {
                "type": "string",
                "description": "the text to replace, as it is in the file",
                "maxLength": MAX_PART,
            },
            "new": {"type": "string", "description": "the text in its place; empty to remove", "maxLength": MAX_PART},
        },
        "required": ["path", "old", "new"],
        "additionalProperties": False,
    },
)


def _new_bytes(given: Mapping[str, str], original: Original) -> bytes:
    """Return the bytes with the one place replaced. Raises `ToolFailure` if there is none, or more than one."""
    if original.content is None:
        raise ToolFailure(f"there is no file {original.path}; write_file makes a new one")
    text = decode(original.content)
    if text is None:
        raise ToolFailure(f"{original.path} is not text in UTF-8 or UTF-16 and cannot be edited")
    old, new = (given[name].replace("\r\n", "\n") for name in ("old", "new"))
    if not old:
        raise ToolFailure("'old' is empty; write_file writes a whole file")
    plain = text.plain
    places = _count(plain, old)
    if places != 1:
        found = "is not" if not places else f"is {plural(places, 'time')}"
        do = (
            "read the file and take it exactly as it is there" if not places else "take more lines around the one place"
        )
        raise ToolFailure(f"'old' {found} in {original.path}, and must be there once; {do}")
    try:
        return text.encode(keep_line_ends(text.text, plain.replace(old, new, 1)))
    except UnicodeEncodeError:
        raise ToolFailure("'new' has a sign that no text can hold (half of a surrogate pair)") from None


def _count(text: str, part: str) -> int:
    """Return at how many places the part begins; places may overlap."""
    count, at = 0, text.find(part)
    while at >= 0:
        count, at = count + 1, text.find(part, at + 1)
    return count


@frozen
class EditFile(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "write"

    def resource(self, arguments: Mapping[str, Any]) -> str:
        """Return the path, for rules."""
        return normal_path(arguments)

    def prepare(self, arguments: Mapping[str, Any], around: Surroundings) -> Prepared:
        """Return the diff and the change."""
        given = check_arguments(self.spec, arguments)
        return plan_change(around, given["path"], lambda original: _new_bytes(given, original))

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> ToolOutput:
        planned = call.prepared
        if not planned.changes:
            planned = await asyncio.to_thread(self.prepare, arguments, call.around)
        return await carry_out(call, planned)


TOOL = EditFile()
