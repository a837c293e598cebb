"""The tool that writes a whole file below the working directory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, Surroundings, ToolCall, ToolFailure
from ralph.core.llm.tool_output import Prepared, ToolOutput
from ralph.tools._arguments import check_arguments
from ralph.tools._file_text import FileText, decode, keep_final_newline, keep_line_ends
from ralph.tools._file_write import Original, carry_out, plan_change
from ralph.tools._write_paths import normal_path

MAX_CONTENT = 1_000_000

_SPEC = ToolSpec(
    "write_file",
    "Writes a whole file below the working directory: a new one, or a new content for one. Missing folders are made. "
    "To change a part of a file use edit_file. Hidden files and keys cannot be written.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "the path below the working directory: src/notes.md"},
            "content": {"type": "string", "description": "the whole content", "maxLength": MAX_CONTENT},
        },
        "required": ["path", "content"],
        "additionalProperties": False,
    },
)


def _new_bytes(content: str, original: Original) -> bytes:
    """Return the bytes of the new content, with the encoding, line ends and final newline of the old."""
    old = None if original.content is None else decode(original.content)
    written = content.replace("\r\n", "\n")
    try:
        if old is None:
            return FileText("").encode(content)
        kept = old.encode(keep_line_ends(old.text, keep_final_newline(old.plain, written)))
        # A content that differs in nothing but the newline at its end is meant so.
        return kept if kept != original.content else old.encode(keep_line_ends(old.text, written))
    except UnicodeEncodeError:
        raise ToolFailure("the content has a sign that no text can hold (half of a surrogate pair)") from None


@frozen
class WriteFile(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "write"

    def resource(self, arguments: Mapping[str, Any]) -> str:
        """Return the path, for rules."""
        return normal_path(arguments)

    def prepare(self, arguments: Mapping[str, Any], around: Surroundings) -> Prepared:
        """Return the diff and the change."""
        given = check_arguments(self.spec, arguments)
        return plan_change(around, given["path"], lambda original: _new_bytes(given["content"], original))

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> ToolOutput:
        planned = call.prepared
        if not planned.changes:
            planned = await asyncio.to_thread(self.prepare, arguments, call.around)
        return await carry_out(call, planned)


TOOL = WriteFile()
