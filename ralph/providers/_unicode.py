"""Text of a server as text that every file, screen and database takes: no half of a surrogate pair, no NUL.

JSON may write a character beyond U+FFFF as two escapes, and servers cut their text between the two. The halves are
joined where they meet; one that stays alone becomes U+FFFD, and so does NUL, at which C strings end.
"""

from __future__ import annotations

from typing import Any

from ralph.core.unicode import REPLACEMENT, whole

_DEEPEST = 200


def pair_halves(text: str) -> str:
    """The text with its halves joined, and U+FFFD for NUL and for each half that has no other."""
    return whole(text if type(text) is str else str(text)).replace("\x00", REPLACEMENT)


def is_unfinished(text: str) -> bool:
    """The text ends with the first half of a pair, so that the next may complete it."""
    return "\ud800" <= text[-1:] <= "\udbff"


def scrub(value: Any, depth: int = 0) -> Any:
    """A JSON value with every text in it, keys too, by `pair_halves`. Deeper than 200 levels it is left out."""
    if isinstance(value, str):
        return pair_halves(value)
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {pair_halves(str(k)): scrub(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(v, depth + 1) for v in value]
    return value
