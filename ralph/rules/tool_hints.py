"""The tools that a model will probably want for a text that no rule understands: a URL, a file, an order to change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ralph.rules import paths

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]{3,}", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:add|append|change|convert|correct|create|delete|edit|fill|fix|format|improve|insert|make|mend|modify|move|"
    r"refactor|remove|rename|repair|replace|rewrite|save|set|shorten|sort|translate|update|write)\b",
    re.IGNORECASE,
)
_WORDS = 60
_MARKS = "?!.,;:()\"'`<>"


def find_hints(text: str) -> Iterator[str]:
    """Yield the names of the tools, the likelier first."""
    if _URL.search(text):
        yield "web_fetch"
    words = [word.strip(_MARKS) for word in _URL.sub(" ", text).split()[:_WORDS]]
    if any(paths.file(word) for word in words):
        yield "files"
        if _CHANGE.search(text):
            yield "edit_file"
            yield "write_file"
