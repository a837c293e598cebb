"""Reads the answers to small questions: one JSON document, and the rows of a list in it, in any form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ralph.providers._failures import Peer, build_malformed_answer

# The most seconds to wait for a list or a version: a turn or a person waits for it.
ASK_S = 15.0
# More pages than any server has; an endless list is not followed.
MOST_PAGES = 20

Row = Mapping[str, Any]


def document(who: Peer, body: bytes) -> Any:
    """Return the JSON of a body. Raises `ProviderFailure` for anything else."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        text = body[:200].lstrip().lower()
        what = (
            "an empty answer" if not text else "a web page" if text.startswith(b"<") else "something that is not JSON"
        )
        raise build_malformed_answer(who, what) from None


def rows(who: Peer, listed: Any, key: str, name: str) -> tuple[Row, ...]:
    """Return the rows of `{key: [{name: "…"}, …]}` or of a bare list, without rows that have no name.

    Raises `ProviderFailure` for a document without such a list.
    """
    found = listed.get(key) if isinstance(listed, dict) else listed
    if found is None and isinstance(listed, dict) and key in listed:
        return ()  # Go encodes an empty list as null
    if not isinstance(found, list):
        raise build_malformed_answer(who, "no list of models")
    kept = tuple(row for row in found if isinstance(row, dict) and text(row, name))
    if found and not kept:
        raise build_malformed_answer(who, "a list of models without names")
    return kept


def text(row: Row, *names: str) -> str | None:
    """Return the first of these fields that is text."""
    return next((row[n] for n in names if isinstance(row.get(n), str) and row[n]), None)


def whole(row: Row, *names: str) -> int | None:
    """Return the first of these fields that is a count."""
    found = (row.get(n) for n in names)
    return next((n for n in found if isinstance(n, int) and not isinstance(n, bool) and n > 0), None)


def inner(row: Row, name: str) -> Row:
    """Return the mapping in this field; an empty one if there is none."""
    found = row.get(name)
    return found if isinstance(found, dict) else {}
