"""Answers to small questions: one document of JSON, and the rows of a list in it, whatever really came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ralph.providers._failures import Peer, build_malformed_answer

# A list or a version that takes longer is not waited for: a turn or a person waits behind it.
ASK_S = 15.0
# More than any server has; a list that says it goes on for ever is not followed.
MOST_PAGES = 20

Row = Mapping[str, Any]


def document(who: Peer, body: bytes) -> Any:
    """The JSON of a body. Raises `ProviderFailure` for anything else."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        text = body[:200].lstrip().lower()
        what = (
            "an empty answer" if not text else "a web page" if text.startswith(b"<") else "something that is not JSON"
        )
        raise build_malformed_answer(who, what) from None


def rows(who: Peer, listed: Any, key: str, name: str) -> tuple[Row, ...]:
    """The rows of `{key: [{name: "…"}, …]}`, or of the bare list; without those that have no name.

    Raises `ProviderFailure` for a document that holds no such list.
    """
    found = listed.get(key) if isinstance(listed, dict) else listed
    if found is None and isinstance(listed, dict) and key in listed:
        return ()  # Go writes an empty list so
    if not isinstance(found, list):
        raise build_malformed_answer(who, "no list of models")
    kept = tuple(row for row in found if isinstance(row, dict) and text(row, name))
    if found and not kept:
        raise build_malformed_answer(who, "a list of models without names")
    return kept


def text(row: Row, *names: str) -> str | None:
    """The first of these fields that is text."""
    return next((row[n] for n in names if isinstance(row.get(n), str) and row[n]), None)


def whole(row: Row, *names: str) -> int | None:
    """The first of these fields that is a count."""
    found = (row.get(n) for n in names)
    return next((n for n in found if isinstance(n, int) and not isinstance(n, bool) and n > 0), None)


def inner(row: Row, name: str) -> Row:
    """The mapping in this field; an empty one where there is none."""
    found = row.get(name)
    return found if isinstance(found, dict) else {}
