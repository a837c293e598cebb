"""The answers of a person that cover later calls, kept in `grants.yaml` beside the configuration.

The file is a list of `{rule, scope, since, timeline}`. `scope` is `always`, or `timeline` with the timeline's id. One
grant is changed at a time, so that two windows keep each other's. A file that cannot be read grants nothing and is not
overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ralph.config.private import one_writer, write_whole
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.ports.grants import GrantRow

MAX_BYTES = 1024 * 1024
_HEAD = (
    "# Answers to tool calls that cover later ones. `ralph tools` lists them, `ralph tools revoke RULE` removes one.\n"
)


@frozen
class KeptGrants(Data):
    """The grants of the file; `notice` says why it cannot be used, or is empty."""

    rows: tuple[GrantRow, ...] = ()
    notice: str = ""


def read_grants(path: Path) -> KeptGrants:
    """Return the grants; none without a file, and none from a file with a mistake. Never raises."""
    import yaml

    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return KeptGrants()
    except OSError as error:
        return KeptGrants(notice=f"{path} could not be read ({error.strerror}); no earlier answer covers a tool call")
    try:
        found = yaml.safe_load(data.decode("utf-8")) if len(data) <= MAX_BYTES else None
        rows = tuple(_row(item) for item in _list(found))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        why = str(error).split("\n", 1)[0]
        return KeptGrants(
            notice=f"{path} cannot be read as grants ({why}); no earlier answer covers a tool call, and new ones are "
            "not kept until the file is mended or removed"
        )
    return KeptGrants(rows)


def add_grant(path: Path, row: GrantRow) -> None:
    """Keep this grant once. Raises `OSError`, and `Failure` for a file that cannot be read."""
    _change(path, lambda rows: rows if any(_is_same(r, row) for r in rows) else (*rows, row))


def remove_grants(path: Path, rule: str) -> tuple[GrantRow, ...]:
    """Remove every grant of this rule, and return them. Raises `OSError`, and `Failure` for an unreadable file."""
    removed: list[GrantRow] = []

    def drop(rows: tuple[GrantRow, ...]) -> tuple[GrantRow, ...]:
        removed.extend(r for r in rows if r.rule == rule)
        return tuple(r for r in rows if r.rule != rule)

    _change(path, drop)
    return tuple(removed)


def _change(path: Path, change: Callable[[tuple[GrantRow, ...]], tuple[GrantRow, ...]]) -> None:
    import yaml

    with one_writer(path):
        kept = read_grants(path)
        if kept.notice:
            raise Failure(Kind.CONFIG, kept.notice)
        after = change(kept.rows)
        if after != kept.rows:
            items = [{"rule": r.rule, "scope": r.scope, "since": r.since, "timeline": r.timeline} for r in after]
            text = _HEAD + yaml.safe_dump(items, allow_unicode=True, sort_keys=False, width=1000)
            write_whole(path, text.encode())


def _is_same(one: GrantRow, other: GrantRow) -> bool:
    return (one.rule, one.scope, one.timeline) == (other.rule, other.scope, other.timeline)


def _list(found: Any) -> list[Any]:
    if found is None:
        return []
    if not isinstance(found, list):
        raise ValueError("it is not a list")
    return found


def _row(item: Any) -> GrantRow:
    if not isinstance(item, Mapping):
        raise ValueError("one of its items is not a mapping")
    rule, scope, timeline = item.get("rule"), item.get("scope"), item.get("timeline")
    if not isinstance(rule, str) or not rule.strip() or scope not in ("always", "timeline"):
        raise ValueError("a grant has a rule, and the scope always or timeline")
    if (scope == "timeline") is not isinstance(timeline, str):
        raise ValueError("a grant of the scope timeline names its timeline")
    return GrantRow(rule, scope, str(item.get("since") or ""), timeline)
