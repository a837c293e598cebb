"""Tools, rules and grants on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, TextIO

from ralph.core.log.codec import dump_visible, plain
from ralph.core.ports.grants import GrantRow
from ralph.core.ports.rows import ToolRow
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line
from ralph.workflows.tool_list import describe_grant

_VERDICTS: Mapping[str, str] = {"allowed": "✓ runs", "ask": "? asks", "denied": "✗ denied"}


async def list_tools(workspace: Workspace, out: TextIO, *, as_json: bool = False) -> int:
    """Print every tool with what becomes of a call and why, then the grants and the sandbox."""
    tools = workspace.tools
    rows, grants, sandbox = await tools.rows(), tools.grants(), await asyncio.to_thread(lambda: tools.sandbox)
    if as_json:
        found = {"tools": [_tool(r) for r in rows], "grants": [plain(g) for g in grants], "sandbox": sandbox}
        print(dump_visible(found), file=out)
        return 0
    for row in rows:
        print(line(f"{_VERDICTS[row.verdict]:9} {row.name:24} {row.effect:8} {row.by}"), file=out)
    print(file=out)
    print(line(f"sandbox of programs: {sandbox}"), file=out)
    for grant in grants:
        print(line(f"granted: {describe_grant(grant)}"), file=out)
    return 0


async def revoke(workspace: Workspace, rule: str, out: TextIO, *, as_json: bool = False) -> int:
    """Revoke every grant of this rule. Raises `NotFound`."""
    gone: tuple[GrantRow, ...] = workspace.tools.revoke(rule)
    if as_json:
        return await list_tools(workspace, out, as_json=True)
    for grant in gone:
        print(line(f"revoked: {describe_grant(grant)}"), file=out)
    return 0


def _tool(row: ToolRow) -> dict[str, Any]:
    return {
        "name": row.name, "source": row.source, "effect": row.effect, "verdict": row.verdict, "by": row.by,
        "rule": row.rule or None, "scope": row.scope,
    }  # fmt: skip
