"""`/tools`: shows what a model may do and why, and sets rules, which are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import get_args

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.commands._kept import RESET, describe_keeping, describe_reset
from ralph.core.errors import Failure, Kind, did_you_mean
from ralph.core.ports.face import Face
from ralph.core.ports.rows import Rule, ToolRow
from ralph.workflows.tool_list import describe_grant

RULES: tuple[Rule, ...] = get_args(Rule)
REVOKE, DRY = "revoke", "dry"
_DRY_ON = "Dry run on: only tools that change nothing or read run; every other call is denied, and its preview is kept."
_VERDICTS: Mapping[str, str] = {"allowed": "✓ runs", "ask": "? asks", "denied": "✗ denied"}


async def run(argument: str, face: Face) -> None:
    """Show all tools, or the named one; set a rule, revoke a grant, or switch the dry run."""
    word, _, rest = argument.strip().partition(" ")
    if word.casefold() == REVOKE:
        await _revoke(face, rest.strip())
        return
    if word.casefold() == DRY:
        _set_dry(face, rest.strip().casefold())
        return
    rows = await face.workspace.tools.rows()
    if not word:
        face.result(rows)
        face.say(f"{_table(rows)}\n\n{await _describe_rest(face)}")
        return
    if word.casefold() == RESET:
        await _reset(face, rest.strip())
        return
    for rule in RULES:
        if word.casefold() == rule:
            await _change(face, rule, rest.strip())
            return
    row = next((r for r in rows if r.name == word), None)
    if row is None or rest:
        hint = did_you_mean(word, (*RULES, *(r.name for r in rows)))
        raise Failure(Kind.USAGE, f"there is no tool '{word}', and no such rule; write  /tools allow NAME{hint}")
    face.result([row])
    face.say(f"{_table([row])}\n\n{verbatim(row.summary)}")


async def complete(argument: str, face: Face) -> Sequence[str]:
    """Complete a rule or a name first, then names."""
    word, blank, start = argument.lstrip().partition(" ")
    if blank and word in (REVOKE, DRY):
        wanted = ("on", "off") if word == DRY else dict.fromkeys(g.rule for g in face.workspace.tools.grants())
        return [f"{word} {one}" for one in wanted if one.startswith(start.strip())]
    names = [row.name for row in await face.workspace.tools.rows()]
    if not blank:
        return [w for w in (*RULES, RESET, REVOKE, DRY, *names) if w.startswith(word)]
    return [f"{word} {name}" for name in names if name.startswith(start.strip())] if word in RULES else ()


async def _change(face: Face, rule: Rule, pattern: str) -> None:
    if not pattern:
        raise Failure(Kind.USAGE, f"write  /tools {rule} NAME,  or a rule such as write_file(src/**) or run(git log)")
    before = {row.name: row for row in await face.workspace.tools.rows()}
    face.workspace.tools.rule(pattern, rule)
    changed = [row for row in await face.workspace.tools.rows() if before.get(row.name) != row]
    why = await face.workspace.choices.keep({f"tools.{pattern}": rule})
    kept = describe_keeping(why, f"/tools {RESET} {pattern}")
    face.result(changed)
    if changed:
        face.say(f"{_table(changed)}\n\n{kept}")
    elif "(" in pattern:
        face.say(f"Calls that match `{pattern}`: {rule}. {kept}")
    else:
        face.say(f"Nothing changes: a stronger rule decides, or this rule was set before. {kept}")


async def _reset(face: Face, pattern: str) -> None:
    """Restore the configured rules, for this pattern or for all."""
    dropped = face.workspace.tools.reset(pattern)
    why = await face.workspace.choices.forget(*(f"tools.{one}" for one in dropped))
    rows = await face.workspace.tools.rows()
    face.result(rows)
    face.say(f"{_table(rows)}\n\n{describe_reset(why)}")


async def _revoke(face: Face, rule: str) -> None:
    """Remove the grants of this rule."""
    tools = face.workspace.tools
    if not rule:
        there = "; ".join(f"`{grant.rule}`" for grant in tools.grants())
        raise Failure(Kind.USAGE, f"write  /tools {REVOKE} RULE" + (f"; there are {there}" if there else ""))
    gone = await asyncio.to_thread(tools.revoke, rule)
    face.result(gone)
    face.say("\n".join(f"Revoked: {verbatim(describe_grant(grant))}" for grant in gone))


def _set_dry(face: Face, word: str) -> None:
    """Switch the dry run on or off; without a word, the other way."""
    tools = face.workspace.tools
    if word not in ("", "on", "off"):
        raise Failure(Kind.USAGE, f"write  /tools {DRY} on  or  /tools {DRY} off")
    tools.dry = not tools.dry if not word else word == "on"
    face.result({"dry": tools.dry})
    face.say(_DRY_ON if tools.dry else "Dry run off: calls run by the rules again.")


async def _describe_rest(face: Face) -> str:
    """Return the grants, the sandbox, and whether a dry run is on."""
    tools = face.workspace.tools
    sandbox = await asyncio.to_thread(lambda: tools.sandbox)
    lines = [f"Granted: {verbatim(describe_grant(grant))}" for grant in tools.grants()]
    lines += [f"Sandbox of programs: {sandbox}"] + ([_DRY_ON] if tools.dry else [])
    return "\n\n".join(lines)


def _table(rows: Sequence[ToolRow]) -> str:
    lines = "\n".join(f"| {verbatim(r.name)} | {r.effect} | {_VERDICTS[r.verdict]} | {verbatim(r.by)} |" for r in rows)
    return f"| tool | effect | a call | decided by |\n| --- | --- | --- | --- |\n{lines}"


COMMAND = Simple(
    "tools", "which tools a model may call, and which rule decides", run, ("permissions",),
    f"[{'|'.join((*RULES, RESET, REVOKE, DRY))}] [name, rule, or on|off]", complete,
)  # fmt: skip
