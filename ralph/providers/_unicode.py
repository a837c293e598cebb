"""Cleans a server's text for files, screens and databases: no half of a surrogate pair, and no NUL.

JSON may write a character beyond U+FFFF as two escapes, and servers may cut the text between the two. Halves are joined
where they meet. A half that stays alone becomes U+FFFD; so does NUL, at which C strings end.
"""

from __future__ import annotations

from typing import Any

from ralph.core.unicode import REPLACEMENT, whole

_DEEPEST = 200


def pair_halves(text: str) -> str:
    """Return the text with its halves joined, and U+FFFD for NUL and for each single half."""
    return whole(text if type(text) is str else str(text)).replace("\x00", REPLACEMENT)


def is_unfinished(text: str) -> bool:
    """Return whether the text ends with the first half of a pair, which the next text may complete."""
    return "\ud800" <= text[-1:] <= "\udbff"


def scrub(value: Any, depth: int = 0) -> Any:
    """Return a JSON value with `pair_halves` applied to every text and key. Levels deeper than 200 are left out."""
    if isinstance(value, str):
        return pair_halves(value)
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {pair_halves(str(k)): scrub(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(v, depth + 1) for v in value]
    return value
