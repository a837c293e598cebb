"""`/keys`: shows the effect of every key, with the name under which it can be mapped."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.core.ports.face import Face, KeyRow

_HEAD = "| action | keys | what it does |\n| --- | --- | --- |\n"


async def run(argument: str, face: Face) -> None:
    """Show all keys, or those that match the words, on the screen or as a table."""
    words = argument.casefold().split()
    if await face.show("keys", rows=face.key_rows(), words=argument.strip()):
        return
    rows = [r for r in face.key_rows() if all(w in f"{r.id} {r.keys} {r.what}".casefold() for w in words)]
    if not rows:
        face.say(f"No key matches “{argument.strip()}”." if words else "There are no keys here.")
        return
    main = [r for r in rows if not r.where]
    screens = [r for r in rows if r.where]
    parts = [_table(main)] if main else []
    if screens:
        parts.append(f"On their own screens:\n\n{_table(screens)}")
    if any(r.mapped for r in rows):
        parts.append("\\* set in the config.")
    parts.append("Another key for one of them: `ui: {keys: {turn.stop: f8}}` in the config.")
    face.say("\n\n".join(parts))


async def complete(argument: str, face: Face) -> Sequence[str]:
    return [row.id for row in face.key_rows() if row.id.startswith(argument.casefold())]


def _table(rows: Sequence[KeyRow]) -> str:
    return _HEAD + "\n".join(_line(row) for row in rows)


def _line(row: KeyRow) -> str:
    what = row.what.replace("\\", "\\\\").replace("|", "\\|")
    keys = row.keys.replace("\\", "\\\\").replace("|", "\\|")
    mark = " \\*" if row.mapped else ""
    return f"| `{row.id}` | {keys}{mark} | {what} |"


COMMAND = Simple("keys", "every key, and the name to use for it in the config", run, usage="[words]", complete=complete)
