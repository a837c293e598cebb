"""`/tools`: shows what a model may do and why, and sets rules, which are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.commands._kept import RESET, describe_keeping, describe_reset
from ralph.core.errors import Failure, Kind, did_you_mean
from ralph.core.ports.face import Face
from ralph.core.ports.rows import Rule, ToolRow

RULES: tuple[Rule, ...] = get_args(Rule)
_VERDICTS: Mapping[str, str] = {"allowed": "✓ runs", "ask": "? asks", "denied": "✗ denied"}


async def run(argument: str, face: Face) -> None:
    """Show all tools, or the named one; with a rule and a name or pattern, set that rule."""
    word, _, rest = argument.strip().partition(" ")
    rows = await face.workspace.tools.rows()
    if not word:
        face.result(rows)
        face.say(_table(rows))
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
    names = [row.name for row in await face.workspace.tools.rows()]
    if not blank:
        return [w for w in (*RULES, RESET, *names) if w.startswith(word)]
    return [f"{word} {name}" for name in names if name.startswith(start.strip())] if word in RULES else ()


async def _change(face: Face, rule: Rule, pattern: str) -> None:
    if not pattern:
        raise Failure(Kind.USAGE, f"write  /tools {rule} NAME,  or a pattern such as search_* or files(*.md)")
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


def _table(rows: Sequence[ToolRow]) -> str:
    lines = "\n".join(f"| {verbatim(r.name)} | {r.effect} | {_VERDICTS[r.verdict]} | {verbatim(r.by)} |" for r in rows)
    return f"| tool | effect | a call | decided by |\n| --- | --- | --- | --- |\n{lines}"


COMMAND = Simple(
    "tools", "which tools a model may call, and which rule decides", run, ("permissions",),
    f"[{'|'.join((*RULES, RESET))}] [name or pattern]", complete,
)  # fmt: skip
